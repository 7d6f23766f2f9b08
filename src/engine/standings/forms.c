#include "thidua/award_forms.h"

#include "engine/standings/private.h"

// ---- tiers ----

// What is left of each tier in a comparison group, after the awards that were given in it.
static void tiers_left(const struct award_form *form, const struct standings_input *input, size_t group, int64_t *left)
{
    for (size_t t = 0; t < form->tier_count; t++)
        left[t] = form->tiers[t].places;
    for (size_t i = 0; i < input->contestant_count; i++) {
        const struct contestant *contestant = &input->contestants[i];
        if (contestant->awarded && contestant->group == group && contestant->awarded_tier < form->tier_count &&
            left[contestant->awarded_tier] > 0)
            left[contestant->awarded_tier]--;
    }
}

// The tier of a place, counted from 1 among those that are still to be given; the last one beyond them.
static size_t tier_at(const int64_t *left, size_t count, int64_t place)
{
    size_t tier = 0;
    for (int64_t end = left[0]; tier + 1 < count && place > end; end += left[tier])
        tier++;
    return tier;
}

// Who has a place for sure has a tier too, or it is not decided yet: by a tie across the edge, or by units still open.
static void give_tier(const struct award_form *form, const struct surroundings *found, const int64_t *left,
                      struct standing *row)
{
    if (row->status != STANDING_SECURE)
        return;
    size_t best = tier_at(left, form->tier_count, found->above + 1);
    size_t tied = tier_at(left, form->tier_count, found->above + found->tied + 1);
    size_t worst = tier_at(left, form->tier_count, found->above + found->perhaps + found->tied + 1);
    if (best == worst)
        row->tier = best;
    else
        row->status = best == tier_at(left, form->tier_count, found->above + found->perhaps_above + 1) && tied != best
                          ? STANDING_TIE_TO_DECIDE
                          : STANDING_POSSIBLE;
}

static void give_tiers(struct arena *arena, const struct award_form *form, const struct standings_input *input,
                       struct standings *standings, const struct surroundings *found)
{
    size_t groups = input->policy->group_count;
    int64_t *left = arena_array(arena, form->tier_count, sizeof *left);
    struct standing *rows = (struct standing *)(uintptr_t)standings->rows;
    for (size_t i = 0, group = SIZE_MAX; i < standings->count; i++) { // by group
        const struct contestant *contestant = &input->contestants[rows[i].contestant];
        if (contestant->group >= groups)
            continue;
        if (contestant->group != group)
            tiers_left(form, input, group = contestant->group, left);
        if (contestant->awarded && contestant->awarded_tier < form->tier_count)
            rows[i].tier = contestant->awarded_tier;
        give_tier(form, &found[rows[i].contestant], left, &rows[i]);
    }
}

// ---- one form after the other ----

static enum standing_status status_in_force(const struct standing *row)
{
    return row->override && row->status != STANDING_AWARDED ? row->override->decided : row->status;
}

// What the forms above say of a unit: that it has one for sure, that it may get one, or nothing.
static void look_above(const struct award_forms *forms, size_t form, const struct form_standings *all,
                       enum standing_status *const *statuses, size_t unit, struct contestant *contestant,
                       size_t *ret_higher)
{
    *ret_higher = SIZE_MAX;
    for (size_t above = 0; above < form && forms->items[form].exclusive; above++) {
        enum standing_status status = statuses[above][unit];
        if (status == STANDING_SECURE || status == STANDING_AWARDED) {
            *ret_higher = above;
            if (!contestant->awarded)
                contestant->overall = OVERALL_INELIGIBLE;
            return;
        }
        bool possible = status == STANDING_POSSIBLE || status == STANDING_TIE_TO_DECIDE;
        if (possible && contestant->overall == OVERALL_ELIGIBLE)
            contestant->overall = OVERALL_PENDING;
    }
    // A lower one that it has by a decision stays with it: it gets no other in the year.
    for (size_t below = form + 1; below < forms->count && forms->items[below].exclusive; below++)
        if (all[below].input.contestants[unit].awarded && !contestant->awarded)
            contestant->overall = OVERALL_INELIGIBLE;
}

void forms_compute(struct arena *arena, const struct award_forms *forms, struct form_standings *ret)
{
    enum standing_status **statuses = arena_array(arena, forms->count, sizeof *statuses);
    for (size_t f = 0; f < forms->count; f++) {
        struct form_standings *form = &ret[f];
        size_t count = form->input.contestant_count;
        struct contestant *contestants = (struct contestant *)(uintptr_t)form->input.contestants;
        size_t *higher = arena_array(arena, count, sizeof *higher);
        struct surroundings *found = arena_array(arena, count, sizeof *found);
        for (size_t i = 0; i < count; i++)
            look_above(forms, f, ret, statuses, i, &contestants[i], &higher[i]);
        form->higher = higher;
        form->standings = compute_standings(arena, &form->input, found);
        if (forms->items[f].tier_count)
            give_tiers(arena, &forms->items[f], &form->input, &form->standings, found);
        statuses[f] = arena_array(arena, count, sizeof *statuses[f]);
        for (size_t i = 0; i < count; i++)
            statuses[f][form->standings.rows[i].contestant] = status_in_force(&form->standings.rows[i]);
    }
}
