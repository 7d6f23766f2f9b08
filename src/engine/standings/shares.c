// Places that are a share of those who are eligible: how many there are, which is known by the verdicts, and whom one
// waits for while some of those are open.
#include <stdlib.h>
#include <string.h>

#include "engine/standings/worlds.h"

static bool counts_surely(const struct contestant *counted)
{
    return counted->awarded || counted->overall == OVERALL_ELIGIBLE;
}

static bool may_come_to_count(const struct contestant *counted)
{
    return !counted->awarded && is_undetermined(counted);
}

// The places of every quota, with so many who count in the groups of each. A quota that holds groups is a share of
// those in them. The others are the sum of those below. The whole province's is the topmost: below it stand what was
// allocated, and the rest that this leaves.
static void share_places(const struct form_places *share, const struct quota *quotas, size_t count,
                         const int64_t *eligible, int64_t *ret_places)
{
    const bool whole = share->per == PLACES_WHOLE;
    int64_t all = 0, allocated = 0;
    memset(ret_places, 0, count * sizeof *ret_places);
    for (size_t i = count; i-- > 0;) { // children stand behind their parents
        all += eligible[i];
        if (!quotas[i].of_eligible)
            ret_places[i] = quotas[i].places;
        else if (whole ? i == 0 : quotas[i].group_count > 0)
            ret_places[i] = form_places_of(share, whole ? all : eligible[i]);
        if (i && !whole)
            ret_places[quotas[i].parent] += ret_places[i];
        if (i && !quotas[i].of_eligible && quotas[i].parent == 0)
            allocated += quotas[i].places;
    }
    for (size_t i = 1; i < count && whole; i++)
        if (quotas[i].of_eligible)
            ret_places[i] = ret_places[0] > allocated ? ret_places[0] - allocated : 0;
}

static size_t *quotas_of_groups(struct arena *arena, const struct standings_input *input)
{
    size_t *quota_of = arena_array(arena, input->policy->group_count, sizeof *quota_of);
    for (size_t i = 0; i < input->quota_count; i++)
        for (size_t k = 0; k < input->quotas[i].group_count; k++)
            quota_of[input->quotas[i].groups[k]] = i;
    return quota_of;
}

void form_count_eligible(struct arena *arena, const struct form_places *share, const struct contestant *counted,
                         struct standings_input *input)
{
    const size_t count = input->quota_count, *quota_of = quotas_of_groups(arena, input);
    struct quota *quotas = arena_array(arena, count, sizeof *quotas);
    int64_t *surely = arena_array(arena, count, sizeof *surely), *at_most = arena_array(arena, count, sizeof *at_most);
    int64_t *least = arena_array(arena, count, sizeof *least), *most = arena_array(arena, count, sizeof *most);
    for (size_t i = 0; i < input->contestant_count && count; i++) {
        if (input->contestants[i].group >= input->policy->group_count)
            continue;
        const size_t quota = quota_of[input->contestants[i].group];
        surely[quota] += counts_surely(&counted[i]);
        at_most[quota] += counts_surely(&counted[i]) || may_come_to_count(&counted[i]);
    }
    if (count) {
        memcpy(quotas, input->quotas, count * sizeof *quotas);
        share_places(share, quotas, count, surely, least);
        share_places(share, quotas, count, at_most, most);
    }
    for (size_t i = count; i-- > 0;) {
        quotas[i].places = most[i];
        quotas[i].open = most[i] - least[i];
        quotas[i].eligible += surely[i];
        quotas[i].undetermined += at_most[i] - surely[i];
        if (i) {
            quotas[quotas[i].parent].eligible += quotas[i].eligible;
            quotas[quotas[i].parent].undetermined += quotas[i].undetermined;
        }
    }
    input->quotas = quotas;
    input->share = share;
    input->counted = counted;
}

void share_places_of_world(const struct walk *walk, struct contest *contest)
{
    const struct standings_input *input = contest->input;
    const struct demand *demand = &contest->demand;
    memset(contest->counted, 0, demand->quota_count * sizeof *contest->counted);
    for (size_t i = 0; i < walk->unit_count; i++)
        if (input->contestants[i].group < input->policy->group_count)
            contest->counted[demand->quota_of_group[input->contestants[i].group]] +=
                input->counted[i].awarded || (walk->eligible[i] >> input->share->form & 1U);
    share_places(input->share, contest->quotas, demand->quota_count, contest->counted, contest->places);
    for (size_t q = 0; q < demand->quota_count; q++)
        contest->quotas[q].places = contest->places[q];
    for (size_t g = 0; g < input->policy->group_count; g++) // what quotas above leave is looked at group by group
        demand->alone[g] = places_left(&contest->quotas[demand->quota_of_group[g]]);
}

bool is_open_how_many(const struct demand *demand, size_t group)
{
    for (size_t q = demand->quota_of_group[group];; q = demand->quotas[q].parent)
        if (demand->quotas[q].open || q == 0)
            return demand->quotas[q].open > 0;
}

// ---- whom one waits for ----

struct waiting {
    struct arena *arena;
    const struct standings_input *input;
    const struct demand *demand;
    size_t *open, open_count; // those who may come to count, by quota, in the order of their ids
    size_t *end;              // by quota: behind the last of them
    size_t *seen, turn;       // by contestant: in which turn
};

static size_t quota_of(const struct waiting *waiting, size_t unit)
{
    return waiting->demand->quota_of_group[waiting->input->contestants[unit].group];
}

static int compare_open(const void *a, const void *b, void *context)
{
    const struct waiting *waiting = context;
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    const size_t one = quota_of(waiting, left), two = quota_of(waiting, right);
    if (one != two)
        return one < two ? -1 : 1;
    return strcmp(waiting->input->contestants[left].unit_id, waiting->input->contestants[right].unit_id);
}

static void list_open(struct waiting *waiting)
{
    const struct standings_input *input = waiting->input;
    waiting->open = arena_array(waiting->arena, input->contestant_count, sizeof *waiting->open);
    waiting->end = arena_array(waiting->arena, waiting->demand->quota_count, sizeof *waiting->end);
    for (size_t i = 0; i < input->contestant_count; i++)
        if (input->contestants[i].group < input->policy->group_count && may_come_to_count(&input->counted[i])) {
            waiting->open[waiting->open_count++] = i;
            waiting->end[quota_of(waiting, i)]++;
        }
    for (size_t q = 1; q < waiting->demand->quota_count; q++)
        waiting->end[q] += waiting->end[q - 1];
    if (waiting->open_count)
        qsort_r(waiting->open, waiting->open_count, sizeof *waiting->open, compare_open, waiting);
}

// Those who rank at or above it stand first; then those of its own quota, where that is open, else all.
static void wait_for_places(struct waiting *waiting, struct standing *row)
{
    const size_t quota = quota_of(waiting, row->contestant);
    const bool own = waiting->demand->quotas[quota].open && waiting->input->share->per != PLACES_WHOLE;
    size_t *list = arena_array(waiting->arena, STANDING_MOST_LISTED, sizeof *list), count = 0;
    waiting->turn++;
    for (size_t i = 0; i < row->waits_for_count; i++) {
        waiting->seen[row->waits_for[i]] = waiting->turn;
        list[count++] = row->waits_for[i];
    }
    size_t at = own && quota ? waiting->end[quota - 1] : 0, end = own ? waiting->end[quota] : waiting->open_count;
    for (; at < end && count < STANDING_MOST_LISTED; at++)
        if (waiting->seen[waiting->open[at]] != waiting->turn)
            list[count++] = waiting->open[at];
    row->waits_for = list;
    row->waits_for_count = count;
}

void wait_for_open_places(struct arena *arena, const struct standings_input *input, const struct demand *demand,
                          struct standing *rows)
{
    struct waiting waiting = {.arena = arena, .input = input, .demand = demand};
    if (!demand->quotas[0].open)
        return;
    list_open(&waiting);
    waiting.seen = arena_array(arena, input->contestant_count, sizeof *waiting.seen);
    for (size_t i = 0; i < input->contestant_count; i++)
        if (rows[i].status == STANDING_POSSIBLE && rows[i].cause == CAUSE_ORDER &&
            is_open_how_many(demand, input->contestants[rows[i].contestant].group))
            wait_for_places(&waiting, &rows[i]);
}
