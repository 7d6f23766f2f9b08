// A number against a limit: "90 điểm trở lên".
#include "engine/leaf/private.h"

struct threshold {
    struct leaf leaf;
    const char *fact;
    enum comparison comparison;
    struct operands limit; // one
    size_t slot;
};
LEAF_FIRST(struct threshold, leaf);

static const struct leaf_member threshold_members[] = {
    {FACT_MEMBER("fact", struct threshold, fact)},
    {CHOICE_MEMBER("op", struct threshold, comparison, enum comparison, comparison_signs)},
    {OPERANDS_MEMBER("value", struct threshold, limit)},
    {0},
};

static void check_threshold(struct check *check, struct leaf *leaf)
{
    struct threshold *threshold = (struct threshold *)leaf;
    check_compared_fact(check, leaf, threshold->fact, NUMBERS, &threshold->limit, &threshold->slot);
    leaf->margin_decimals = leaf->decimals;
}

static void evaluate_threshold(const struct leaf_context *context, struct node_result *result)
{
    const struct threshold *leaf = (const struct threshold *)context->leaf;
    if (!observe_fact(context, leaf->slot, result))
        return;
    struct value limit = operand_value(context, leaf->limit.items);
    if (limit.type == VALUE_UNKNOWN)
        leave_open(result, REASON_LIMIT_UNKNOWN);
    else
        result->truth = compare_values(&result->observed, leaf->comparison, &limit);
}

static const char *required_threshold(const struct explainer *explainer)
{
    const struct threshold *leaf = (const struct threshold *)explainer->context.leaf;
    return compared_text(explainer, leaf->comparison, operands_text(explainer, &leaf->limit));
}

static bool margin_of_threshold(const struct leaf_context *context, const struct node_result *result,
                                int64_t *ret_margin)
{
    const struct threshold *leaf = (const struct threshold *)context->leaf;
    struct value limit = operand_value(context, leaf->limit.items);
    return result->observed.type != VALUE_UNKNOWN && limit.type != VALUE_UNKNOWN &&
           margin_between(result->observed.number, leaf->comparison, limit.number, ret_margin);
}

static void cite_threshold(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct threshold *leaf = (const struct threshold *)context->leaf;
    cite_fact(evidence, leaf->slot);
    cite_operands(evidence, &leaf->limit);
}

const struct leaf_kind threshold_kind = {
    .name = "threshold",
    .size = sizeof(struct threshold),
    .members = threshold_members,
    .check = check_threshold,
    .evaluate = evaluate_threshold,
    .observed = observed_value,
    .required = required_threshold,
    .margin = margin_of_threshold,
    .cite = cite_threshold,
};
