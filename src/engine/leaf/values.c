// What several kinds do with values: compare, measure, cite.
#include "engine/leaf/private.h"

enum { FIRST_EVIDENCE = 8 };

enum truth compare_unlike(const struct value *left, enum comparison comparison, const struct value *right)
{
    int32_t left_date, right_date;
    if (left->type == VALUE_UNKNOWN || right->type == VALUE_UNKNOWN)
        return TRUTH_UNDETERMINED;
    if (left->type == VALUE_TEXT || right->type == VALUE_TEXT)
        return truth_of(comparison != EQUAL);
    if (date_of_value(*left, &left_date) && date_of_value(*right, &right_date))
        return compare_numbers(left_date, comparison, right_date);
    return compare_numbers(left->number, comparison, right->number);
}

void evaluate_is_one_of(const struct leaf_context *context, size_t slot, const struct operands *operands,
                        struct node_result *result)
{
    if (!observe_fact(context, slot, result))
        return;
    result->truth = compare_any(context, &context->facts->values[slot], EQUAL, operands);
    if (result->truth == TRUTH_UNDETERMINED)
        result->reason = REASON_LIMIT_UNKNOWN;
}

bool margin_between(int64_t observed, enum comparison comparison, int64_t required, int64_t *ret_margin)
{
    if (comparison == EQUAL || comparison == NOT_EQUAL)
        return false;
    bool downward = comparison == LESS || comparison == LESS_EQUAL;
    return downward ? !__builtin_sub_overflow(required, observed, ret_margin)
                    : !__builtin_sub_overflow(observed, required, ret_margin);
}

void add_evidence(struct evidence_list *evidence, struct evidence item)
{
    evidence->items = arena_grown(evidence->arena, evidence->items, evidence->count, sizeof *evidence->items,
                                  FIRST_EVIDENCE, &evidence->room);
    evidence->items[evidence->count++] = item;
}

void cite_fact(struct evidence_list *evidence, size_t slot)
{
    add_evidence(evidence, (struct evidence){.kind = EVIDENCE_FACT, .slot = slot});
}

void cite_content(struct evidence_list *evidence, size_t slot)
{
    add_evidence(evidence, (struct evidence){.kind = EVIDENCE_FINDING, .slot = slot});
}

void cite_leaf(const struct leaf_context *context, struct evidence_list *evidence)
{
    context->leaf->kind->cite(context, evidence);
    cite_until(context, evidence);
}

void cite_operands(struct evidence_list *evidence, const struct operands *operands)
{
    for (size_t i = 0; i < operands->count; i++)
        if (operands->items[i].kind == OPERAND_FACT)
            cite_fact(evidence, operands->items[i].slot);
}
