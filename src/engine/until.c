// "Not" and "not yet": up to when a leaf of any kind may still come true.
#include "engine/leaf/private.h"

bool date_moved(const struct leaf_context *context, int32_t day, int64_t calendar_days, int64_t working_days,
                int32_t *ret_day)
{
    if (working_days)
        return date_add_working_days(day, (int32_t)working_days, &context->parameters->calendar, ret_day);
    return date_add_days(day, (int32_t)calendar_days, ret_day);
}

static bool limit_known(const struct leaf_context *context, const struct time_limit *limit, int32_t *ret_day)
{
    return date_of_value(operand_value(context, &limit->day), ret_day) &&
           date_moved(context, *ret_day, limit->calendar_days, limit->working_days, ret_day);
}

static bool lasts(const struct leaf_context *context, const struct time_limit *limit)
{
    int64_t judged = context->parameters->values[PARAMETER_AS_OF].number;
    int32_t day;
    if (!limit_known(context, limit, &day))
        return true;
    return limit->includes_day ? judged <= day : judged < day;
}

bool until_lasts(const struct leaf_context *context)
{
    const struct time_limits *until = context->leaf->until;
    for (size_t i = 0; until && i < until->count; i++)
        if (lasts(context, &until->items[i]))
            return true;
    return false;
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
