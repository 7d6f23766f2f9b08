// What becomes of everybody in one completion, form after form. What people are still to decide has several ends: how
// groups that share places divide them, and who of those that tie at the cut-off is in. A form below is judged for
// each.
#include <stdlib.h>
#include <string.h>

#include "engine/standings/worlds.h"

static bool judge_from(struct walk *walk, size_t form);

static bool spend(struct walk *walk, size_t steps)
{
    walk->steps += (int64_t)steps;
    return walk->steps <= COMPLETIONS_MOST_STEPS;
}

// ---- order ----

static int compare_values(const struct contest *contest, size_t a, size_t b)
{
    const struct contestant *contestants = contest->input->contestants;
    if (contestants[a].group != contestants[b].group)
        return contestants[a].group < contestants[b].group ? -1 : 1;
    const int *one = &contest->ordinals[a * ORDINAL_STRIDE], *two = &contest->ordinals[b * ORDINAL_STRIDE];
    size_t count = standing_keys_of(contest->input->policy, contestants[a].kind).count;
    for (size_t k = 0; k < count; k++)
        if (one[k] != two[k])
            return one[k] > two[k] ? -1 : 1;
    return 0;
}

static int compare_decisions(const struct contestant *a, const struct contestant *b)
{
    if (!a->tie_decision || !b->tie_decision)
        return (b->tie_decision != NULL) - (a->tie_decision != NULL);
    return strcmp(a->tie_decision, b->tie_decision);
}

static int compare_candidates(const void *a, const void *b, void *context)
{
    const struct contest *contest = context;
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    const struct contestant *one = &contest->input->contestants[left], *two = &contest->input->contestants[right];
    int order = compare_values(contest, left, right);
    if (!order)
        order = compare_decisions(one, two);
    if (!order && one->tie_decision)
        order = (one->tie_place > two->tie_place) - (one->tie_place < two->tie_place);
    return order ? order : (left > right) - (left < right);
}

// Inside a block of equals, a decision on a tie separates those that it names, and nobody else.
static void place_block(struct contest *contest, size_t first, size_t end, size_t better)
{
    const struct contestant *contestants = contest->input->contestants;
    const size_t *order = contest->order;
    for (size_t i = first, next; i < end; i = next) {
        const struct contestant *leader = &contestants[order[i]];
        next = i + 1;
        while (leader->tie_decision && next < end && compare_decisions(leader, &contestants[order[next]]) == 0)
            next++;
        for (size_t k = i, same; k < next; k = same) {
            same = k + 1;
            while (same < next && contestants[order[same]].tie_place == contestants[order[k]].tie_place)
                same++;
            for (size_t at = k; at < same; at++) {
                contest->above[order[at]] = (int64_t)(better + k - i);
                contest->tied[order[at]] = (int64_t)(end - first - 1 - (k - i) - (next - same));
            }
        }
    }
}

// How many of the candidates stand above each, and how many nothing separates from it.
static void place_candidates(struct contest *contest)
{
    const struct contestant *contestants = contest->input->contestants;
    const size_t *order = contest->order;
    memset(contest->eligible, 0, contest->input->policy->group_count * sizeof *contest->eligible);
    for (size_t i = 0, group = 0, end; i < contest->count; i = end) {
        if (contestants[order[i]].group != contestants[order[group]].group)
            group = i;
        for (end = i + 1; end < contest->count && compare_values(contest, order[i], order[end]) == 0;)
            end++;
        place_block(contest, i, end, i - group);
        contest->eligible[contestants[order[i]].group] += (int64_t)(end - i);
    }
}

static void list_candidates(const struct walk *walk, size_t form, bool all)
{
    struct contest *contest = &walk->contests[form];
    contest->count = 0;
    for (size_t i = 0; i < walk->unit_count; i++) {
        const size_t unit = contest->ranked[i];
        bool candidate = contest->competes[unit] && (walk->eligible[unit] >> form & 1U) &&
                         !(contest->exclusive && contest->has_above[unit]);
        if (candidate && (all || contest->forced[unit] != KEPT_OUT))
            contest->order[contest->count++] = unit;
    }
}

// ---- the outcome, with so many places for each group ----

static uint16_t tier_outcome(const struct contest *contest, size_t unit)
{
    if (!contest->tiers_left)
        return BECAME_INSIDE;
    const size_t count = contest->form->tier_count;
    const int64_t *left = &contest->tiers_left[contest->input->contestants[unit].group * count];
    size_t best = tier_at(left, count, contest->above[unit] + 1);
    size_t worst = tier_at(left, count, contest->above[unit] + contest->tied[unit] + 1);
    return best == worst ? (uint16_t)(BECAME_INSIDE << best) : BECAME_TIED_TIER;
}

static uint16_t outcome_of(const struct contest *contest, size_t unit)
{
    const enum tie_policy ties = contest->input->policy->ties;
    size_t group = contest->input->contestants[unit].group;
    int64_t room = contest->taken[group], above = contest->above[unit], with = above + 1 + contest->tied[unit];
    if (above >= room)
        return BECAME_OUTSIDE;
    int64_t everybody = with + (int64_t)contest->count - contest->eligible[group];
    if (with <= room || (ties == TIES_ADMIT_ALL && everybody <= places_left(&contest->demand.quotas[0])))
        return tier_outcome(contest, unit);
    return ties == TIES_ADMIT_NONE ? BECAME_OUTSIDE : BECAME_TIED;
}

// ---- what people are still to decide ----

// In every way in which people can still say who of a form has it. Who has one above has that whatever they say.
static bool force_from(struct walk *walk, size_t form, size_t from)
{
    const struct contest *contest = &walk->contests[form];
    bool *has = walk->contests[form + 1].has_above, good = true;
    size_t i = from;
    while (i < walk->unit_count && (contest->forced[i] != EITHER || contest->has_above[i]))
        i++;
    if (i == walk->unit_count)
        return judge_from(walk, form + 1);
    bool computed = has[i];
    has[i] = false;
    good = force_from(walk, form, i + 1);
    has[i] = true;
    good = good && force_from(walk, form, i + 1);
    has[i] = computed;
    return good;
}

static bool is_placed_above(const struct contest *contest, size_t high, size_t low)
{
    const struct contestant *one = &contest->input->contestants[high], *two = &contest->input->contestants[low];
    return one->group == two->group && one->tie_decision && two->tie_decision && one->tie_place < two->tie_place &&
           strcmp(one->tie_decision, two->tie_decision) == 0 && compare_values(contest, high, low) == 0;
}

static bool passes_over(const struct contest *contest, size_t unit)
{
    for (size_t i = 0; i < contest->tie_count; i++)
        if (!contest->let_in[contest->ties[i]] && is_placed_above(contest, contest->ties[i], unit))
            return true;
    return false;
}

// Nobody whom a decision places above one that was let in is left out.
static bool keeps_decisions(const struct contest *contest)
{
    for (size_t i = 0; i < contest->tie_count; i++) {
        size_t unit = contest->ties[i];
        if (contest->let_in[unit] && contest->input->contestants[unit].tie_decision && passes_over(contest, unit))
            return false;
    }
    return true;
}

static bool end_ties(struct walk *walk, size_t form)
{
    const struct contest *contest = &walk->contests[form];
    bool *has = walk->contests[form + 1].has_above;
    if (!keeps_decisions(contest))
        return true;
    for (size_t i = 0; i < contest->tie_count; i++) {
        size_t unit = contest->ties[i];
        has[unit] = contest->let_in[unit] || contest->has_above[unit] || contest->forced[unit] == GETS_IT;
    }
    return force_from(walk, form, 0);
}

// As many of those that tie come in as there are places.
static bool decide_ties(struct walk *walk, size_t form, size_t from)
{
    struct contest *contest = &walk->contests[form];
    if (!spend(walk, 1 + contest->tie_count))
        return false;
    if (from == contest->tie_count)
        return end_ties(walk, form);
    size_t unit = contest->ties[from], group = contest->input->contestants[unit].group;
    bool good = true;
    contest->left[group]--;
    if (contest->chosen[group] + contest->left[group] >= contest->wanted[group])
        good = decide_ties(walk, form, from + 1);
    if (good && contest->chosen[group] < contest->wanted[group]) {
        contest->chosen[group]++;
        contest->let_in[unit] = true;
        good = decide_ties(walk, form, from + 1);
        contest->let_in[unit] = false;
        contest->chosen[group]--;
    }
    contest->left[group]++;
    return good;
}

// What the form leaves to those below it.
static bool hand_down(struct walk *walk, size_t form)
{
    struct contest *contest = &walk->contests[form];
    bool *has = walk->contests[form + 1].has_above;
    const size_t groups = contest->input->policy->group_count;
    contest->tie_count = 0;
    memset(contest->chosen, 0, groups * sizeof *contest->chosen);
    memset(contest->left, 0, groups * sizeof *contest->left);
    memset(contest->inside, 0, groups * sizeof *contest->inside);
    for (size_t i = 0; i < walk->unit_count; i++)
        has[i] = contest->has_above[i] || contest->forced[i] == GETS_IT;
    for (size_t i = 0; i < contest->count; i++) {
        size_t unit = contest->order[i], group = contest->input->contestants[unit].group;
        if (contest->became[unit] == BECAME_TIED) {
            contest->ties[contest->tie_count++] = unit;
            contest->left[group]++;
        } else if (contest->became[unit] != BECAME_OUTSIDE) {
            has[unit] = true;
            contest->inside[group]++;
        }
    }
    for (size_t g = 0; g < groups; g++) {
        int64_t room = contest->taken[g] - contest->inside[g];
        contest->wanted[g] = contest->left[g] < room ? contest->left[g] : room;
    }
    return decide_ties(walk, form, 0);
}

// ---- how groups divide the places that they share ----

static bool note_outcomes(struct walk *walk, size_t form, bool all)
{
    struct contest *contest = &walk->contests[form];
    uint16_t *plain = &walk->plain[form * walk->unit_count], *without = &walk->without[form * walk->unit_count];
    for (size_t i = 0; i < walk->unit_count; i++)
        contest->became[i] = BECAME_OUTSIDE;
    for (size_t i = 0; i < contest->count; i++)
        contest->became[contest->order[i]] = outcome_of(contest, contest->order[i]);
    for (size_t i = 0; i < walk->unit_count; i++) {
        if (all || !contest->keeps_out)
            plain[i] |= contest->became[i];
        if (!all)
            without[i] |= contest->became[i];
    }
    return all || !contest->bears || hand_down(walk, form);
}

static bool fits(struct contest *contest)
{
    const struct demand *demand = &contest->demand;
    memset(contest->below, 0, demand->quota_count * sizeof *contest->below);
    for (size_t g = 0; g < contest->input->policy->group_count; g++)
        contest->below[demand->quota_of_group[g]] += contest->taken[g];
    for (size_t q = demand->quota_count; q-- > 0;) { // children stand behind their parents
        if (contest->below[q] > places_left(&demand->quotas[q]))
            return false;
        if (q)
            contest->below[demand->quotas[q].parent] += contest->below[q];
    }
    return true;
}

// After fits(): whether the group could take one place more.
static bool has_room(const struct contest *contest, size_t group)
{
    const struct quota *quotas = contest->demand.quotas;
    for (size_t q = contest->demand.quota_of_group[group];; q = quotas[q].parent) {
        if (contest->below[q] >= places_left(&quotas[q]))
            return false;
        if (q == 0)
            return true;
    }
}

// Nobody leaves a place that no other takes.
static bool is_full(struct contest *contest)
{
    if (!fits(contest))
        return false;
    for (size_t g = 0; g < contest->input->policy->group_count; g++)
        if (contest->taken[g] < contest->most[g] && has_room(contest, g))
            return false;
    return true;
}

static bool divide_from(struct walk *walk, size_t form, size_t group, bool all)
{
    struct contest *contest = &walk->contests[form];
    const size_t groups = contest->input->policy->group_count;
    bool good = spend(walk, walk->unit_count + groups + contest->demand.quota_count);
    while (group < groups && contest->most[group] == 0)
        group++;
    if (group == groups)
        return good && (!is_full(contest) || note_outcomes(walk, form, all));
    for (contest->taken[group] = 0; good && contest->taken[group] <= contest->most[group] && fits(contest);
         contest->taken[group]++)
        good = divide_from(walk, form, group + 1, all);
    contest->taken[group] = 0;
    return good;
}

static bool divide(struct walk *walk, size_t form, bool all)
{
    struct contest *contest = &walk->contests[form];
    const size_t groups = contest->input->policy->group_count;
    for (size_t g = 0; g < groups; g++) {
        int64_t alone = contest->demand.alone[g];
        contest->most[g] = contest->eligible[g] < alone ? contest->eligible[g] : alone;
        contest->taken[g] = contest->most[g];
    }
    if (fits(contest)) // there is nothing to divide
        return spend(walk, walk->unit_count + groups + contest->demand.quota_count) && note_outcomes(walk, form, all);
    memset(contest->taken, 0, groups * sizeof *contest->taken);
    return divide_from(walk, form, 0, all);
}

// Many ways to decide above leave the same units to this form, of which the first few are remembered.
static bool was_judged(struct contest *contest, size_t units)
{
    for (size_t i = 0; i < contest->judged_count; i++)
        if (memcmp(&contest->judged[i * units], contest->has_above, units) == 0)
            return true;
    if (contest->judged_count < JUDGED_MOST && units)
        memcpy(&contest->judged[contest->judged_count++ * units], contest->has_above, units);
    return false;
}

static bool judge_from(struct walk *walk, size_t form)
{
    if (form == walk->form_count)
        return true;
    struct contest *contest = &walk->contests[form];
    if (!spend(walk, walk->unit_count))
        return false;
    if (was_judged(contest, walk->unit_count))
        return true;
    for (int all = contest->keeps_out; all >= 0; all--) {
        list_candidates(walk, form, all != 0);
        place_candidates(contest);
        if (!divide(walk, form, all != 0))
            return false;
    }
    if (contest->bears || form + 1 == walk->form_count)
        return true;
    memcpy(walk->contests[form + 1].has_above, contest->has_above, walk->unit_count * sizeof *contest->has_above);
    return judge_from(walk, form + 1);
}

bool world_judge(struct walk *walk)
{
    for (size_t f = 0; f < walk->form_count; f++) {
        struct contest *contest = &walk->contests[f];
        contest->judged_count = 0;
        if (contest->input->share)
            share_places_of_world(walk, contest);
        if (walk->unit_count) // once: whatever people decide, those who compete stand in this order
            qsort_r(contest->ranked, walk->unit_count, sizeof *contest->ranked, compare_candidates, contest);
    }
    if (walk->unit_count)
        memset(walk->contests[0].has_above, 0, walk->unit_count * sizeof *walk->contests[0].has_above);
    return judge_from(walk, 0);
}
