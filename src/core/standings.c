#include "thidua/standings.h"

#include <stdlib.h>
#include <string.h>

#include "standings_internal.h"
#include "thidua/decimal.h"

struct ranking {
    struct arena *arena;
    const struct standings_input *input;
    struct demand demand;
    size_t *waits, *tied; // room for all contestants, used again for each
};

// How the other candidates of its group stand to a unit.
struct surroundings {
    int64_t above;       // surely above it and surely eligible
    int64_t perhaps;     // open ones that can rank at or above it
    int64_t tied;        // eligible ones that nothing sets apart from it
    int64_t shown_above; // for the rank
};

const char *standing_status_name(enum standing_status status)
{
    static const char *const names[] = {"SECURE", "POSSIBLE", "OUT", "TIE_TO_DECIDE"};
    return names[status];
}

static bool competes(const struct ranking *ranking, size_t unit, size_t other)
{
    const struct contestant *contestants = ranking->input->contestants;
    return other != unit && contestants[other].group == contestants[unit].group && is_candidate(&contestants[other]);
}

static const size_t *copy_slots(struct arena *arena, const size_t *slots, size_t count)
{
    size_t *copy = arena_array(arena, count, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = slots[i];
    return copy;
}

static struct surroundings survey(const struct ranking *ranking, size_t unit, struct standing *row)
{
    const struct contestant *contestants = ranking->input->contestants;
    struct surroundings found = {0};
    size_t count = ranking->input->contestant_count, key;
    size_t *waits = ranking->waits, *tied = ranking->tied;
    for (size_t i = 0; i < count; i++) {
        if (!competes(ranking, unit, i))
            continue;
        enum order order = compare_contestants(ranking->input->policy, &contestants[i], &contestants[unit], &key);
        found.shown_above +=
            compare_as_shown(ranking->input->policy, &contestants[i], &contestants[unit]) == ORDER_ABOVE;
        if (order == ORDER_BELOW)
            continue;
        if (is_open(&contestants[i]) || order == ORDER_OPEN)
            waits[found.perhaps++] = i;
        else if (order == ORDER_ABOVE)
            found.above++;
        else
            tied[found.tied++] = i;
    }
    row->waits_for_count = (size_t)found.perhaps;
    row->waits_for = copy_slots(ranking->arena, waits, row->waits_for_count);
    row->tied_with_count = (size_t)found.tied;
    row->tied_with = copy_slots(ranking->arena, tied, row->tied_with_count);
    return found;
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

// For each group the eligible unit on the last place of the group's own quota; SIZE_MAX if it has none. Rows stand as
// the contestants do.
static size_t *find_last_inside(const struct ranking *ranking, const struct standing *rows)
{
    const struct standings_input *input = ranking->input;
    size_t *last = arena_array(ranking->arena, input->policy->group_count, sizeof *last);
    for (size_t group = 0; group < input->policy->group_count; group++)
        last[group] = SIZE_MAX;
    for (size_t i = 0; i < input->contestant_count; i++) {
        const struct contestant *contestant = &input->contestants[i];
        if (contestant->group >= input->policy->group_count || contestant->overall != OVERALL_ELIGIBLE)
            continue;
        size_t *place = &last[contestant->group];
        int64_t places = ranking->demand.quotas[ranking->demand.quota_of_group[contestant->group]].places;
        if (rows[i].rank <= places && (*place == SIZE_MAX || rows[i].rank > rows[*place].rank))
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

// Why a unit that is a candidate is not inside.
static void explain(const struct ranking *ranking, size_t unit, const size_t *last_inside, struct standing *row)
{
    const struct standings_input *input = ranking->input;
    const struct contestant *contestant = &input->contestants[unit];
    if (row->status == STANDING_SECURE || !is_candidate(contestant) || contestant->group >= input->policy->group_count)
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
    row->has_margin = margin_of(&input->policy->keys[key], contestant->keys[key], other->keys[key], &row->margin);
}

static void apply_override(const struct standings_input *input, struct standing *row)
{
    for (size_t i = 0; i < input->override_count; i++)
        if (strcmp(input->overrides[i].unit_id, input->contestants[row->contestant].unit_id) == 0)
            row->override = &input->overrides[i]; // the latest one counts
    row->override_is_moot = row->override && row->override->decided == row->status;
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

static bool exceed_cap(const struct standings_input *input, const struct standing *rows)
{
    int64_t secure = 0;
    for (size_t i = 0; i < input->contestant_count; i++) {
        enum standing_status status = rows[i].override ? rows[i].override->decided : rows[i].status;
        secure += status == STANDING_SECURE;
    }
    return secure > input->policy->cap;
}

struct standings standings_compute(struct arena *arena, const struct standings_input *input)
{
    struct ranking ranking = {
        .arena = arena,
        .input = input,
        .demand = measure_demand(arena, input),
        .waits = arena_array(arena, input->contestant_count, sizeof *ranking.waits),
        .tied = arena_array(arena, input->contestant_count, sizeof *ranking.tied),
    };
    struct standing *rows = arena_array(arena, input->contestant_count, sizeof *rows);
    for (size_t i = 0; i < input->contestant_count; i++) {
        const struct contestant *contestant = &input->contestants[i];
        rows[i] = (struct standing){.contestant = i, .against = SIZE_MAX, .decided_by = SIZE_MAX};
        struct surroundings found = survey(&ranking, i, &rows[i]);
        rows[i].rank = is_candidate(contestant) ? found.shown_above + 1 : 0;
        rows[i].status = status_of(&ranking, contestant, found);
    }
    const size_t *last_inside = find_last_inside(&ranking, rows);
    for (size_t i = 0; i < input->contestant_count; i++) {
        explain(&ranking, i, last_inside, &rows[i]);
        apply_override(input, &rows[i]);
    }
    struct standings standings = {rows, input->contestant_count, exceed_cap(input, rows)};
    if (input->contestant_count)
        qsort_r(rows, input->contestant_count, sizeof *rows, compare_rows, (void *)(uintptr_t)input->contestants);
    return standings;
}
