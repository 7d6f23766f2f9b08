// Dates and instants: what is accepted reads back the same, and its local date is that of its text.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "thidua/civil.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char date_text[DATE_TEXT_SIZE], instant_text[INSTANT_TEXT_SIZE];
    int32_t date = 0, later = 0;
    int64_t instant = 0, again = 0;
    if (date_parse(text, size, &date)) {
        date_format(date, date_text);
        if (size != strlen(date_text) || memcmp(text, date_text, size) != 0)
            abort();
        if (instant_local_date(date_start(date)) != date)
            abort();
        if (date_add_working_days(date, 10, &(struct working_calendar){0}, &later) && later - date != 14 &&
            date_weekday(date) < 5)
            abort();
    }
    if (instant_parse(text, size, &instant)) {
        instant_format(instant, instant_text);
        if (!instant_parse(instant_text, strlen(instant_text), &again) || again != instant)
            abort();
        int32_t local = instant_local_date(instant);
        if (date_start(local) > instant || date_start(local + 1) <= instant)
            abort();
    }
    return 0;
}
