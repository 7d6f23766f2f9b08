// A day, or an instant in Asia/Ho_Chi_Minh, up to a limit: "trước ngày 31/12" excludes that day, "chậm nhất 10 ngày
// trước" includes it.
#include "engine/leaf/private.h"

#include <stdlib.h>

enum bound { BOUND_BEFORE, BOUND_NOT_AFTER };

struct deadline {
    struct leaf leaf;
    const char *fact;
    struct operand limit;
    enum bound bound;
    int64_t calendar_days; // added to the limit; at most one of both is not zero
    int64_t working_days;
    size_t slot;
};
LEAF_FIRST(struct deadline, leaf);

static const char *const bounds[] = {"before", "not_after", NULL};

static const struct leaf_member deadline_members[] = {
    {FACT_MEMBER("fact", struct deadline, fact)},
    {OPERAND_MEMBER("limit", struct deadline, limit)},
    {CHOICE_MEMBER("bound", struct deadline, bound, enum bound, bounds)},
    {INTEGER_MEMBER("calendar_days", struct deadline, calendar_days, -MOST_DAYS, MOST_DAYS), .optional = true},
    {INTEGER_MEMBER("working_days", struct deadline, working_days, -MOST_DAYS, MOST_DAYS), .optional = true},
    {0},
};

static void check_deadline_leaf(struct check *check, struct leaf *leaf)
{
    struct deadline *deadline = (struct deadline *)leaf;
    struct operands limit = {&deadline->limit, 1};
    check_compared_fact(check, leaf, deadline->fact, TIMES, &limit, &deadline->slot);
    if (deadline->calendar_days && deadline->working_days)
        rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_NUMBER, "days");
    check->counts_working_days |= deadline->working_days != 0;
}

// The last good day: of "before D" the day before D. False if it is not known, or outside of the calendar.
static inline bool last_good_day(const struct leaf_context *context, int32_t *ret_day)
{
    const struct deadline *leaf = (const struct deadline *)context->leaf;
    return date_of_value(operand_value(context, &leaf->limit), ret_day) &&
           date_moved(context, *ret_day, leaf->calendar_days, leaf->working_days, ret_day) &&
           (leaf->bound != BOUND_BEFORE || date_add_days(*ret_day, -1, ret_day));
}

static void evaluate_deadline(const struct leaf_context *context, struct node_result *result)
{
    const struct deadline *leaf = (const struct deadline *)context->leaf;
    int32_t observed, last;
    if (!observe_fact(context, leaf->slot, result))
        return;
    if (!last_good_day(context, &last) || !date_of_value(result->observed, &observed))
        leave_open(result, REASON_LIMIT_UNKNOWN);
    else
        result->truth = truth_of(observed <= last);
}

// Every day is looked up among the holidays.
static uint64_t work_of_days(const struct leaf *leaf, const struct unit_facts *facts)
{
    (void)facts;
    return (uint64_t)llabs(((const struct deadline *)leaf)->working_days);
}

static const char *required_deadline(const struct explainer *explainer)
{
    int32_t last;
    if (!last_good_day(&explainer->context, &last))
        return text_or_unknown(explainer, NULL);
    return compared_text(explainer, LESS_EQUAL, shown_value(explainer, (struct value){VALUE_DATE, {last}}));
}

// In days.
static bool margin_of_deadline(const struct leaf_context *context, const struct node_result *result,
                               int64_t *ret_margin)
{
    int32_t last, observed;
    if (!last_good_day(context, &last) || !date_of_value(result->observed, &observed))
        return false;
    *ret_margin = (int64_t)last - observed;
    return true;
}

static void cite_deadline(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct deadline *leaf = (const struct deadline *)context->leaf;
    struct operand limit = leaf->limit;
    cite_fact(evidence, leaf->slot);
    cite_operands(evidence, &(struct operands){&limit, 1});
}

const struct leaf_kind deadline_kind = {
    .name = "deadline",
    .size = sizeof(struct deadline),
    .members = deadline_members,
    .check = check_deadline_leaf,
    .evaluate = evaluate_deadline,
    .work = work_of_days,
    .observed = observed_value,
    .required = required_deadline,
    .margin = margin_of_deadline,
    .false_is_past = true,
    .cite = cite_deadline,
};
