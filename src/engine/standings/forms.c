#include "thidua/award_forms.h"

#include <string.h>

#include "engine/standings/private.h"

static enum standing_status status_in_force(const struct standing *row)
{
    return row->override && row->status != STANDING_AWARDED ? row->override->decided : row->status;
}

// What the other forms say of a unit: that it has one for sure, that it may get one, or nothing.
static void look_elsewhere(const struct award_forms *forms, size_t form, const struct form_standings *all,
                           enum standing_status *const *statuses, size_t unit, struct contestant *contestant,
                           size_t *ret_higher)
{
    *ret_higher = SIZE_MAX;
    contestant->elsewhere = ELSEWHERE_NOTHING;
    // A lower one that it has by a decision stays with it: it gets no other in the year.
    for (size_t below = form + 1; below < forms->count; below++)
        if (forms->items[below].exclusive && all[below].input.contestants[unit].awarded)
            contestant->elsewhere = ELSEWHERE_SURELY;
    for (size_t above = 0; above < form && forms->items[form].exclusive; above++) {
        enum standing_status status = statuses[above][unit];
        if (status == STANDING_SECURE || status == STANDING_AWARDED) {
            *ret_higher = above;
            contestant->elsewhere = ELSEWHERE_SURELY;
            return;
        }
        if (status != STANDING_OUT && contestant->elsewhere == ELSEWHERE_NOTHING)
            contestant->elsewhere = ELSEWHERE_PERHAPS;
    }
}

// ---- where it costs too much to go through all completions ----

struct gathering {
    const struct award_forms *forms;
    const struct form_standings *all;
    size_t form, **row_of; // by form and contestant, of this one and those above
    size_t *seen, turn;    // by contestant: in which turn
    size_t list[STANDING_MOST_LISTED], count;
};

static bool has_something_open(const struct gathering *gathering, size_t unit)
{
    for (size_t f = 0; f <= gathering->form; f++) {
        const struct standings_input *input = &gathering->all[f].input;
        const struct contestant *contestant = &input->contestants[unit];
        if (!contestant->awarded && (is_undetermined(contestant) || has_unknown_key(input->policy, contestant)))
            return true;
        if (input->share && !input->counted[unit].awarded && is_undetermined(&input->counted[unit]))
            return true;
    }
    return false;
}

static void gather(struct gathering *gathering, size_t unit)
{
    if (gathering->seen[unit] == gathering->turn || gathering->count == STANDING_MOST_LISTED)
        return;
    gathering->seen[unit] = gathering->turn;
    if (has_something_open(gathering, unit))
        gathering->list[gathering->count++] = unit;
    for (size_t above = 0; above < gathering->form; above++) {
        const struct standing *row = &gathering->all[above].standings.rows[gathering->row_of[above][unit]];
        for (size_t i = 0; i < row->waits_for_count; i++)
            gather(gathering, row->waits_for[i]);
    }
}

// Of a unit that a higher form may take nothing need be open but what decides there.
static void wait_for_forms_above(struct arena *arena, const struct award_forms *forms, size_t form,
                                 struct form_standings *all, size_t **row_of)
{
    struct standings *standings = &all[form].standings;
    struct standing *rows = (struct standing *)(uintptr_t)standings->rows;
    struct gathering gathering = {.forms = forms, .all = all, .form = form, .row_of = row_of};
    gathering.seen = arena_array(arena, standings->count, sizeof *gathering.seen);
    for (size_t i = 0; i < standings->count; i++) {
        struct standing *row = &rows[i];
        if (row->status != STANDING_POSSIBLE)
            continue;
        standings->inexact = true;
        if (row->cause != CAUSE_ORDER)
            continue;
        gathering.turn = i + 1;
        gathering.count = 0;
        gather(&gathering, row->contestant);
        for (size_t k = 0; k < row->waits_for_count; k++)
            gather(&gathering, row->waits_for[k]);
        size_t *list = arena_array(arena, gathering.count, sizeof *list);
        if (gathering.count)
            memcpy(list, gathering.list, gathering.count * sizeof *list);
        else
            row->cause = CAUSE_HIGHER;
        row->waits_for = list;
        row->waits_for_count = gathering.count;
    }
}

// ---- one form after the other ----

static void number_rows(struct arena *arena, const struct standings *standings, size_t **ret_row_of)
{
    *ret_row_of = arena_array(arena, standings->count, sizeof **ret_row_of);
    for (size_t i = 0; i < standings->count; i++)
        (*ret_row_of)[standings->rows[i].contestant] = i;
}

// Whether people are still to say who has it: by a tie, by an allocation, or where they left it open.
static bool is_for_people(const struct standings *standings)
{
    for (size_t i = 0; i < standings->count; i++) {
        enum standing_status status = status_in_force(&standings->rows[i]);
        if (status == STANDING_TIE_TO_DECIDE || standings->rows[i].cause == CAUSE_ALLOCATION ||
            standings->rows[i].cause == CAUSE_HIGHER || (standings->rows[i].override && status == STANDING_POSSIBLE))
            return true;
    }
    return false;
}

void forms_compute(struct arena *arena, const struct award_forms *forms, struct form_standings *ret)
{
    enum standing_status **statuses = arena_array(arena, forms->count, sizeof *statuses);
    size_t **row_of = arena_array(arena, forms->count, sizeof *row_of);
    bool undecided = false;
    const struct completions *completions = complete_all(arena, forms, ret, forms->count);
    for (size_t f = 0; f < forms->count; f++) {
        struct form_standings *form = &ret[f];
        size_t count = form->input.contestant_count;
        struct contestant *contestants = (struct contestant *)(uintptr_t)form->input.contestants;
        size_t *higher = arena_array(arena, count, sizeof *higher);
        struct surroundings *found = arena_array(arena, count, sizeof *found);
        bool below = f > 0 && forms->items[f].exclusive;
        for (size_t i = 0; i < count; i++)
            look_elsewhere(forms, f, ret, statuses, i, &contestants[i], &higher[i]);
        form->higher = higher;
        form->standings = compute_standings(arena, &form->input, found);
        statuses[f] = arena_array(arena, count, sizeof *statuses[f]);
        for (size_t i = 0; i < count; i++)
            statuses[f][form->standings.rows[i].contestant] = status_in_force(&form->standings.rows[i]);
        if (forms->items[f].tier_count)
            give_tiers(arena, &forms->items[f], &form->input, &form->standings, found);
        if (completions)
            settle_by_completions(arena, completions, f, &forms->items[f], undecided, form, statuses[f]);
        number_rows(arena, &form->standings, &row_of[f]);
        if (!completions && below)
            wait_for_forms_above(arena, forms, f, ret, row_of);
        undecided = undecided || is_for_people(&form->standings);
    }
}
