// The days and years of a plan.
#include "app/command/load/plan_days.h"

#include "thidua/civil.h"

#include <stdio.h>
#include <string.h>

bool is_date(const char *text)
{
    int32_t date;
    return text && date_parse(text, strlen(text), &date) && date_is_kept(date);
}

bool is_month_day(const char *text)
{
    char date[DATE_TEXT_SIZE];
    if (!text || strlen(text) != 5)
        return false;
    snprintf(date, sizeof date, "2023-%s", text); // no leap year: the day must exist in every year
    return is_date(date);
}

static bool begins_in_year_before(const json_t *plan)
{
    const char *of = json_string_value(json_object_get(json_object_get(plan, "year_begins"), "of"));
    return of && strcmp(of, "previous_year") == 0;
}

bool is_year_begins(const json_t *value, const json_t *plan)
{
    const char *day = json_string_value(json_object_get(value, "month_day"));
    return !value || (is_month_day(day) && !(begins_in_year_before(plan) && strcmp(day, "01-01") == 0));
}

enum { DAY_SIZE = 24 };

// Of an award year, as the service counts its days.
static void first_day_of(json_int_t year, const json_t *plan, char day[static DAY_SIZE])
{
    const char *month_day = json_string_value(json_object_get(json_object_get(plan, "year_begins"), "month_day"));
    snprintf(day, DAY_SIZE, "%04d-%.5s", (int)year - begins_in_year_before(plan), month_day ? month_day : "01-01");
}

static bool window_touches(json_int_t year, const char *from, const char *to, const json_t *plan)
{
    char first[DAY_SIZE], next[DAY_SIZE];
    if (year < 1 || year > 9998)
        return false;
    first_day_of(year, plan, first);
    first_day_of(year + 1, plan, next);
    return strcmp(first, to) <= 0 && strcmp(next, from) > 0;
}

// II.3: a year that the window does not touch is no award year.
bool award_years_are_sound(const json_t *years, const json_t *plan)
{
    const char *from = json_string_value(json_object_get(json_object_get(plan, "window"), "from"));
    const char *to = json_string_value(json_object_get(json_object_get(plan, "window"), "to"));
    size_t index;
    json_t *year;
    json_array_foreach((json_t *)(uintptr_t)years, index, year)
    {
        if (!is_date(from) || !is_date(to) || !window_touches(json_integer_value(year), from, to, plan))
            return false;
        for (size_t before = 0; before < index; before++)
            if (json_equal(json_array_get(years, before), year))
                return false;
    }
    return json_array_size(years) > 0;
}
