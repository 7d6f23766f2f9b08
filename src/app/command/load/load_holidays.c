// `thidua load FILE` where the file holds public holidays: checked here, kept by year.
#include "app/command/load/load.h"

#include "app/command/failure.h"
#include "app/command/record.h"
#include "database/session.h"
#include "handler/run.h"
#include "holidays/holidays.sql.h"

#include "thidua/civil.h"
#include "thidua/plain_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_year(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 1900 && json_integer_value(value) <= 2999;
}

static bool holiday_years_are_sound(const json_t *years)
{
    for (size_t i = 0; i < json_array_size(years); i++) {
        if (!is_year(json_array_get(years, i)))
            return false;
        for (size_t k = 0; k < i; k++)
            if (json_equal(json_array_get(years, k), json_array_get(years, i)))
                return false;
    }
    return json_array_size(years) > 0;
}

static bool in_years(const json_t *years, int year)
{
    for (size_t i = 0; i < json_array_size(years); i++)
        if (json_integer_value(json_array_get(years, i)) == year)
            return true;
    return false;
}

static bool is_words(const json_t *value)
{
    size_t characters = 0;
    return json_is_string(value) &&
           text_examine(json_string_value(value), json_string_length(value), &characters) == TEXT_FINE && characters;
}

// NULL, or what is wrong with the day.
static const char *fault_of_day(const json_t *days, size_t at, const json_t *years)
{
    const json_t *day = json_array_get(days, at);
    const char *text = json_string_value(json_object_get(day, "date"));
    const char *kind = json_string_value(json_object_get(day, "kind"));
    int32_t date;
    if (!text || !date_parse(text, strlen(text), &date) || !date_is_kept(date) ||
        !in_years(years, date_to_civil(date).year))
        return "`date` must be a day of one of the years as YYYY-MM-DD";
    if (!kind || (strcmp(kind, "OFF") != 0 && strcmp(kind, "WORKED") != 0))
        return "`kind` must be OFF or WORKED";
    if (strcmp(kind, "WORKED") == 0 && date_weekday(date) < 5)
        return "only a Saturday or Sunday is worked for another day";
    if (!is_words(json_object_get(day, "vi")) || !is_words(json_object_get(day, "en")) ||
        !is_words(json_object_get(day, "document")))
        return "`vi`, `en` and `document` are needed as plain texts: what it is and by which document";
    for (size_t i = 0; i < at; i++)
        if (strcmp(text, json_string_value(json_object_get(json_array_get(days, i), "date"))) == 0)
            return "the day is named twice";
    return NULL;
}

static bool are_sound(const char *file, const json_t *holidays)
{
    const json_t *years = json_object_get(holidays, "years"), *days = json_object_get(holidays, "days");
    if (!holiday_years_are_sound(years) || !json_is_array(days)) {
        fprintf(stderr, "thidua load: %s: /public_holidays: `years` and `days` must be lists\n", file);
        return false;
    }
    for (size_t i = 0; i < json_array_size(days); i++) {
        const char *fault = fault_of_day(days, i, years);
        if (fault) {
            fprintf(stderr, "thidua load: %s: /public_holidays/days/%zu: %s\n", file, i, fault);
            return false;
        }
    }
    return true;
}

static bool note_holidays(struct session *session, const char *change, const char *before, const char *after)
{
    struct failure failure;
    char type[60];
    snprintf(type, sizeof type, "public_holidays.%s", strcmp(change, "created") == 0 ? change : "changed");
    const struct event event = {.type = type, .resource = "/v1/public-holidays", .before = before, .after = after};
    return record_by_command(session, "thidua load", &event, &failure);
}

static bool put_holidays(struct session *session, const char *text)
{
    struct failure failure = {0};
    begin_by_command(session);
    struct rows *rows = holidays_put_run(session, text, &failure);
    struct holidays_put loaded = rows ? holidays_put_at(rows, 0) : (struct holidays_put){0};
    const char *change = loaded.change;
    bool done = change && (strcmp(change, "unchanged") == 0 || note_holidays(session, change, loaded.before, text)) &&
                session_commit(session, &failure);
    if (done)
        printf("public holidays: %s\n", change);
    else
        print_failure("thidua load: public holidays", session, &failure);
    rows_free(rows);
    return done;
}

bool load_holidays(struct place *place, const char *file, json_t *holidays)
{
    if (!are_sound(file, holidays) || !load_texts(file, holidays))
        return false;
    struct session *session = place_connect(place, place->url, "thidua load");
    char *text = json_dumps(holidays, JSON_COMPACT);
    bool done = session && text && put_holidays(session, text);
    free(text);
    session_free(session);
    return done;
}
