// What a plan says of days and years.
#ifndef THIDUA_APP_COMMAND_LOAD_PLAN_DAYS_H
#define THIDUA_APP_COMMAND_LOAD_PLAN_DAYS_H

#include <jansson.h>
#include <stdbool.h>

// "2024-12-25", of the years that the service keeps.
bool is_date(const char *text);
// "12-25", a day that every year has.
bool is_month_day(const char *text);
// `year_begins`; NULL: the plan leaves it out, and its years are calendar years.
bool is_year_begins(const json_t *value, const json_t *plan);
// II.3: each award year once, and touched by the window of the plan.
bool award_years_are_sound(const json_t *years, const json_t *plan);

#endif
