// Who may get a form of award, and how many there are.
#include "thidua/award_forms.h"

#include <string.h>

#include "base/pure/wide.h"

const char *const places_of_names[] = {"NUMBER", "CONTESTANTS", "NOMINEES", "ELIGIBLE", NULL};
const char *const places_per_names[] = {"WHOLE", "GROUP", "CLUSTER", NULL};
const char *const places_rounding_names[] = {"DOWN", "UP", "HALF_UP", NULL};

// ---- who may get a form ----

// From below: FAIL, DEFERRED, PENDING, satisfied.
static const enum overall_outcome by_height[] = {OVERALL_INELIGIBLE, OVERALL_DEFERRED, OVERALL_PENDING,
                                                 OVERALL_ELIGIBLE};
enum { HEIGHTS = sizeof by_height / sizeof *by_height };

static unsigned height_of(enum criterion_outcome outcome)
{
    static const unsigned heights[] = {[OUTCOME_FAIL] = 0,
                                       [OUTCOME_DEFERRED] = 1,
                                       [OUTCOME_PENDING] = 2,
                                       [OUTCOME_PASS] = 3,
                                       [OUTCOME_NOT_APPLICABLE] = 3};
    return heights[outcome];
}

// The depth of conditions was checked when they were read.
static unsigned condition_height(const struct form_condition *condition, const struct criterion_result *criteria)
{
    size_t reached[HEIGHTS] = {0}; // terms of at least that height
    if (condition->kind == CONDITION_CRITERION)
        return height_of(criteria[condition->criterion].outcome);
    for (size_t i = 0; i < condition->count; i++)
        for (unsigned h = condition_height(&condition->terms[i], criteria) + 1; h-- > 0;)
            reached[h]++;
    size_t needed = condition->kind == CONDITION_ALL   ? condition->count
                    : condition->kind == CONDITION_ANY ? 1
                                                       : (size_t)condition->least;
    unsigned height = 0;
    for (unsigned h = 1; h < HEIGHTS; h++)
        if (reached[h] >= needed)
            height = h;
    return height;
}

enum overall_outcome form_outcome(const struct form_condition *condition, const struct criterion_result *criteria,
                                  size_t criterion_count)
{
    unsigned height = HEIGHTS - 1;
    if (condition)
        return by_height[condition_height(condition, criteria)];
    for (size_t i = 0; i < criterion_count; i++)
        if (height_of(criteria[i].outcome) < height)
            height = height_of(criteria[i].outcome);
    return by_height[height];
}

void form_criteria(const struct form_condition *condition, bool *reads, size_t criterion_count)
{
    for (size_t i = 0; i < criterion_count && !condition; i++)
        reads[i] = true;
    if (condition && condition->kind == CONDITION_CRITERION)
        reads[condition->criterion] = true;
    for (size_t i = 0; condition && i < condition->count; i++)
        form_criteria(&condition->terms[i], reads, criterion_count);
}

static bool is_open_height(unsigned height)
{
    return height > 0 && height < HEIGHTS - 1;
}

static void mark_open_terms(const struct form_condition *condition, const struct criterion_result *criteria, bool *open)
{
    if (!is_open_height(condition_height(condition, criteria)))
        return;
    if (condition->kind == CONDITION_CRITERION)
        open[condition->criterion] = true;
    for (size_t i = 0; i < condition->count; i++)
        mark_open_terms(&condition->terms[i], criteria, open);
}

void form_open_criteria(const struct form_condition *condition, const struct criterion_result *criteria,
                        size_t criterion_count, bool *open)
{
    const enum overall_outcome outcome = form_outcome(condition, criteria, criterion_count);
    if (condition)
        mark_open_terms(condition, criteria, open);
    else if (outcome == OVERALL_PENDING || outcome == OVERALL_DEFERRED)
        for (size_t i = 0; i < criterion_count; i++)
            open[i] |= is_open_height(height_of(criteria[i].outcome));
}

const struct award_form *form_named(const struct award_forms *forms, const char *code)
{
    for (size_t i = 0; code && i < forms->count; i++)
        if (strcmp(forms->items[i].code, code) == 0)
            return &forms->items[i];
    return NULL;
}

static uint32_t eligible_with(const struct award_forms *forms, const struct criterion_result *criteria, size_t count)
{
    uint32_t set = 0;
    for (size_t f = 0; f < forms->count; f++)
        set |= (uint32_t)(form_outcome(forms->items[f].eligible, criteria, count) == OVERALL_ELIGIBLE) << f;
    return set;
}

static size_t find_set(const uint32_t *sets, size_t count, uint32_t wanted)
{
    size_t i = 0;
    while (i < count && sets[i] != wanted)
        i++;
    return i;
}

const uint32_t *form_eligible_sets(struct arena *arena, const struct award_forms *forms,
                                   const struct criterion_result *criteria, size_t criterion_count, size_t *ret_count)
{
    uint32_t found[1 << FORM_OPEN_MOST];
    size_t open[FORM_OPEN_MOST], open_count = 0, found_count = 0;
    *ret_count = 0;
    for (size_t i = 0; i < criterion_count; i++) {
        if (!is_open_outcome(criteria[i].outcome))
            continue;
        if (open_count == FORM_OPEN_MOST)
            return NULL;
        open[open_count++] = i;
    }
    if (!open_count)
        return NULL;
    struct criterion_result *closed = arena_array(arena, criterion_count, sizeof *closed);
    memcpy(closed, criteria, criterion_count * sizeof *closed);
    for (size_t ends = 0; ends < (size_t)1 << open_count; ends++) {
        for (size_t i = 0; i < open_count; i++)
            closed[open[i]].outcome = ends >> i & 1U ? OUTCOME_PASS : OUTCOME_FAIL;
        uint32_t set = eligible_with(forms, closed, criterion_count);
        if (find_set(found, found_count, set) == found_count)
            found[found_count++] = set;
    }
    uint32_t *sets = arena_array(arena, found_count, sizeof *sets);
    memcpy(sets, found, found_count * sizeof *sets);
    *ret_count = found_count;
    return sets;
}

// ---- places ----

int64_t form_places_of(const struct form_places *places, int64_t count)
{
    int64_t number = places->number;
    if (places->of != PLACES_NUMBER) {
        const wide q = places->share.q;
        wide doubled = 2 * (wide)count * places->share.p; // for half of an odd q is no whole number
        if (places->rounding == ROUND_UP)
            doubled += 2 * (q - 1);
        else if (places->rounding == ROUND_HALF_UP)
            doubled += q;
        number = (int64_t)(doubled / (2 * q));
    }
    if (number < places->at_least)
        number = places->at_least;
    return number > places->at_most ? places->at_most : number;
}
