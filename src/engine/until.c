// "Not" and "not yet": up to when a leaf of any kind may still come true.
#include "engine/leaf/private.h"

static bool limit_known(const struct leaf_context *context, const struct time_limit *limit, int32_t *ret_day)
{
    return date_of_value(operand_value(context, &limit->day), ret_day) &&
           date_moved(context, *ret_day, limit->calendar_days, limit->working_days, ret_day);
}

static inline bool is_day_itself(const struct time_limit *limit, const struct value *day)
{
    return day->type == VALUE_DATE && !limit->calendar_days && !limit->working_days;
}

static inline bool lasts_up_to(const struct leaf_context *context, const struct time_limit *limit, int64_t day)
{
    return context->parameters->values[PARAMETER_AS_OF].number < day + limit->includes_day;
}

static bool limit_lasts(const struct leaf_context *context, const struct time_limit *limit)
{
    const struct value *day = operand_place(context, &limit->day);
    int32_t moved;
    if (is_day_itself(limit, day))
        return lasts_up_to(context, limit, day->number);
    return !limit_known(context, limit, &moved) || lasts_up_to(context, limit, moved);
}

// Apart, so that most limits, which are a day by itself, cost less.
__attribute__((noinline)) static bool later_one_lasts(const struct leaf_context *context, size_t first)
{
    const struct time_limits *until = context->leaf->until;
    bool lasts = false;
    for (size_t i = first; i < until->count && !lasts; i++)
        lasts = limit_lasts(context, &until->items[i]);
    return lasts;
}

bool until_lasts(const struct leaf_context *context)
{
    const struct time_limits *until = context->leaf->until;
    for (size_t i = 0; until && i < until->count; i++) {
        const struct time_limit *limit = &until->items[i];
        const struct value *day = operand_place(context, &limit->day);
        if (!is_day_itself(limit, day))
            return day->type == VALUE_UNKNOWN || later_one_lasts(context, i);
        if (lasts_up_to(context, limit, day->number))
            return true;
    }
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
