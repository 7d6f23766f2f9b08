// Checking a rule set as written: every fault is reported, every name is resolved to a slot.
#ifndef THIDUA_ENGINE_CRITERIA_CHECK_H
#define THIDUA_ENGINE_CRITERIA_CHECK_H

#include "thidua/criteria.h"

struct check {
    struct arena *arena;
    const struct rule_set_source *source;
    struct rule_faults *faults;
    const char *leaf_ids[RULES_MOST_NODES];
    size_t leaf_count;
    size_t node_count; // as compiled: a guard adds one
};

// Name, period, declarations, criteria apart from their expressions.
void check_declarations(struct check *check);
// `depth` counts the expression itself.
void check_expression(struct check *check, struct expression *expression, size_t depth);
void check_leaf(struct check *check, struct expression *leaf);
void check_citations(struct check *check, const char *pointer, const struct citation *citations, size_t count);
void check_words(struct check *check, const char *pointer, struct bilingual text);
// False, and a fault of that kind, if `name` is not there. `operand` must have a type that `type` can be compared with.
bool check_operand(struct check *check, const char *pointer, struct operand *operand, enum value_type type,
                   unsigned decimals);

// The slot of a name among `count` things of `size` bytes that begin with their name; `count` if it is not there.
size_t find_name(const void *things, size_t count, size_t size, const char *name);

#endif
