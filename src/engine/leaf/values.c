// What several kinds do with values: compare, measure, cite.
#include "engine/leaf/private.h"

enum { FIRST_EVIDENCE = 8 };

void evaluate_is_one_of(const struct leaf_context *context, size_t slot, const struct operands *operands,
                        struct node_result *result)
{
    if (!observe_fact(context, slot, result))
        return;
    result->truth = TRUTH_FALSE;
    for (size_t i = 0; i < operands->count; i++)
        result->truth = truth_or(result->truth,
                                 compare_values(result->observed, EQUAL, operand_value(context, &operands->items[i])));
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
