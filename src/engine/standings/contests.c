// What is known of each form before any completion: who competes, its quotas, what people decided, and room for what
// comes.
#include "engine/standings/worlds.h"

#include <string.h>

// Whether an award that it has keeps the unit out of the form.
static bool is_blocked(const struct set_up *set, size_t form, size_t unit)
{
    for (size_t f = 0; f < set->walk.form_count; f++)
        if (contestant_in(set, f, unit)->awarded && (f == form || is_exclusive(set, f > form ? f : form)))
            return true;
    return false;
}

bool competes(const struct set_up *set, size_t form, size_t unit)
{
    const struct contestant *contestant = contestant_in(set, form, unit);
    return contestant->group < set->all[form].input.policy->group_count && contestant->overall != OVERALL_INELIGIBLE &&
           !is_blocked(set, form, unit);
}

static void read_decisions(const struct set_up *set, struct contest *contest)
{
    static const enum in_force meanings[] = {[STANDING_SECURE] = GETS_IT,
                                             [STANDING_POSSIBLE] = EITHER,
                                             [STANDING_OUT] = KEPT_OUT,
                                             [STANDING_TIE_TO_DECIDE] = EITHER,
                                             [STANDING_AWARDED] = GETS_IT};
    const struct standings_input *input = contest->input;
    const struct standing_override **overrides = overrides_in_force(set->arena, input);
    enum in_force *forced = arena_array(set->arena, set->walk.unit_count, sizeof *forced);
    for (size_t i = 0; i < set->walk.unit_count && input->override_count; i++) {
        if (!overrides[i] || input->contestants[i].awarded)
            continue;
        forced[i] = meanings[overrides[i]->decided];
        contest->keeps_out |= forced[i] == KEPT_OUT;
    }
    contest->forced = forced;
}

// Shares of those who are eligible have other places in every completion.
static void set_up_shares(const struct set_up *set, struct contest *contest)
{
    const size_t count = contest->demand.quota_count;
    if (!contest->input->share)
        return;
    contest->quotas = arena_array(set->arena, count, sizeof *contest->quotas);
    memcpy(contest->quotas, contest->demand.quotas, count * sizeof *contest->quotas);
    contest->demand.quotas = contest->quotas;
    contest->counted = arena_array(set->arena, count, sizeof *contest->counted);
    contest->places = arena_array(set->arena, count, sizeof *contest->places);
}

void set_up_contest(const struct set_up *set, size_t form)
{
    struct contest *contest = &set->walk.contests[form];
    struct arena *arena = set->arena;
    const size_t units = set->walk.unit_count, groups = set->all[form].input.policy->group_count;
    contest->input = &set->all[form].input;
    contest->demand = measure_demand(arena, contest->input);
    set_up_shares(set, contest);
    contest->exclusive = is_exclusive(set, form);
    for (size_t below = form + 1; below < set->walk.form_count; below++)
        contest->bears |= is_exclusive(set, below);
    if (set->forms && set->forms->items[form].tier_count) {
        contest->form = &set->forms->items[form];
        contest->tiers_left = tiers_left(arena, contest->form, contest->input);
    }
    read_decisions(set, contest);
    bool *can = arena_array(arena, units, sizeof *can);
    for (size_t i = 0; i < units; i++)
        can[i] = competes(set, form, i);
    contest->competes = can;
    contest->ordinals = arena_array(arena, units * ORDINAL_STRIDE, sizeof *contest->ordinals);
    contest->has_above = arena_array(arena, units, sizeof *contest->has_above);
    contest->let_in = arena_array(arena, units, sizeof *contest->let_in);
    contest->judged = arena_array(arena, units * JUDGED_MOST, sizeof *contest->judged);
    contest->ranked = arena_array(arena, units, sizeof *contest->ranked);
    for (size_t i = 0; i < units; i++)
        contest->ranked[i] = i;
    contest->order = arena_array(arena, units, sizeof *contest->order);
    contest->ties = arena_array(arena, units, sizeof *contest->ties);
    contest->above = arena_array(arena, units, sizeof *contest->above);
    contest->tied = arena_array(arena, units, sizeof *contest->tied);
    contest->became = arena_array(arena, units, sizeof *contest->became);
    int64_t **by_group[] = {&contest->eligible, &contest->taken,  &contest->most, &contest->inside,
                            &contest->wanted,   &contest->chosen, &contest->left};
    for (size_t i = 0; i < sizeof by_group / sizeof *by_group; i++)
        *by_group[i] = arena_array(arena, groups, sizeof **by_group[i]);
    contest->below = arena_array(arena, contest->demand.quota_count, sizeof *contest->below);
}
