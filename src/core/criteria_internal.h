// What the parts of the criteria engine share; see thidua/criteria.h.
#ifndef THIDUA_CRITERIA_INTERNAL_H
#define THIDUA_CRITERIA_INTERNAL_H

#include "thidua/criteria.h"

struct leaf_context {
    const struct expression *leaf;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
};

// Undetermined if either side is unknown. Dates and instants compare as dates of Asia/Ho_Chi_Minh.
enum truth compare_values(struct value left, enum comparison comparison, struct value right);
enum truth compare_numbers(int64_t left, enum comparison comparison, int64_t right);
bool date_of_value(struct value value, int32_t *ret_date);

// The value an operand has in this evaluation; VALUE_UNKNOWN if it has none.
struct value operand_value(const struct leaf_context *context, const struct operand *operand);

// Only for leaves: fills `result`, on_missing not yet applied.
void evaluate_leaf(const struct leaf_context *context, struct node_result *result);
void evaluate_register_leaf(const struct leaf_context *context, struct node_result *result);

// The first and last good day etc. of a deadline's limit; unknown gives VALUE_UNKNOWN.
struct value deadline_limit(const struct leaf_context *context);

// Fills `changes` (room for node_count) with a smallest set that makes every criterion satisfied; returns their number.
size_t find_changes(const struct rule_set *rules, const struct node_result *nodes,
                    const struct criterion_result *criteria, struct change *changes);

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

#endif
