// "Not" and "not yet": up to when a leaf of any kind may still come true.
#include "engine/leaf/private.h"

static bool limit_known(const struct leaf_context *context, const struct time_limit *limit, int32_t *ret_day)
{
    return date_of_value(operand_value(context, &limit->day), ret_day) &&
           date_moved(context, *ret_day, limit->calendar_days, limit->working_days, ret_day);
}

bool moved_limit_lasts(const struct leaf_context *context, const struct time_limit *limit)
{
    int32_t day;
    return !limit_known(context, limit, &day) ||
           context->parameters->values[PARAMETER_AS_OF].number < day + limit->includes_day;
}

struct value until_last_day(const struct leaf_context *context)
{
    const struct time_limits *until = context->leaf->until;
    struct value latest = {.type = VALUE_UNKNOWN};
    int32_t day;
    for (size_t i = 0; until && i < until->count; i++) {
        const struct time_limit *limit = &until->items[i];
        if (!limit_known(context, limit, &day))
            return (struct value){.type = VALUE_UNKNOWN};
        if ((limit->includes_day || date_add_days(day, -1, &day)) &&
            (latest.type == VALUE_UNKNOWN || day > latest.number))
            latest = (struct value){VALUE_DATE, {day}};
    }
    return latest;
}

void cite_until(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct time_limits *until = context->leaf->until;
    for (size_t i = 0; until && i < until->count; i++) {
        const struct operand *day = &until->items[i].day;
        if (day->kind == OPERAND_FACT && operand_value(context, day).type != VALUE_UNKNOWN)
            cite_fact(evidence, day->slot);
    }
}
