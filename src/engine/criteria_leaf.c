#include "engine/private.h"

#include "thidua/decimal.h"

static void undetermined(struct node_result *result, enum leaf_reason reason)
{
    result->truth = TRUTH_UNDETERMINED;
    result->reason = reason;
}

static bool observe(const struct leaf_context *context, struct node_result *result)
{
    result->observed = context->facts->facts[context->leaf->slot].value;
    if (result->observed.type == VALUE_UNKNOWN)
        undetermined(result, REASON_FACT_UNKNOWN);
    return result->observed.type != VALUE_UNKNOWN;
}

static void evaluate_threshold(const struct leaf_context *context, struct node_result *result)
{
    struct value required = operand_value(context, &context->leaf->operands[0]);
    if (!observe(context, result))
        return;
    if (required.type == VALUE_UNKNOWN) {
        undetermined(result, REASON_LIMIT_UNKNOWN);
        return;
    }
    result->truth = compare_values(result->observed, context->leaf->comparison, required);
}

static void evaluate_one_of(const struct leaf_context *context, struct node_result *result)
{
    const struct expression *leaf = context->leaf;
    if (!observe(context, result))
        return;
    result->truth = TRUTH_FALSE;
    for (size_t i = 0; i < leaf->operand_count; i++)
        result->truth = truth_or(result->truth,
                                 compare_values(result->observed, EQUAL, operand_value(context, &leaf->operands[i])));
    if (result->truth == TRUTH_UNDETERMINED)
        result->reason = REASON_LIMIT_UNKNOWN;
}

static void evaluate_ratio(const struct leaf_context *context, struct node_result *result)
{
    const struct expression *leaf = context->leaf;
    struct value whole = context->facts->facts[leaf->whole_slot].value;
    if (!observe(context, result))
        return;
    if (whole.type == VALUE_UNKNOWN) {
        undetermined(result, REASON_FACT_UNKNOWN);
    } else if (whole.number < 0) {
        undetermined(result, REASON_WHOLE_IS_NEGATIVE);
    } else if (whole.number == 0) {
        result->truth = leaf->whole_zero;
        result->reason = REASON_WHOLE_IS_ZERO;
    } else {
        int order = ratio_compare(result->observed.number, whole.number, leaf->p, leaf->q);
        result->truth = compare_numbers(order, leaf->comparison, 0);
    }
}

// III.3: complete or not is a fact as soon as it is known which documents there are.
static void evaluate_completeness(const struct leaf_context *context, struct node_result *result)
{
    const struct expression *leaf = context->leaf;
    if (!context->facts->documents_known) {
        undetermined(result, REASON_DOCUMENTS_UNKNOWN);
        return;
    }
    result->truth = TRUTH_TRUE;
    for (size_t i = 0; i < leaf->name_count; i++) {
        const char *state = context->facts->documents[leaf->name_slots[i]];
        if (!state || !same_text(state, leaf->states[i]))
            result->truth = TRUTH_FALSE;
    }
}

static bool add_days(const struct leaf_context *context, int32_t base, int32_t *ret_date)
{
    const struct expression *leaf = context->leaf;
    if (leaf->working_days)
        return date_add_working_days(base, leaf->working_days, &context->parameters->calendar, ret_date);
    return date_add_days(base, leaf->calendar_days, ret_date);
}

// The last good day: of "before D" the day before D.
struct value deadline_limit(const struct leaf_context *context)
{
    const struct expression *leaf = context->leaf;
    int32_t date;
    if (!date_of_value(operand_value(context, &leaf->operands[0]), &date) || !add_days(context, date, &date) ||
        (!leaf->inclusive && !date_add_days(date, -1, &date)))
        return (struct value){.type = VALUE_UNKNOWN};
    return (struct value){VALUE_DATE, {date}};
}

static void evaluate_deadline(const struct leaf_context *context, struct node_result *result)
{
    int32_t observed = 0;
    struct value limit = deadline_limit(context);
    if (!observe(context, result))
        return;
    if (limit.type == VALUE_UNKNOWN || !date_of_value(result->observed, &observed)) {
        undetermined(result, REASON_LIMIT_UNKNOWN);
        return;
    }
    result->truth = truth_of(observed <= limit.number);
}

static bool contains(const char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (same_text(texts[i], text))
            return true;
    return false;
}

// III.1.a: a recorded human finding; one by a body that may not find is as good as none.
static void evaluate_finding(const struct leaf_context *context, struct node_result *result)
{
    const struct expression *leaf = context->leaf;
    const struct finding *finding = &context->facts->findings[leaf->slot];
    if (!finding->result) {
        undetermined(result, REASON_NO_FINDING);
        return;
    }
    result->observed = (struct value){.type = VALUE_TEXT, .text = finding->result};
    bool competent =
        leaf->found_by_count == 0 ||
        (finding->found_by && contains((const char *const *)leaf->found_by, leaf->found_by_count, finding->found_by));
    if (!competent)
        undetermined(result, REASON_FINDER_NOT_COMPETENT);
    else
        result->truth = truth_of(contains((const char *const *)leaf->names, leaf->name_count, finding->result));
}

void evaluate_leaf(const struct leaf_context *context, struct node_result *result)
{
    switch (context->leaf->kind) {
    case KIND_THRESHOLD:
        evaluate_threshold(context, result);
        break;
    case KIND_FLAG:
    case KIND_ONE_OF:
        evaluate_one_of(context, result);
        break;
    case KIND_RATIO:
        evaluate_ratio(context, result);
        break;
    case KIND_DEADLINE:
        evaluate_deadline(context, result);
        break;
    case KIND_COMPLETENESS:
        evaluate_completeness(context, result);
        break;
    case KIND_FINDING:
        evaluate_finding(context, result);
        break;
    case KIND_COUNT:
    case KIND_ABSENCE:
    case KIND_STREAK:
    case KIND_COOLDOWN:
        evaluate_register_leaf(context, result);
        break;
    case KIND_ALL:
    case KIND_ANY:
    case KIND_NOT:
    case KIND_AT_LEAST:
    case KIND_GUARDED:
        break;
    }
}
