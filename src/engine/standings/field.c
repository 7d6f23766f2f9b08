// How each candidate stands to the others of its group, without comparing all pairs.
//
// Candidates are sorted by the best rank that they can still reach: an open one ranks above whatever its first unknown
// key is compared with. Candidates that no key separates form a block. Inside a block, the units of one recorded
// decision form a run, in the order of their places. All counts are then differences of running sums, and all lists are
// pieces of two arrays.
//
// An eligible unit with a value that is still to come stands in that order twice: with the best that can come, where it
// counts as an open one does, and with the worst, where it surely is.
#include <stdlib.h>
#include <string.h>

#include "engine/standings/private.h"

struct sorting {
    const struct standings_input *input;
    enum order (*compare)(const struct standing_policy *, const struct contestant *, const struct contestant *);
    size_t comparisons;
};

// Where a candidate is in the sorted order. Each pair is the first index of something and the index after it.
struct position {
    size_t group, group_end;
    size_t block, block_end;
    size_t run, run_end;     // of its decision; itself alone without one
    size_t place, place_end; // of the same place in that decision
};

struct field {
    struct arena *arena;
    const struct standings_input *input;
    const size_t *order; // candidates
    size_t count;
    const size_t *eligible_before, *open_before; // by place in the order; one more at the end
    const size_t *worst_before;                  // eligible ones with open values, at their worst
    size_t unit_count;                           // what stands behind it in `input` is somebody at its worst
    const size_t *unit_of;                       // and whose it is, by what stands behind
    const size_t *eligible, *open;               // in that order
    // The eligible ones of each block, twice in a row. All but one of them are a piece that begins behind that one.
    const size_t *eligible_twice;
};

static int compare_names(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare_places(const struct contestant *a, const struct contestant *b)
{
    int decision = compare_names(a->tie_decision, b->tie_decision);
    if (decision)
        return decision;
    return a->tie_decision ? (a->tie_place > b->tie_place) - (a->tie_place < b->tie_place) : 0;
}

static int compare_sorted(const void *a, const void *b, void *context)
{
    struct sorting *sorting = context;
    const struct contestant *contestants = sorting->input->contestants;
    const struct contestant *left = &contestants[*(const size_t *)a], *right = &contestants[*(const size_t *)b];
    sorting->comparisons++;
    if (left->group != right->group)
        return left->group < right->group ? -1 : 1;
    enum order order = sorting->compare(sorting->input->policy, left, right);
    if (order != ORDER_TIED)
        return order == ORDER_ABOVE ? -1 : 1;
    int place = compare_places(left, right);
    return place ? place : strcmp(left->unit_id, right->unit_id);
}

static size_t *sort_candidates(struct arena *arena, struct sorting *sorting, size_t *ret_count)
{
    size_t *order = arena_array(arena, sorting->input->contestant_count, sizeof *order), count = 0;
    for (size_t i = 0; i < sorting->input->contestant_count; i++)
        if (is_candidate(&sorting->input->contestants[i]))
            order[count++] = i;
    if (count)
        qsort_r(order, count, sizeof *order, compare_sorted, sorting);
    *ret_count = count;
    return order;
}

static bool same_group(const struct sorting *sorting, const size_t *order, size_t a, size_t b)
{
    return sorting->input->contestants[order[a]].group == sorting->input->contestants[order[b]].group;
}

static bool same_block(struct sorting *sorting, const size_t *order, size_t a, size_t b)
{
    const struct contestant *contestants = sorting->input->contestants;
    sorting->comparisons++;
    return sorting->compare(sorting->input->policy, &contestants[order[a]], &contestants[order[b]]) == ORDER_TIED;
}

static bool same_run(const struct sorting *sorting, const size_t *order, size_t a, size_t b)
{
    const struct contestant *one = &sorting->input->contestants[order[a]],
                            *two = &sorting->input->contestants[order[b]];
    return one->tie_decision && compare_names(one->tie_decision, two->tie_decision) == 0;
}

static bool same_place(const struct sorting *sorting, const size_t *order, size_t a, size_t b)
{
    return sorting->input->contestants[order[a]].tie_place == sorting->input->contestants[order[b]].tie_place;
}

// Moves the position to the candidate at `at`. Call it for each candidate in turn.
static void find_position(const size_t *order, size_t count, struct sorting *sorting, size_t at,
                          struct position *position)
{
    if (at >= position->group_end)
        for (position->group = at, position->group_end = at + 1;
             position->group_end < count && same_group(sorting, order, at, position->group_end);)
            position->group_end++;
    if (at >= position->block_end)
        for (position->block = at, position->block_end = at + 1;
             position->block_end < position->group_end && same_block(sorting, order, at, position->block_end);)
            position->block_end++;
    if (at >= position->run_end)
        for (position->run = at, position->run_end = at + 1;
             position->run_end < position->block_end && same_run(sorting, order, at, position->run_end);)
            position->run_end++;
    if (at >= position->place_end)
        for (position->place = at, position->place_end = at + 1;
             position->place_end < position->run_end && same_place(sorting, order, at, position->place_end);)
            position->place_end++;
}

size_t rank_candidates(struct arena *arena, const struct standings_input *input, struct standing *rows)
{
    struct sorting sorting = {input, compare_as_shown, 0};
    struct position position = {0};
    size_t count;
    const size_t *order = sort_candidates(arena, &sorting, &count);
    for (size_t i = 0; i < count; i++) {
        find_position(order, count, &sorting, i, &position);
        rows[order[i]].rank = (int64_t)(position.block - position.group + position.place - position.run) + 1;
    }
    return sorting.comparisons;
}

static void lay_out_eligible(struct field *field, struct sorting *sorting)
{
    const size_t *before = field->eligible_before;
    size_t *eligible = arena_array(field->arena, before[field->count], sizeof *eligible);
    size_t *twice = arena_array(field->arena, 2 * before[field->count], sizeof *twice);
    struct position position = {0};
    for (size_t i = 0; i < field->count; i++) {
        find_position(field->order, field->count, sorting, i, &position);
        if (before[i + 1] == before[i])
            continue;
        size_t block = before[position.block], in_block = before[position.block_end] - block;
        eligible[before[i]] = twice[block + before[i]] = twice[block + before[i] + in_block] = field->order[i];
    }
    field->eligible = eligible;
    field->eligible_twice = twice;
}

// Eligible, but not where it ranks.
static bool is_shifting(const struct standings_input *input, size_t unit)
{
    const struct contestant *contestant = &input->contestants[unit];
    return is_sharp(input->policy) && is_candidate(contestant) && !is_open(contestant) &&
           has_unknown_key(input->policy, contestant);
}

// The contestants, and behind them once more those that are shifting, at their worst.
static struct standings_input with_worst(struct arena *arena, const struct standings_input *input,
                                         const size_t **ret_unit_of)
{
    struct standings_input both = *input;
    size_t *unit_of = arena_array(arena, input->contestant_count, sizeof *unit_of), count = 0;
    for (size_t i = 0; i < input->contestant_count; i++)
        if (is_shifting(input, i))
            unit_of[count++] = i;
    *ret_unit_of = unit_of;
    if (!count)
        return both;
    struct contestant *contestants = arena_array(arena, input->contestant_count + count, sizeof *contestants);
    memcpy(contestants, input->contestants, input->contestant_count * sizeof *contestants);
    for (size_t i = 0; i < count; i++)
        contestants[input->contestant_count + i] =
            contestant_at_worst(arena, input->policy, &input->contestants[unit_of[i]]);
    both.contestants = contestants;
    both.contestant_count += count;
    return both;
}

static struct field lay_out_field(struct arena *arena, struct sorting *sorting, size_t unit_count,
                                  const size_t *unit_of)
{
    struct field field = {.arena = arena, .input = sorting->input, .unit_count = unit_count, .unit_of = unit_of};
    field.order = sort_candidates(arena, sorting, &field.count);
    size_t *eligible_before = arena_array(arena, field.count + 1, sizeof *eligible_before);
    size_t *open_before = arena_array(arena, field.count + 1, sizeof *open_before);
    size_t *worst_before = arena_array(arena, field.count + 1, sizeof *worst_before);
    size_t *open = arena_array(arena, field.count, sizeof *open);
    for (size_t i = 0; i < field.count; i++) {
        bool is_worst = field.order[i] >= unit_count;
        bool is = !is_worst && (is_open(&sorting->input->contestants[field.order[i]]) ||
                                is_shifting(sorting->input, field.order[i]));
        eligible_before[i + 1] = eligible_before[i] + (!is && !is_worst);
        open_before[i + 1] = open_before[i] + is;
        worst_before[i + 1] = worst_before[i] + is_worst;
        if (is)
            open[open_before[i]] = field.order[i];
    }
    field.eligible_before = eligible_before;
    field.open_before = open_before;
    field.worst_before = worst_before;
    field.open = open;
    lay_out_eligible(&field, sorting);
    return field;
}

static size_t fewer_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Two pieces in a row, without one unit. Nothing is copied if the first piece is enough and does not hold that unit.
static const size_t *list_of(const struct field *field, const size_t *first, size_t first_count, const size_t *second,
                             size_t second_count, size_t without, size_t *ret_count)
{
    size_t wanted = fewer_of(second_count ? first_count + second_count : first_count, STANDING_MOST_LISTED), i = 0;
    while (i < fewer_of(first_count, wanted) && first[i] != without)
        i++;
    *ret_count = i;
    if (i == wanted)
        return first;
    size_t *list = arena_array(field->arena, STANDING_MOST_LISTED, sizeof *list), count = 0;
    for (i = 0; i < first_count && count < STANDING_MOST_LISTED; i++)
        if (first[i] != without)
            list[count++] = first[i];
    for (i = 0; i < second_count && count < STANDING_MOST_LISTED; i++)
        if (second[i] != without)
            list[count++] = second[i];
    *ret_count = count;
    return list;
}

// How many of `list`, which goes from the best down, can still rank at or above the unit.
static size_t not_below(const struct field *field, const size_t *list, size_t count, size_t unit, size_t *comparisons)
{
    const struct contestant *contestants = field->input->contestants;
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        ++*comparisons;
        if (compare_keys(field->input->policy, &contestants[list[middle]], &contestants[unit]) == ORDER_BELOW)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void list_tied(const struct field *field, size_t at, const struct position *position, struct standing *row)
{
    const size_t *before = field->eligible_before;
    size_t unit = field->order[at], block = before[position->block], in_block = before[position->block_end] - block;
    size_t in_run = before[position->run_end] - before[position->run];
    size_t in_place = before[position->place_end] - before[position->place];
    const size_t *twice = &field->eligible_twice[2 * block];
    // First those that share its place, then those behind its own run, round to where the run begins.
    const size_t *rest = &twice[before[position->run_end] - block], *same = &twice[before[position->place] - block];
    bool is_other = before[at + 1] == before[at]; // it is not one of those itself
    if (in_place > 1 || (in_place == 1 && is_other))
        row->tied_with = list_of(field, same, in_place, rest, in_block - in_run, unit, &row->tied_with_count);
    else
        row->tied_with = list_of(field, rest, in_block - in_run, NULL, 0, unit, &row->tied_with_count);
}

// Of an open unit: itself, for it is open, and the others that can rank at or above it.
static void list_own_waits(const struct field *field, size_t unit, const struct position *position,
                           struct standing *row, size_t *comparisons)
{
    const size_t *opens = field->open_before, group = opens[position->group];
    size_t others = not_below(field, &field->open[group], opens[position->group_end] - group, unit, comparisons);
    row->waits_for = &field->open[group];
    row->waits_for_count = fewer_of(others, STANDING_MOST_LISTED);
}

// Whether all that tie fit the cap is for the open units of other groups to say.
static void list_all_open(const struct field *field, struct standing *row)
{
    row->waits_for = field->open;
    row->waits_for_count = fewer_of(field->open_before[field->count], STANDING_MOST_LISTED);
}

// The open ones from the best down, without those that a decision places below the unit. Then the eligible ones that
// the unit's own unknown keys may put above it.
static void list_waits(const struct field *field, size_t at, const struct position *position, struct standing *row,
                       size_t *comparisons)
{
    const size_t *opens = field->open_before, *eligible = field->eligible_before;
    size_t unit = field->order[at], group = opens[position->group];
    if (is_sharp(field->input->policy) && opens[at + 1] > opens[at]) {
        list_own_waits(field, unit, position, row, comparisons);
        return;
    }
    if (!has_unknown_key(field->input->policy, &field->input->contestants[unit])) {
        size_t above = opens[position->place_end] - group, below = opens[position->run_end];
        bool none_below = above == below - group;
        row->waits_for = list_of(field, &field->open[group], none_below ? opens[position->block_end] - group : above,
                                 &field->open[below], none_below ? 0 : opens[position->block_end] - below, unit,
                                 &row->waits_for_count);
        if (!row->waits_for_count && field->input->policy->ties == TIES_ADMIT_ALL && is_sharp(field->input->policy))
            list_all_open(field, row);
        return;
    }
    const size_t *after = &field->eligible[eligible[position->block_end]];
    size_t open_count = not_below(field, &field->open[group], opens[position->group_end] - group, unit, comparisons);
    size_t eligible_count =
        not_below(field, after, eligible[position->group_end] - eligible[position->block_end], unit, comparisons);
    row->waits_for =
        list_of(field, &field->open[group], open_count, after, eligible_count, unit, &row->waits_for_count);
}

// Of those that `before` counts: how many rank above the place in hand, and at it.
struct counts {
    size_t above, tied;
};

static struct counts count_at(const size_t *before, const struct position *position)
{
    const size_t in_run = before[position->run_end] - before[position->run];
    const size_t in_place = before[position->place_end] - before[position->place];
    const size_t placed_above = before[position->place] - before[position->run];
    const size_t in_block = before[position->block_end] - before[position->block];
    return (struct counts){before[position->block] - before[position->group] + placed_above,
                           in_block - in_run + in_place};
}

// At its best: who surely ranks above it, or at it. At its worst: who can.
static void survey(const struct field *field, size_t at, const struct position *position, struct surroundings *found)
{
    const size_t entry = field->order[at];
    const bool is_worst = entry >= field->unit_count;
    const bool is_fixed = field->eligible_before[at + 1] > field->eligible_before[at];
    const struct counts eligible = count_at(field->eligible_before, position);
    const struct counts open = count_at(field->open_before, position);
    const struct counts worst = count_at(field->worst_before, position);
    struct surroundings *own = &found[is_worst ? field->unit_of[entry - field->unit_count] : entry];
    if (!is_worst) {
        own->above = (int64_t)(eligible.above + worst.above);
        own->tied = (int64_t)(eligible.tied + worst.tied - is_fixed);
        own->tied_or_above = (int64_t)worst.tied;
    }
    const int64_t most_above = (int64_t)(eligible.above + open.above) - is_worst;
    own->perhaps_above = most_above - own->above;
    own->perhaps = most_above + (int64_t)(eligible.tied + open.tied) - is_fixed - own->above - own->tied;
    own->shifts = is_worst;
}

size_t survey_candidates(struct arena *arena, const struct standings_input *input, struct standing *rows,
                         struct surroundings *found)
{
    struct arena scratch = {0};
    const size_t *unit_of;
    const struct standings_input both = with_worst(&scratch, input, &unit_of);
    struct sorting sorting = {&both, compare_at_best, 0};
    struct field field = lay_out_field(arena, &sorting, input->contestant_count, unit_of);
    struct position position = {0};
    for (size_t i = 0; i < field.count; i++) {
        find_position(field.order, field.count, &sorting, i, &position);
        survey(&field, i, &position, found);
        if (field.order[i] >= input->contestant_count)
            continue;
        list_tied(&field, i, &position, &rows[field.order[i]]);
        list_waits(&field, i, &position, &rows[field.order[i]], &sorting.comparisons);
    }
    arena_release(&scratch);
    return sorting.comparisons;
}
