// How far a number lies above another one: "tăng ít nhất 2 điểm so với năm trước", "cao hơn bình quân của tỉnh".
// Exact: both are brought to the same decimals in 128 bits.
#include "base/pure/wide.h"
#include "engine/leaf/private.h"

struct difference {
    struct leaf leaf;
    const char *fact;
    struct operand minus; // a fact or a parameter
    enum comparison comparison;
    struct operand limit;
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
    if (difference->limit.kind == OPERAND_FACT)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, "value");
    else
        check_operand(check, leaf, &difference->limit, decimals ? VALUE_DECIMAL : VALUE_INTEGER, decimals);
}

// The exact difference; false where one of both is not known.
static bool difference_of(const struct leaf_context *context, wide *ret_difference)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
    struct value fact = context->facts->facts[leaf->slot].value, minus = operand_value(context, &leaf->minus);
    if (fact.type == VALUE_UNKNOWN || minus.type == VALUE_UNKNOWN)
        return false;
    *ret_difference = (wide)fact.number * leaf->fact_scale - (wide)minus.number * leaf->minus_scale;
    return true;
}

static enum truth compare_wide(wide left, enum comparison comparison, int64_t right)
{
    return compare_numbers((left > right) - (left < right), comparison, 0);
}

static void evaluate_difference(const struct leaf_context *context, struct node_result *result)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
    struct value limit = operand_value(context, &leaf->limit);
    wide difference;
    if (!difference_of(context, &difference)) {
        leave_open(result, REASON_FACT_UNKNOWN);
        return;
    }
    if (difference >= INT64_MIN && difference <= INT64_MAX)
        result->observed =
            (struct value){context->leaf->decimals ? VALUE_DECIMAL : VALUE_INTEGER, {(int64_t)difference}};
    if (limit.type == VALUE_UNKNOWN)
        leave_open(result, REASON_LIMIT_UNKNOWN);
    else
        result->truth = compare_wide(difference, leaf->comparison, limit.number);
}

static const char *required_difference(const struct explainer *explainer)
{
    const struct difference *leaf = (const struct difference *)explainer->context.leaf;
    struct operand limit = leaf->limit;
    return compared_text(explainer, leaf->comparison, operands_text(explainer, &(struct operands){&limit, 1}));
}

// "90.00 - 88.50 = 1.50"
static const char *observed_difference(const struct explainer *explainer)
{
    const struct difference *leaf = (const struct difference *)explainer->context.leaf;
    const struct leaf_context *context = &explainer->context;
    struct value fact = context->facts->facts[leaf->slot].value, minus = operand_value(context, &leaf->minus);
    if (fact.type == VALUE_UNKNOWN && minus.type == VALUE_UNKNOWN)
        return NULL;
    const struct rule_set_source *source = explainer->source;
    unsigned minus_decimals = leaf->minus.kind == OPERAND_FACT ? source->facts[leaf->minus.slot].decimals
                                                               : source->parameters[leaf->minus.slot].decimals;
    const char *left =
        fact.type == VALUE_UNKNOWN ? "?" : number_text(explainer, fact.number, source->facts[leaf->slot].decimals);
    const char *right = minus.type == VALUE_UNKNOWN ? "?" : number_text(explainer, minus.number, minus_decimals);
    const char *both = arena_format(explainer->arena, "%s - %s", left, right);
    return explainer->result->observed.type == VALUE_UNKNOWN
               ? both
               : arena_format(explainer->arena, "%s = %s", both, observed_value(explainer));
}

static bool margin_of_difference(const struct leaf_context *context, const struct node_result *result,
                                 int64_t *ret_margin)
{
    const struct difference *leaf = (const struct difference *)context->leaf;
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
