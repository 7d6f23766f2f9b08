// Tiers of a form of award, which are filled by rank inside the comparison group.
#include "engine/standings/private.h"

const int64_t *tiers_left(struct arena *arena, const struct award_form *form, const struct standings_input *input)
{
    const size_t groups = input->policy->group_count, tiers = form->tier_count;
    int64_t *left = arena_array(arena, groups * tiers, sizeof *left);
    for (size_t i = 0; i < groups * tiers; i++)
        left[i] = form->tiers[i % tiers].places;
    for (size_t i = 0; i < input->contestant_count; i++) {
        const struct contestant *contestant = &input->contestants[i];
        if (!contestant->awarded || contestant->group >= groups || contestant->awarded_tier >= tiers)
            continue;
        int64_t *own = &left[contestant->group * tiers + contestant->awarded_tier];
        *own -= *own > 0;
    }
    return left;
}

size_t tier_at(const int64_t *left, size_t count, int64_t place)
{
    size_t tier = 0;
    for (int64_t end = left[0]; tier + 1 < count && place > end; end += left[tier])
        tier++;
    return tier;
}

// In every completion the units that tie with it stand across an edge, each time perhaps another one.
static bool surely_across_an_edge(const struct surroundings *found, const int64_t *left, size_t count)
{
    if (found->shifts) // then it may tie with nobody
        return false;
    for (int64_t above = found->above; above <= found->above + found->perhaps_above; above++) {
        int64_t risen = above - found->above; // those that tie first: then the fewest stand at it or above
        int64_t tied = found->tied - (risen < found->tied_or_above ? risen : found->tied_or_above);
        if (tier_at(left, count, above + 1) == tier_at(left, count, above + tied + 1))
            return false;
    }
    return true;
}

// Who has a place for sure has a tier too, or it is not decided yet: by a tie across an edge, or by units still open.
static void give_tier(const struct award_form *form, const struct surroundings *found, const int64_t *left,
                      struct standing *row, bool *ret_inexact)
{
    *ret_inexact |= row->status == STANDING_POSSIBLE; // it may be a tie at every edge, and nothing but that
    if (row->status != STANDING_SECURE)
        return;
    size_t best = tier_at(left, form->tier_count, found->above + 1);
    size_t worst = tier_at(left, form->tier_count, found->above + found->perhaps + found->tied + 1);
    if (best == worst) {
        row->tier = best;
    } else if (surely_across_an_edge(found, left, form->tier_count)) {
        row->status = STANDING_TIE_TO_DECIDE;
    } else {
        row->status = STANDING_POSSIBLE;
        *ret_inexact = true;
        row->waits_for = found->waits_for;
        row->waits_for_count = found->waits_for_count;
    }
    set_moot(row);
}

void give_tiers(struct arena *arena, const struct award_form *form, const struct standings_input *input,
                struct standings *standings, const struct surroundings *found)
{
    const int64_t *left = tiers_left(arena, form, input);
    struct standing *rows = (struct standing *)(uintptr_t)standings->rows;
    for (size_t i = 0; i < standings->count; i++) {
        const struct contestant *contestant = &input->contestants[rows[i].contestant];
        if (contestant->group >= input->policy->group_count)
            continue;
        if (contestant->awarded && contestant->awarded_tier < form->tier_count)
            rows[i].tier = contestant->awarded_tier;
        give_tier(form, &found[rows[i].contestant], &left[contestant->group * form->tier_count], &rows[i],
                  &standings->inexact);
    }
}
