#include "thidua/standings.h"

#include <stdlib.h>
#include <string.h>

#include "engine/standings/private.h"
#include "thidua/decimal.h"

struct ranking {
    struct arena *arena;
    const struct standings_input *input;
    struct demand demand;
};

const char *const decided_status_names[] = {"SECURE", "POSSIBLE", "OUT", "TIE_TO_DECIDE", NULL};

const char *standing_status_name(enum standing_status status)
{
    return status == STANDING_AWARDED ? "AWARDED" : decided_status_names[status];
}

static enum standing_status status_of_tied(const struct ranking *ranking, size_t group, int64_t with_ties)
{
    if (ranking->input->policy->ties == TIES_ADMIT_NONE)
        return STANDING_OUT;
    bool all = ranking->input->policy->ties == TIES_ADMIT_ALL && fits_cap(&ranking->demand, group, with_ties);
    return all ? STANDING_SECURE : STANDING_TIE_TO_DECIDE;
}

static enum standing_status status_of(const struct ranking *ranking, const struct contestant *contestant,
                                      struct surroundings found)
{
    const struct demand *demand = &ranking->demand;
    if (contestant->awarded)
        return STANDING_AWARDED;
    if (!is_candidate(contestant) || contestant->group >= ranking->input->policy->group_count ||
        !fits_quotas(demand, contestant->group, found.above + 1, false))
        return STANDING_OUT;
    int64_t before_ties = found.above + found.perhaps + 1;
    if (is_open(contestant) || !fits_quotas(demand, contestant->group, before_ties, true))
        return STANDING_POSSIBLE;
    if (fits_quotas(demand, contestant->group, before_ties + found.tied, true))
        return STANDING_SECURE;
    return status_of_tied(ranking, contestant->group, before_ties + found.tied);
}

// What it waits for is told of a unit that is POSSIBLE by what is open.
static void set_status(const struct ranking *ranking, const struct contestant *contestant, struct surroundings found,
                       struct standing *row)
{
    const struct standing_policy *policy = ranking->input->policy;
    bool ranked = is_candidate(contestant) && contestant->group < policy->group_count;
    if (!is_sharp(policy) || !ranked)
        row->status = status_of(ranking, contestant, found);
    else
        row->status = status_by_completions(&ranking->demand, contestant, found, &row->cause);
    if (is_sharp(policy) && (row->status != STANDING_POSSIBLE || row->cause != CAUSE_ORDER))
        row->waits_for_count = 0;
}

// For each group the eligible unit on the last place of the group's own quota; SIZE_MAX if there is none. `rows` are in
// the order of the contestants.
static size_t *find_last_inside(const struct ranking *ranking, const struct standing *rows)
{
    const struct standings_input *input = ranking->input;
    size_t *last = arena_array(ranking->arena, input->policy->group_count, sizeof *last);
    for (size_t group = 0; group < input->policy->group_count; group++)
        last[group] = SIZE_MAX;
    for (size_t i = 0; i < input->contestant_count; i++) {
        const struct contestant *contestant = &input->contestants[i];
        if (contestant->group >= input->policy->group_count || !is_candidate(contestant) || is_open(contestant))
            continue;
        size_t *place = &last[contestant->group];
        int64_t places = places_left_surely(&ranking->demand.quotas[ranking->demand.quota_of_group[contestant->group]]);
        if (rows[i].rank > places)
            continue;
        bool tied = *place != SIZE_MAX && rows[i].rank == rows[*place].rank;
        // Of those that share the last place one is named, whatever the order in which they come.
        if (tied ? is_sharp(input->policy) && strcmp(contestant->unit_id, input->contestants[*place].unit_id) < 0
                 : *place == SIZE_MAX || rows[i].rank > rows[*place].rank)
            *place = i;
    }
    return last;
}

static bool margin_of(const struct standing_key *key, struct key_value own, struct key_value other, int64_t *ret_margin)
{
    if (!own.known || !other.known)
        return false;
    if (key->kind == KEY_RATIO)
        return ratio_margin(own.part, own.whole, other.part, other.whole, ret_margin);
    return !__builtin_sub_overflow(own.part, other.part, ret_margin);
}

// Says why a candidate is not inside.
static void explain(const struct ranking *ranking, size_t unit, const size_t *last_inside, struct standing *row)
{
    const struct standings_input *input = ranking->input;
    const struct contestant *contestant = &input->contestants[unit];
    if (row->status == STANDING_SECURE || row->cause != CAUSE_ORDER || !is_candidate(contestant) ||
        contestant->group >= input->policy->group_count)
        return;
    if (last_inside[contestant->group] == SIZE_MAX || last_inside[contestant->group] == unit)
        return;
    row->against = last_inside[contestant->group];
    const struct contestant *other = &input->contestants[row->against];
    enum order order = compare_contestants(input->policy, contestant, other, &row->decided_by);
    if (order != ORDER_BELOW || row->decided_by == SIZE_MAX) {
        row->decided_by = SIZE_MAX;
        return;
    }
    size_t key = row->decided_by;
    row->has_margin = margin_of(&standing_keys_of(input->policy, contestant->kind).items[key], contestant->keys[key],
                                other->keys[key], &row->margin);
}

static void apply_overrides(const struct ranking *ranking, struct standing *rows)
{
    const struct standings_input *input = ranking->input;
    const struct standing_override **latest = overrides_in_force(ranking->arena, input);
    for (size_t i = 0; i < input->contestant_count; i++) {
        rows[i].override = latest[i];
        set_moot(&rows[i]);
    }
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct standing *left = a, *right = b;
    const struct contestant *contestants = context;
    const struct contestant *one = &contestants[left->contestant], *two = &contestants[right->contestant];
    if (one->group != two->group)
        return one->group < two->group ? -1 : 1;
    if (left->rank != right->rank) // those without a rank come last
        return right->rank == 0 || (left->rank != 0 && left->rank < right->rank) ? -1 : 1;
    return strcmp(one->unit_id, two->unit_id);
}

static struct standing *compute_rows(struct arena *arena, const struct standings_input *input,
                                     struct surroundings *found, size_t *ret_comparisons)
{
    struct ranking ranking = {arena, input, measure_demand(arena, input)};
    struct standing *rows = arena_array(arena, input->contestant_count, sizeof *rows);
    for (size_t i = 0; i < input->contestant_count; i++)
        rows[i] = (struct standing){.contestant = i, .against = SIZE_MAX, .decided_by = SIZE_MAX, .tier = SIZE_MAX};
    *ret_comparisons += rank_candidates(arena, input, rows) + survey_candidates(arena, input, rows, found);
    for (size_t i = 0; i < input->contestant_count; i++) {
        found[i].waits_for = rows[i].waits_for;
        found[i].waits_for_count = rows[i].waits_for_count;
    }
    for (size_t i = 0; i < input->contestant_count; i++)
        set_status(&ranking, &input->contestants[i], found[i], &rows[i]);
    wait_for_open_places(arena, input, &ranking.demand, rows);
    const size_t *last_inside = find_last_inside(&ranking, rows);
    for (size_t i = 0; i < input->contestant_count; i++)
        explain(&ranking, i, last_inside, &rows[i]);
    return rows;
}

static bool kept_out(const struct standings_input *input, const struct standing *row)
{
    return row->override && row->override->decided == STANDING_OUT &&
           is_candidate(&input->contestants[row->contestant]);
}

// Who is kept out by people competes for no place: the others are judged again as if it were not there. What was
// computed of those on whom people decided stays, and so do ranks, which people do not change.
static void free_places(struct arena *arena, const struct standings_input *input, struct standing *rows,
                        struct surroundings *found, size_t *ret_comparisons)
{
    struct contestant *left = arena_array(arena, input->contestant_count, sizeof *left);
    struct standings_input without = *input;
    bool any = false;
    for (size_t i = 0; i < input->contestant_count; i++) {
        left[i] = input->contestants[i];
        if (kept_out(input, &rows[i])) {
            left[i].overall = OVERALL_INELIGIBLE;
            any = true;
        }
    }
    if (!any)
        return;
    without.contestants = left;
    struct surroundings *found_again = arena_array(arena, input->contestant_count, sizeof *found_again);
    const struct standing *again = compute_rows(arena, &without, found_again, ret_comparisons);
    for (size_t i = 0; i < input->contestant_count; i++) {
        struct standing row = again[i];
        if (rows[i].override)
            continue;
        row.rank = rows[i].rank;
        row.freed = row.status != rows[i].status;
        rows[i] = row;
        found[i] = found_again[i];
    }
}

static bool is_inexact(const struct standings_input *input, const struct standing *rows)
{
    for (size_t i = 0; i < input->contestant_count && input->quota_count && input->quotas[0].open; i++)
        if (rows[i].status == STANDING_POSSIBLE)
            return true;
    return false;
}

struct standings compute_standings(struct arena *arena, const struct standings_input *input, struct surroundings *found)
{
    struct ranking ranking = {.arena = arena, .input = input};
    size_t comparisons = 0;
    struct standing *rows = compute_rows(arena, input, found, &comparisons);
    apply_overrides(&ranking, rows);
    if (is_sharp(input->policy) && input->override_count) {
        free_places(arena, input, rows, found, &comparisons);
        apply_overrides(&ranking, rows);
    }
    struct standings standings = {rows, input->contestant_count, overrides_exceed_cap(input, rows), comparisons,
                                  is_inexact(input, rows)};
    if (input->contestant_count)
        qsort_r(rows, input->contestant_count, sizeof *rows, compare_rows, (void *)(uintptr_t)input->contestants);
    return standings;
}

struct standings standings_compute(struct arena *arena, const struct standings_input *input)
{
    struct surroundings *found = arena_array(arena, input->contestant_count, sizeof *found);
    enum standing_status *statuses = arena_array(arena, input->contestant_count, sizeof *statuses);
    struct form_standings one = {.input = *input, .standings = compute_standings(arena, input, found)};
    const struct completions *completions = complete_all(arena, NULL, &one, 1);
    if (completions)
        settle_by_completions(arena, completions, 0, NULL, false, &one, statuses);
    return one.standings;
}
