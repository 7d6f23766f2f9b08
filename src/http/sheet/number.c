#include "http/sheet/number.h"
#include "thidua/civil.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DAY_SECONDS = 86400, LEAP_BUG = 60, DIGITS_KEPT = 15 };

struct number_form number_form_known(unsigned id)
{
    bool date = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
    return (struct number_form){.date = date};
}

// Skips what stands in a format for itself: "text", \x, _x, *x and [colour].
static const char *skip_literal(const char *at)
{
    if (*at == '"' || *at == '[') {
        const char *end = strchr(at + 1, *at == '"' ? '"' : ']');
        return end ? end + 1 : at + strlen(at);
    }
    if ((*at == '\\' || *at == '_' || *at == '*') && at[1])
        return at + 2;
    return NULL;
}

struct number_form number_form_read(const char *code)
{
    size_t zeros = strspn(code, "0");
    if (zeros > 1 && zeros <= DIGITS_KEPT && !code[zeros])
        return (struct number_form){.digits = (unsigned)zeros};
    if (strncasecmp(code, "general", 7) == 0)
        return (struct number_form){0};
    while (*code && *code != ';') {
        const char *after = skip_literal(code);
        if (!after && strchr("dmyhsDMYHS", *code))
            return (struct number_form){.date = true};
        code = after ? after : code + 1;
    }
    return (struct number_form){0};
}

static bool show_date(double serial, bool since_1904, char shown[static NUMBER_TEXT_SIZE])
{
    double day = floor(serial), seconds = round((serial - day) * DAY_SECONDS);
    int32_t first, date;
    struct civil_date epoch = since_1904 ? (struct civil_date){1904, 1, 1} : (struct civil_date){1899, 12, 30};
    if (seconds >= DAY_SECONDS) {
        day++;
        seconds = 0;
    }
    // Before March 1900 spreadsheets disagree, for some count a 29 February that never was.
    if (!(day > (since_1904 ? 0 : LEAP_BUG)) || day > DATE_LAST || !date_from_civil(epoch, &first) ||
        !date_add_days(first, (int32_t)day, &date))
        return false;
    date_format(date, shown);
    unsigned time = (unsigned)seconds;
    if (time)
        snprintf(shown + DATE_TEXT_SIZE - 1, NUMBER_TEXT_SIZE - DATE_TEXT_SIZE + 1, " %02u:%02u:%02u", time / 3600 % 24,
                 time / 60 % 60, time % 60);
    return true;
}

// Without an exponent, where it can be.
static void show_number(double value, unsigned digits, char shown[static NUMBER_TEXT_SIZE])
{
    double size = fabs(value);
    snprintf(shown, NUMBER_TEXT_SIZE, "%.*g", DIGITS_KEPT, value);
    if (strchr(shown, 'e') && size > 1e-9 && size < 1e-3) {
        snprintf(shown, NUMBER_TEXT_SIZE, "%.20f", strtod(shown, NULL));
        char *end = shown + strlen(shown);
        while (end > shown && end[-1] == '0')
            *--end = '\0';
    } else if (digits && value >= 0 && value < 1e15 && floor(value) == value) {
        snprintf(shown, NUMBER_TEXT_SIZE, "%0*.0f", (int)digits, value);
    }
    if (strcmp(shown, "-0") == 0)
        shown[0] = '0', shown[1] = '\0';
}

bool number_shown(const char *stored, struct number_form form, bool since_1904, char shown[static NUMBER_TEXT_SIZE],
                  enum sheet_kind *ret_kind)
{
    size_t length = strlen(stored);
    if (length == 0 || strspn(stored, "0123456789+-.eE") != length)
        return false;
    char *end;
    double value = strtod(stored, &end);
    if (*end || !isfinite(value))
        return false;
    *ret_kind = form.date ? SHEET_DATE : SHEET_NUMBER;
    if (!form.date || !show_date(value, since_1904, shown)) {
        *ret_kind = SHEET_NUMBER;
        show_number(value, form.digits, shown);
    }
    return true;
}
