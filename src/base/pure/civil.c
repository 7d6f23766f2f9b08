#include "thidua/civil.h"

#include <stdlib.h>
#include <string.h>

#define MICROSECONDS_PER_SECOND INT64_C(1000000)
#define MICROSECONDS_PER_DAY    (INT64_C(86400) * MICROSECONDS_PER_SECOND)
#define LOCAL_OFFSET            (INT64_C(7) * 3600 * MICROSECONDS_PER_SECOND)

enum { OFFSET_MOST_MINUTES = 15 * 60 + 59 };

static const char digits[] = "0123456789";

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

// Days and years are counted from 1 March of year 0, so that the leap day comes last; an era is 400 years.
bool date_from_civil(struct civil_date civil, int32_t *ret_date)
{
    if (civil.year < 1 || civil.year > 9999 || civil.month < 1 || civil.month > 12 || civil.day < 1 ||
        civil.day > days_in_month(civil.year, civil.month))
        return false;
    int year = civil.month > 2 ? civil.year : civil.year - 1;
    int era = year / 400;
    int year_of_era = year % 400;
    int month = (civil.month + 9) % 12;
    int day_of_year = (153 * month + 2) / 5 + civil.day - 1;
    *ret_date = era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
    return true;
}

struct civil_date date_to_civil(int32_t date)
{
    int day = date + 719468;
    int era = day / 146097;
    int day_of_era = day % 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month = (5 * day_of_year + 2) / 153;
    return (struct civil_date){
        .year = era * 400 + year_of_era + (month >= 10),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
}

bool date_add_months(int32_t date, int32_t months, int32_t *ret_date)
{
    if (months < -MONTHS_LIMIT || months > MONTHS_LIMIT)
        return false;
    const struct civil_date from = date_to_civil(date);
    const int month = from.year * 12 + from.month - 1 + months; // since January of year 0
    struct civil_date to = {.year = month / 12, .month = month % 12 + 1, .day = from.day};
    if (to.year < 1)
        return false;
    const int last = days_in_month(to.year, to.month);
    // From every day that the month before has more, the time ends on the last day of this one too.
    if (to.day > last || (months < 0 && from.day == days_in_month(from.year, from.month)))
        to.day = last;
    return date_from_civil(to, ret_date);
}

static bool parse_digits(const char *text, size_t count, int *ret_number)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool date_parse(const char *text, size_t length, int32_t *ret_date)
{
    struct civil_date civil = {0};
    return length == 10 && text[4] == '-' && text[7] == '-' && parse_digits(text, 4, &civil.year) &&
           parse_digits(text + 5, 2, &civil.month) && parse_digits(text + 8, 2, &civil.day) &&
           date_from_civil(civil, ret_date);
}

static char *put_digits(char *text, int number, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        text[i] = digits[number % 10];
    return text + count;
}

static char *put_date(char *text, int32_t date)
{
    struct civil_date civil = date_to_civil(date);
    text = put_digits(text, civil.year, 4);
    *text++ = '-';
    text = put_digits(text, civil.month, 2);
    *text++ = '-';
    return put_digits(text, civil.day, 2);
}

void date_format(int32_t date, char text[static DATE_TEXT_SIZE])
{
    *put_date(text, date) = '\0';
}

void date_format_vi(int32_t date, char text[static DATE_TEXT_SIZE])
{
    struct civil_date civil = date_to_civil(date);
    text = put_digits(text, civil.day, 2);
    *text++ = '/';
    text = put_digits(text, civil.month, 2);
    *text++ = '/';
    *put_digits(text, civil.year, 4) = '\0';
}

// "HH:MM" of a time or an offset, as minutes.
static bool parse_minutes(const char *text, int *ret_minutes)
{
    int hour, minute;
    if (!parse_digits(text, 2, &hour) || text[2] != ':' || !parse_digits(text + 3, 2, &minute) || hour > 23 ||
        minute > 59)
        return false;
    *ret_minutes = hour * 60 + minute;
    return true;
}

static bool parse_offset(const char *text, size_t length, int *ret_minutes)
{
    if (length == 1 && (text[0] == 'Z' || text[0] == 'z')) {
        *ret_minutes = 0;
        return true;
    }
    if (length != 6 || (text[0] != '+' && text[0] != '-') || !parse_minutes(text + 1, ret_minutes) ||
        *ret_minutes > OFFSET_MOST_MINUTES)
        return false;
    if (text[0] == '-')
        *ret_minutes = -*ret_minutes;
    return true;
}

// ".123456789" at text[0 … length): returns its length, 0 if there is none or it has no digit.
static size_t parse_fraction(const char *text, size_t length, int64_t *ret_microseconds)
{
    size_t i = 1;
    int64_t unit = MICROSECONDS_PER_SECOND / 10;
    *ret_microseconds = 0;
    if (length == 0 || text[0] != '.')
        return 0;
    for (; i < length && text[i] >= '0' && text[i] <= '9'; i++, unit /= 10)
        *ret_microseconds += unit * (text[i] - '0');
    return i > 1 ? i : 0;
}

bool instant_has_date(int64_t instant)
{
    return instant >= date_start(DATE_FIRST) && instant < date_start(DATE_LAST) + MICROSECONDS_PER_DAY;
}

bool instant_parse(const char *text, size_t length, int64_t *ret_instant)
{
    int32_t date;
    int minutes, second, offset;
    int64_t microseconds;
    if (length < sizeof "2024-12-30T23:59:59Z" - 1 || !date_parse(text, 10, &date) ||
        (text[10] != 'T' && text[10] != 't') || !parse_minutes(text + 11, &minutes) || text[16] != ':' ||
        !parse_digits(text + 17, 2, &second) || second > 59)
        return false;
    size_t end = 19 + parse_fraction(text + 19, length - 19, &microseconds);
    if (!parse_offset(text + end, length - end, &offset))
        return false;
    int64_t instant = date * MICROSECONDS_PER_DAY +
                      ((minutes - offset) * INT64_C(60) + second) * MICROSECONDS_PER_SECOND + microseconds;
    if (!instant_has_date(instant))
        return false;
    *ret_instant = instant;
    return true;
}

bool date_is_kept(int32_t date)
{
    int year = date_to_civil(date).year;
    return year >= YEAR_FIRST_KEPT && year <= YEAR_LAST_KEPT;
}

static int64_t divide_down(int64_t numerator, int64_t positive)
{
    return numerator / positive - (numerator % positive < 0);
}

bool instant_is_kept(int64_t instant)
{
    return instant_has_date(instant) && date_is_kept(instant_local_date(instant));
}

void instant_format(int64_t instant, char text[static INSTANT_TEXT_SIZE])
{
    text[0] = '\0';
    if (!instant_has_date(instant))
        return;
    int64_t local = instant + LOCAL_OFFSET;
    int32_t date = (int32_t)divide_down(local, MICROSECONDS_PER_DAY);
    int64_t of_day = local - date * MICROSECONDS_PER_DAY;
    int second = (int)(of_day / MICROSECONDS_PER_SECOND);
    int fraction = (int)(of_day % MICROSECONDS_PER_SECOND);
    text = put_date(text, date);
    *text++ = 'T';
    text = put_digits(text, second / 3600, 2);
    *text++ = ':';
    text = put_digits(text, second / 60 % 60, 2);
    *text++ = ':';
    text = put_digits(text, second % 60, 2);
    if (fraction) {
        *text++ = '.';
        text = put_digits(text, fraction, 6);
    }
    memcpy(text, "+07:00", sizeof "+07:00");
}

int32_t instant_local_date(int64_t instant)
{
    int64_t rest = instant % MICROSECONDS_PER_DAY;
    if (rest < 0)
        rest += MICROSECONDS_PER_DAY;
    return (int32_t)(divide_down(instant, MICROSECONDS_PER_DAY) + (rest >= MICROSECONDS_PER_DAY - LOCAL_OFFSET));
}

int64_t date_start(int32_t date)
{
    return date * MICROSECONDS_PER_DAY - LOCAL_OFFSET;
}

int date_weekday(int32_t date)
{
    return ((date + 3) % 7 + 7) % 7;
}

static int order_dates(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

static bool is_listed_date(int32_t date, const int32_t *dates, size_t count)
{
    return count > 0 && bsearch(&date, dates, count, sizeof *dates, order_dates);
}

static bool is_working_day(int32_t date, const struct working_calendar *calendar)
{
    if (date_weekday(date) >= 5)
        return is_listed_date(date, calendar->worked, calendar->worked_count);
    return !is_listed_date(date, calendar->holidays, calendar->holiday_count);
}

static bool calendar_knows(int32_t date, const struct working_calendar *calendar)
{
    return !calendar->bounded || (date >= calendar->first && date <= calendar->last);
}

bool date_add_working_days(int32_t date, int32_t days, const struct working_calendar *calendar, int32_t *ret_date)
{
    if (days > WORKING_DAYS_LIMIT || days < -WORKING_DAYS_LIMIT)
        return false;
    int32_t step = days < 0 ? -1 : 1;
    while (days) {
        if (!date_add_days(date, step, &date) || !calendar_knows(date, calendar))
            return false;
        if (is_working_day(date, calendar))
            days -= step;
    }
    *ret_date = date;
    return true;
}
