// How far a leaf is from what is required: for display, so it is reckoned only when asked for.
#include "engine/private.h"
#include "thidua/decimal.h"

static bool is_downward(enum comparison comparison)
{
    return comparison == LESS || comparison == LESS_EQUAL;
}

static bool distance(int64_t observed, enum comparison comparison, int64_t required, int64_t *ret_margin)
{
    if (comparison == EQUAL || comparison == NOT_EQUAL)
        return false;
    return is_downward(comparison) ? !__builtin_sub_overflow(required, observed, ret_margin)
                                   : !__builtin_sub_overflow(observed, required, ret_margin);
}

static bool threshold_margin(const struct leaf_context *context, struct value observed, int64_t *ret_margin)
{
    struct value required = operand_value(context, &context->leaf->operands[0]);
    return required.type != VALUE_UNKNOWN &&
           distance(observed.number, context->leaf->comparison, required.number, ret_margin);
}

static bool ratio_leaf_margin(const struct leaf_context *context, struct value part, int64_t *ret_margin)
{
    const struct expression *leaf = context->leaf;
    struct value whole = context->facts->facts[leaf->whole_slot].value;
    if (leaf->comparison == EQUAL || leaf->comparison == NOT_EQUAL || whole.type == VALUE_UNKNOWN ||
        !ratio_margin(part.number, whole.number, leaf->p, leaf->q, ret_margin))
        return false;
    if (is_downward(leaf->comparison))
        *ret_margin = -*ret_margin;
    return true;
}

static bool deadline_margin(const struct leaf_context *context, struct value observed, int64_t *ret_margin)
{
    struct value limit = deadline_limit(context);
    int32_t date = 0;
    if (limit.type == VALUE_UNKNOWN || !date_of_value(observed, &date))
        return false;
    *ret_margin = limit.number - date;
    return true;
}

static bool missing_documents(const struct leaf_context *context, int64_t *ret_margin)
{
    const struct expression *leaf = context->leaf;
    *ret_margin = 0;
    for (size_t i = 0; context->facts->documents_known && i < leaf->name_count; i++) {
        const char *state = context->facts->documents[leaf->name_slots[i]];
        *ret_margin -= !state || !same_text(state, leaf->states[i]);
    }
    return context->facts->documents_known;
}

bool leaf_margin(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct expression *leaf = context->leaf;
    bool decided = result->truth != TRUTH_UNDETERMINED && !result->missing_made_false;
    if (leaf->kind == KIND_COMPLETENESS)
        return missing_documents(context, ret_margin);
    if (result->observed.type == VALUE_UNKNOWN)
        return false;
    if (leaf->kind == KIND_THRESHOLD)
        return threshold_margin(context, result->observed, ret_margin);
    if (leaf->kind == KIND_RATIO)
        return ratio_leaf_margin(context, result->observed, ret_margin);
    if (leaf->kind == KIND_DEADLINE)
        return deadline_margin(context, result->observed, ret_margin);
    if (leaf->kind == KIND_ABSENCE || leaf->kind == KIND_COOLDOWN)
        return decided && distance(result->observed.number, LESS_EQUAL, 0, ret_margin);
    if (leaf->kind == KIND_COUNT)
        return decided && distance(result->observed.number, leaf->comparison, leaf->n, ret_margin);
    if (leaf->kind == KIND_STREAK)
        return decided && distance(result->observed.number, GREATER_EQUAL, leaf->n, ret_margin);
    return false;
}
