// A share against p/q, exactly: 64.35 of 71.50 is 90 %, without rounding.
#include "engine/leaf/private.h"
#include "thidua/decimal.h"

enum { MOST_PART = 1000000, PERCENT_DECIMALS = 2 };

struct ratio {
    struct leaf leaf;
    const char *part, *whole;
    enum comparison comparison;
    int64_t p, q;
    enum truth whole_zero; // what a whole of zero means
    size_t part_slot, whole_slot;
};
LEAF_FIRST(struct ratio, leaf);

static const char *const truths[] = {"false", "undetermined", "true", NULL};

static const struct leaf_member ratio_members[] = {
    {FACT_MEMBER("part", struct ratio, part)},
    {FACT_MEMBER("whole", struct ratio, whole)},
    {CHOICE_MEMBER("op", struct ratio, comparison, enum comparison, comparison_signs)},
    {INTEGER_MEMBER("p", struct ratio, p, 0, MOST_PART)},
    {INTEGER_MEMBER("q", struct ratio, q, 1, MOST_PART)},
    {CHOICE_MEMBER("whole_zero", struct ratio, whole_zero, enum truth, truths)},
    {0},
};

static void check_ratio(struct check *check, struct leaf *leaf)
{
    struct ratio *ratio = (struct ratio *)leaf;
    const struct fact_declaration *part = check_fact(check, leaf, ratio->part, NUMBERS, &ratio->part_slot);
    const struct fact_declaration *whole = check_fact(check, leaf, ratio->whole, ANY_TYPE, &ratio->whole_slot);
    if (part && whole && (whole->type != part->type || whole->decimals != part->decimals))
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, ratio->whole);
    leaf->decimals = part ? part->decimals : 0;
    leaf->margin_decimals = PERCENT_DECIMALS;
}

static void evaluate_ratio(const struct leaf_context *context, struct node_result *result)
{
    const struct ratio *leaf = (const struct ratio *)context->leaf;
    struct value whole = context->facts->values[leaf->whole_slot];
    if (!observe_fact(context, leaf->part_slot, result))
        return;
    if (whole.type == VALUE_UNKNOWN) {
        leave_open(result, REASON_FACT_UNKNOWN);
    } else if (whole.number < 0) {
        leave_open(result, REASON_WHOLE_IS_NEGATIVE);
    } else if (whole.number == 0) {
        result->truth = leaf->whole_zero;
        result->reason = REASON_WHOLE_IS_ZERO;
    } else {
        int order = ratio_compare(result->observed.number, whole.number, leaf->p, leaf->q);
        result->truth = compare_numbers(order, leaf->comparison, 0);
    }
}

// "64.35/71.50 (90.00 %)"
static const char *observed_ratio(const struct explainer *explainer)
{
    const struct ratio *leaf = (const struct ratio *)explainer->context.leaf;
    struct value part = explainer->result->observed, whole = explainer->context.facts->values[leaf->whole_slot];
    int64_t percent;
    if (part.type == VALUE_UNKNOWN || whole.type == VALUE_UNKNOWN)
        return NULL;
    const char *share =
        arena_format(explainer->arena, "%s/%s", shown_value(explainer, part), shown_value(explainer, whole));
    if (!ratio_percent(part.number, whole.number, &percent))
        return share;
    return arena_format(explainer->arena, "%s (%s %%)", share, number_text(explainer, percent, PERCENT_DECIMALS));
}

static const char *required_ratio(const struct explainer *explainer)
{
    const struct ratio *leaf = (const struct ratio *)explainer->context.leaf;
    const char *p = number_text(explainer, leaf->p, 0);
    const char *share = leaf->q == 100 ? arena_format(explainer->arena, "%s %%", p)
                                       : arena_format(explainer->arena, "%s/%s", p, number_text(explainer, leaf->q, 0));
    return compared_text(explainer, leaf->comparison, share);
}

// In hundredths of a percentage point.
static bool margin_of_ratio(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct ratio *leaf = (const struct ratio *)context->leaf;
    struct value whole = context->facts->values[leaf->whole_slot];
    if (leaf->comparison == EQUAL || leaf->comparison == NOT_EQUAL || result->observed.type == VALUE_UNKNOWN ||
        whole.type == VALUE_UNKNOWN ||
        !ratio_margin(result->observed.number, whole.number, leaf->p, leaf->q, ret_margin))
        return false;
    if (leaf->comparison == LESS || leaf->comparison == LESS_EQUAL)
        *ret_margin = -*ret_margin;
    return true;
}

static void cite_ratio(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct ratio *leaf = (const struct ratio *)context->leaf;
    cite_fact(evidence, leaf->part_slot);
    cite_fact(evidence, leaf->whole_slot);
}

const struct leaf_kind ratio_kind = {
    .name = "ratio",
    .size = sizeof(struct ratio),
    .members = ratio_members,
    .check = check_ratio,
    .evaluate = evaluate_ratio,
    .observed = observed_ratio,
    .required = required_ratio,
    .margin = margin_of_ratio,
    .cite = cite_ratio,
};
