// Leaves that read a register: a list that may be incomplete, whose entries may lack fields.
#include "engine/private.h"

// Matching entries: surely so many, at most so many.
struct tally {
    int64_t least;
    int64_t most;
};

static enum truth filter_matches(const struct leaf_context *context, const struct filter *filter, struct value value)
{
    bool negative = filter->comparison == NOT_EQUAL;
    enum comparison comparison = negative ? EQUAL : filter->comparison;
    enum truth any = TRUTH_FALSE;
    for (size_t i = 0; i < filter->operand_count; i++)
        any = truth_or(any, compare_values(value, comparison, operand_value(context, &filter->operands[i])));
    return negative ? truth_not(any) : any;
}

static enum truth window_matches(const struct leaf_context *context, const struct entry *entry)
{
    const struct window *window = &context->leaf->window;
    if (!window->present)
        return TRUTH_TRUE;
    struct value begin = entry->fields[window->from_slot], end = entry->fields[window->to_slot];
    struct value from = operand_value(context, &window->from), to = operand_value(context, &window->to);
    bool interval = window->from_slot != window->to_slot;
    enum truth not_before = interval && end.type == VALUE_UNKNOWN // still going on
                                ? TRUTH_TRUE
                                : compare_values(end, GREATER_EQUAL, from);
    return truth_and(not_before, compare_values(begin, LESS_EQUAL, to));
}

static enum truth entry_matches(const struct leaf_context *context, const struct entry *entry)
{
    enum truth truth = window_matches(context, entry);
    for (size_t i = 0; i < context->leaf->filter_count; i++) {
        const struct filter *filter = &context->leaf->filters[i];
        truth = truth_and(truth, filter_matches(context, filter, entry->fields[filter->slot]));
    }
    return truth;
}

enum truth criteria_entry_matches(const struct expression *leaf, const struct evaluation_parameters *parameters,
                                  const struct unit_facts *facts, const struct entry *entry)
{
    return entry_matches(&(struct leaf_context){leaf, parameters, facts}, entry);
}

static bool by_award_year(const struct expression *leaf)
{
    return leaf->kind == KIND_STREAK || leaf->kind == KIND_COOLDOWN;
}

// Whether the register is declared complete up to the day this leaf needs. A window that ends on a day not known, or a
// declaration that does not say up to when, covers nothing: silence is no evidence of absence.
static bool is_covered(const struct leaf_context *context, const struct register_facts *facts)
{
    const struct expression *leaf = context->leaf;
    int32_t needed;
    if (!facts->known || !facts->complete)
        return false;
    if (leaf->complete_through.kind != OPERAND_NONE) {
        if (!date_of_value(operand_value(context, &leaf->complete_through), &needed))
            return false;
    } else if (by_award_year(leaf)) {
        if (!date_of_value(context->parameters->values[PARAMETER_YEAR_FIRST_DAY], &needed))
            return false;
        needed--;
    } else if (leaf->window.present) {
        if (!date_of_value(operand_value(context, &leaf->window.to), &needed))
            return false;
    } else {
        return true;
    }
    return facts->has_complete_through && facts->complete_through >= needed;
}

// Entries that match and, where `year` is not 0, whose year field is that year.
static struct tally tally_entries(const struct leaf_context *context, const struct register_facts *facts, int64_t year)
{
    struct tally tally = {0, 0};
    for (size_t i = 0; i < facts->entry_count; i++) {
        const struct entry *entry = &facts->entries[i];
        enum truth truth = entry_matches(context, entry);
        if (year)
            truth = truth_and(truth, compare_values(entry->fields[context->leaf->year_slot], EQUAL,
                                                    (struct value){VALUE_INTEGER, {year}}));
        tally.least += truth == TRUTH_TRUE;
        tally.most += truth != TRUTH_FALSE;
    }
    if (!is_covered(context, facts))
        tally.most = INT64_MAX;
    return tally;
}

// What a comparison says about every number in least … most.
static enum truth compare_tally(struct tally tally, enum comparison comparison, int64_t n)
{
    switch (comparison) {
    case EQUAL:
        return tally.least == n && tally.most == n ? TRUTH_TRUE
               : n < tally.least || n > tally.most ? TRUTH_FALSE
                                                   : TRUTH_UNDETERMINED;
    case NOT_EQUAL:
        return truth_not(compare_tally(tally, EQUAL, n));
    case GREATER_EQUAL:
        return tally.least >= n ? TRUTH_TRUE : tally.most < n ? TRUTH_FALSE : TRUTH_UNDETERMINED;
    case GREATER:
        return tally.least > n ? TRUTH_TRUE : tally.most <= n ? TRUTH_FALSE : TRUTH_UNDETERMINED;
    case LESS_EQUAL:
        return truth_not(compare_tally(tally, GREATER, n));
    case LESS:
        return truth_not(compare_tally(tally, GREATER_EQUAL, n));
    }
    return TRUTH_UNDETERMINED;
}

// The years in a row directly before the award year that have an entry; looks no further back than asked.
static struct tally tally_streak(const struct leaf_context *context, const struct register_facts *facts)
{
    struct tally run = {0, 0};
    bool surely = true, perhaps = true;
    for (int64_t i = 1; i <= context->leaf->n && perhaps; i++) {
        struct tally year = tally_entries(context, facts, context->parameters->award_year - i);
        surely = surely && year.least > 0;
        perhaps = year.most > 0;
        run.least += surely;
        run.most += perhaps;
    }
    return run;
}

// The entries of the n years before the award year.
static struct tally tally_years(const struct leaf_context *context, const struct register_facts *facts)
{
    struct tally sum = {0, 0};
    for (int64_t i = 1; i <= context->leaf->n; i++) {
        struct tally year = tally_entries(context, facts, context->parameters->award_year - i);
        sum.least += year.least;
        sum.most += year.most == INT64_MAX ? 0 : year.most;
    }
    return is_covered(context, facts) ? sum : (struct tally){sum.least, INT64_MAX};
}

static enum leaf_reason reason_of(const struct leaf_context *context, const struct register_facts *facts)
{
    if (!facts->known)
        return REASON_REGISTER_UNKNOWN;
    return is_covered(context, facts) ? REASON_ENTRY_UNCLEAR : REASON_REGISTER_INCOMPLETE;
}

void evaluate_register_leaf(const struct leaf_context *context, struct node_result *result)
{
    const struct expression *leaf = context->leaf;
    const struct register_facts *facts = &context->facts->registers[leaf->register_slot];
    bool none = leaf->kind == KIND_ABSENCE || leaf->kind == KIND_COOLDOWN;
    int64_t n = none ? 0 : leaf->n;
    enum comparison comparison = none ? LESS_EQUAL : leaf->kind == KIND_STREAK ? GREATER_EQUAL : leaf->comparison;
    struct tally tally = leaf->kind == KIND_STREAK     ? tally_streak(context, facts)
                         : leaf->kind == KIND_COOLDOWN ? tally_years(context, facts)
                                                       : tally_entries(context, facts, 0);
    result->truth = compare_tally(tally, comparison, n);
    if (result->truth == TRUTH_UNDETERMINED)
        result->reason = reason_of(context, facts);
    if (facts->known)
        result->observed = (struct value){VALUE_INTEGER, {tally.least}};
    result->most = tally.most;
}
