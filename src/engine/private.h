// What the parts of the criteria engine share; see thidua/criteria.h.
#ifndef THIDUA_ENGINE_PRIVATE_H
#define THIDUA_ENGINE_PRIVATE_H

#include <string.h>

#include "thidua/civil.h"
#include "thidua/criteria.h"

struct leaf_context {
    const struct expression *leaf;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
};

static inline bool is_leaf(enum expression_kind kind)
{
    return kind >= KIND_THRESHOLD;
}

static inline enum truth truth_not(enum truth truth)
{
    return (enum truth)(2 - (int)truth);
}

static inline enum truth truth_and(enum truth a, enum truth b)
{
    return a < b ? a : b;
}

static inline enum truth truth_or(enum truth a, enum truth b)
{
    return a > b ? a : b;
}

static inline enum truth truth_of(bool condition)
{
    return condition ? TRUTH_TRUE : TRUTH_FALSE;
}

// Most comparisons differ in the first byte or are of the same pointer: no call for those.
static inline bool same_text(const char *a, const char *b)
{
    return a == b || (*a == *b && strcmp(a, b) == 0);
}

static inline bool date_of_value(struct value value, int32_t *ret_date)
{
    if (value.type == VALUE_DATE)
        *ret_date = (int32_t)value.number;
    else if (value.type == VALUE_INSTANT)
        *ret_date = instant_local_date(value.number);
    return value.type == VALUE_DATE || value.type == VALUE_INSTANT;
}

static inline enum truth compare_numbers(int64_t left, enum comparison comparison, int64_t right)
{
    // By the sign of the difference: which of less, equal and greater the comparison admits.
    static const unsigned char admitted[] = {
        [EQUAL] = 2, [NOT_EQUAL] = 5, [LESS] = 1, [LESS_EQUAL] = 3, [GREATER] = 4, [GREATER_EQUAL] = 6};
    return truth_of(admitted[comparison] >> ((left > right) - (left < right) + 1) & 1);
}

// Undetermined if either side is unknown. Dates and instants compare as dates of Asia/Ho_Chi_Minh.
static inline enum truth compare_values(struct value left, enum comparison comparison, struct value right)
{
    int32_t left_date, right_date;
    if (left.type == VALUE_UNKNOWN || right.type == VALUE_UNKNOWN)
        return TRUTH_UNDETERMINED;
    if (left.type == VALUE_TEXT || right.type == VALUE_TEXT)
        return truth_of((left.type == right.type && same_text(left.text, right.text)) == (comparison == EQUAL));
    if (left.type != right.type && date_of_value(left, &left_date) && date_of_value(right, &right_date))
        return compare_numbers(left_date, comparison, right_date);
    return compare_numbers(left.number, comparison, right.number);
}

// The value an operand has in this evaluation; VALUE_UNKNOWN if it has none.
static inline struct value operand_value(const struct leaf_context *context, const struct operand *operand)
{
    struct value value = {.type = VALUE_UNKNOWN};
    if (operand->kind == OPERAND_LITERAL)
        return operand->literal;
    if (operand->kind == OPERAND_FACT)
        return context->facts->facts[operand->slot].value;
    if (operand->kind == OPERAND_PARAMETER) {
        value = context->parameters->values[operand->slot];
        if (value.type == VALUE_UNKNOWN && operand->fallback)
            value = context->parameters->values[operand->fallback_slot];
    }
    return value;
}

// The rules' own copy of a text that one of their leaves compares with; NULL for any other text and for NULL.
const char *known_text(const struct rule_set *rules, const char *text);
// Sorts the texts that leaves compare with and lets the leaves use one copy of each.
void gather_texts(struct arena *arena, struct rule_set *rules);

// Only for leaves: fills `result`, which stands undetermined without a reason; on_missing not yet applied.
void evaluate_leaf(const struct leaf_context *context, struct node_result *result);
void evaluate_register_leaf(const struct leaf_context *context, struct node_result *result);

// The last good day of a deadline; unknown gives VALUE_UNKNOWN.
struct value deadline_limit(const struct leaf_context *context);

// How far the leaf is from what is required, for display: positive with room to spare, negative where it is missed, in
// decimals of the fact, hundredths of a percentage point, entries, days, years or documents. False if there is none.
bool leaf_margin(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin);

#endif
