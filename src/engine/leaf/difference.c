// How far a number lies above another one: "tăng ít nhất 2 điểm so với năm trước", "cao hơn bình quân của tỉnh", or how
// far as a percentage of that one: "tăng ít nhất 10%". Exact: both are brought to the same decimals in 128 bits.
#include "base/pure/wide.h"
#include "engine/leaf/private.h"
#include "thidua/decimal.h"

enum { PERCENT_DECIMALS = 2, WHOLE_OF_PERCENT = 10000, MOST_PERCENT = 1000000 }; // in hundredths of a per cent

struct difference {
    struct leaf leaf;
    const char *fact;
    struct operand minus; // a fact or a parameter
    enum comparison comparison;
    struct operand limit;
    bool relative;   // the limit is a percentage of what is taken away …
    int64_t percent; // … in hundredths
    size_t slot;
    int64_t fact_scale, minus_scale; // what brings each to the decimals of the leaf
};
LEAF_FIRST(struct difference, leaf);

static const struct leaf_member difference_members[] = {
    {FACT_MEMBER("fact", struct difference, fact)},
    {OPERAND_MEMBER("minus", struct difference, minus)},
    {CHOICE_MEMBER("op", struct difference, comparison, enum comparison, comparison_signs)},
    {OPERAND_MEMBER("value", struct difference, limit)},
    {0},
};

// Whether there is such a number, and with how many decimals.
static bool resolve_minus(struct check *check, const struct leaf *leaf, struct operand *minus, unsigned *ret_decimals)
{
    const struct rule_set_source *source = check->source;
    if (minus->kind == OPERAND_FACT) {
        const struct fact_declaration *fact = check_fact(check, leaf, minus->text, NUMBERS, &minus->slot);
        *ret_decimals = fact ? fact->decimals : 0;
        return fact != NULL;
    }
    if (minus->kind == OPERAND_PARAMETER && !minus->fallback) {
        minus->slot = find_name(source->parameters, source->parameter_count, sizeof *source->parameters, minus->text);
        if (minus->slot == source->parameter_count) {
            rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_PARAMETER, minus->text);
            return false;
        }
        *ret_decimals = source->parameters[minus->slot].decimals;
        if (NUMBERS >> source->parameters[minus->slot].type & 1)
            return true;
    }
    rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, "minus");
    return false;
}

static int64_t power_of_ten(unsigned exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

static void check_limit(struct check *check, struct difference *difference, unsigned decimals)
{
    struct leaf *leaf = &difference->leaf;
    struct operand *limit = &difference->limit;
    difference->relative =
        limit->kind == OPERAND_LITERAL && percent_parse(limit->text, strlen(limit->text), &difference->percent);
    if (difference->relative) {
        leaf->margin_decimals = PERCENT_DECIMALS;
        if (difference->percent < -MOST_PERCENT || difference->percent > MOST_PERCENT)
            rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_NUMBER, limit->text);
    } else if (limit->kind == OPERAND_FACT) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, "value");
    } else {
        check_operand(check, leaf, limit, decimals ? VALUE_DECIMAL : VALUE_INTEGER, decimals);
    }
}

static void check_difference(struct check *check, struct leaf *leaf)
{
    struct difference *difference = (struct difference *)leaf;
    unsigned minus_decimals = 0;
    const struct fact_declaration *fact = check_fact(check, leaf, difference->fact, NUMBERS, &difference->slot);
    if (!resolve_minus(check, leaf, &difference->minus, &minus_decimals) || !fact)
        return;
    unsigned decimals = fact->decimals > minus_decimals ? fact->decimals : minus_decimals;
    leaf->decimals = leaf->margin_decimals = decimals;
    difference->fact_scale = power_of_ten(decimals - fact->decimals);
    difference->minus_scale = power_of_ten(decimals - minus_decimals);
    check_limit(check, difference, decimals);
}

// The exact difference, and from what; false where one of both is not known.
static bool difference_of(const struct leaf_context *context, wide *ret_difference, wide *ret_base)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
    struct value fact = context->facts->values[leaf->slot], minus = operand_value(context, &leaf->minus);
    if (fact.type == VALUE_UNKNOWN || minus.type == VALUE_UNKNOWN)
        return false;
    *ret_base = (wide)minus.number * leaf->minus_scale;
    *ret_difference = (wide)fact.number * leaf->fact_scale - *ret_base;
    return true;
}

static enum truth compare_wide(wide left, enum comparison comparison, wide right)
{
    return compare_numbers((left > right) - (left < right), comparison, 0);
}

// Both sides stay below 2^63 × 10^9 × 2 × 10^6, which fits in 128 bits.
static void compare_percent(const struct difference *leaf, wide difference, wide base, struct node_result *result)
{
    if (base <= 0)
        leave_open(result, REASON_BASE_NOT_POSITIVE);
    else
        result->truth = compare_wide(difference * WHOLE_OF_PERCENT, leaf->comparison, base * leaf->percent);
}

static void evaluate_difference(const struct leaf_context *context, struct node_result *result)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
    wide difference, base;
    if (!difference_of(context, &difference, &base)) {
        leave_open(result, REASON_FACT_UNKNOWN);
        return;
    }
    if (difference >= INT64_MIN && difference <= INT64_MAX)
        result->observed =
            (struct value){context->leaf->decimals ? VALUE_DECIMAL : VALUE_INTEGER, {(int64_t)difference}};
    if (leaf->relative) {
        compare_percent(leaf, difference, base, result);
        return;
    }
    struct value limit = operand_value(context, &leaf->limit);
    if (limit.type == VALUE_UNKNOWN)
        leave_open(result, REASON_LIMIT_UNKNOWN);
    else
        result->truth = compare_wide(difference, leaf->comparison, limit.number);
}

static const char *required_difference(const struct explainer *explainer)
{
    const struct difference *leaf = (const struct difference *)explainer->context.leaf;
    struct operand limit = leaf->limit;
    const char *text = leaf->relative ? arena_format(explainer->arena, "%s %%",
                                                     number_text(explainer, leaf->percent, PERCENT_DECIMALS))
                                      : operands_text(explainer, &(struct operands){&limit, 1});
    return compared_text(explainer, leaf->comparison, text);
}

// What the difference is of the number that it was taken from, where it is asked for: " (12.50 %)".
static const char *percent_text(const struct explainer *explainer)
{
    const struct leaf_context *context = &explainer->context;
    const struct difference *leaf = (const struct difference *)context->leaf;
    wide difference, base;
    int64_t percent;
    if (!leaf->relative || !difference_of(context, &difference, &base) || base > INT64_MAX ||
        explainer->result->observed.type == VALUE_UNKNOWN ||
        !ratio_percent((int64_t)difference, (int64_t)base, &percent))
        return "";
    return arena_format(explainer->arena, " (%s %%)", number_text(explainer, percent, PERCENT_DECIMALS));
}

// "90.00 - 88.50 = 1.50"
static const char *observed_difference(const struct explainer *explainer)
{
    const struct difference *leaf = (const struct difference *)explainer->context.leaf;
    const struct leaf_context *context = &explainer->context;
    struct value fact = context->facts->values[leaf->slot], minus = operand_value(context, &leaf->minus);
    if (fact.type == VALUE_UNKNOWN && minus.type == VALUE_UNKNOWN)
        return NULL;
    const struct rule_set_source *source = explainer->source;
    unsigned minus_decimals = leaf->minus.kind == OPERAND_FACT ? source->facts[leaf->minus.slot].decimals
                                                               : source->parameters[leaf->minus.slot].decimals;
    const char *left = fact.type == VALUE_UNKNOWN
                           ? text_or_unknown(explainer, NULL)
                           : number_text(explainer, fact.number, source->facts[leaf->slot].decimals);
    const char *right = minus.type == VALUE_UNKNOWN ? text_or_unknown(explainer, NULL)
                                                    : number_text(explainer, minus.number, minus_decimals);
    const char *both = arena_format(explainer->arena, "%s - %s", left, right);
    return explainer->result->observed.type == VALUE_UNKNOWN
               ? both
               : arena_format(explainer->arena, "%s = %s%s", both, observed_value(explainer), percent_text(explainer));
}

// In hundredths of a percentage point.
static bool margin_of_percent(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
    wide difference, base;
    if (leaf->comparison == EQUAL || leaf->comparison == NOT_EQUAL || result->observed.type == VALUE_UNKNOWN ||
        !difference_of(context, &difference, &base) || base > INT64_MAX ||
        !ratio_margin((int64_t)difference, (int64_t)base, leaf->percent, WHOLE_OF_PERCENT, ret_margin))
        return false;
    if (leaf->comparison == LESS || leaf->comparison == LESS_EQUAL)
        *ret_margin = -*ret_margin;
    return true;
}

static bool margin_of_difference(const struct leaf_context *context, const struct node_result *result,
                                 int64_t *ret_margin)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
    if (leaf->relative)
        return margin_of_percent(context, result, ret_margin);
    struct value limit = operand_value(context, &leaf->limit);
    return result->observed.type != VALUE_UNKNOWN && limit.type != VALUE_UNKNOWN &&
           margin_between(result->observed.number, leaf->comparison, limit.number, ret_margin);
}

static void cite_difference(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
    struct operand minus = leaf->minus;
    cite_fact(evidence, leaf->slot);
    cite_operands(evidence, &(struct operands){&minus, 1});
}

const struct leaf_kind difference_kind = {
    .name = "difference",
    .semantics = 2,
    .size = sizeof(struct difference),
    .members = difference_members,
    .check = check_difference,
    .evaluate = evaluate_difference,
    .observed = observed_difference,
    .required = required_difference,
    .margin = margin_of_difference,
    .cite = cite_difference,
};
