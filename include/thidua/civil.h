// Civil dates and instants.
//
// A date is a day number: days since 1970-01-01 in the proleptic Gregorian calendar, 0001-01-01 … 9999-12-31.
// An instant is microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (RFC 3339 text, POSIX count).
// Law is read in Asia/Ho_Chi_Minh: +07:00 without change since 1975-06-13, so no time zone data is needed.
// There is no clock here: "today" is always an argument.
#ifndef THIDUA_CIVIL_H
#define THIDUA_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_FIRST ((int32_t)-719162) // 0001-01-01
#define DATE_LAST  ((int32_t)2932896) // 9999-12-31

enum {
    DATE_TEXT_SIZE = 11,       // "2024-12-31"
    INSTANT_TEXT_SIZE = 33,    // "2024-12-30T23:59:59.999999+07:00"
    WORKING_DAYS_LIMIT = 3660, // the most working days that can be added or taken away
    MONTHS_LIMIT = 120,        // the most months that can be added or taken away
    YEAR_FIRST_KEPT = 1945,
    YEAR_LAST_KEPT = 9998,
};

struct civil_date {
    int year;  // 1 … 9999
    int month; // 1 … 12
    int day;   // 1 … 31
};

// False if there is no such day.
bool date_from_civil(struct civil_date civil, int32_t *ret_date);
// `date` lies in DATE_FIRST … DATE_LAST.
struct civil_date date_to_civil(int32_t date);
// Exactly YYYY-MM-DD, a day that exists.
bool date_parse(const char *text, size_t length, int32_t *ret_date);
void date_format(int32_t date, char text[static DATE_TEXT_SIZE]);
// As Vietnamese papers write it: "31/12/2024". Fits in DATE_TEXT_SIZE.
void date_format_vi(int32_t date, char text[static DATE_TEXT_SIZE]);

// The service keeps days and instants of 1945 … 9998 in Asia/Ho_Chi_Minh. No record of the state is older, and the day
// after each of them exists.
bool date_is_kept(int32_t date);
bool instant_is_kept(int64_t instant);

// Whether its date in Asia/Ho_Chi_Minh lies in DATE_FIRST … DATE_LAST. No other instant is read, packed or written.
bool instant_has_date(int64_t instant);
// RFC 3339 section 5.6 with a mandatory offset of at most 15:59, which is what PostgreSQL takes too. Digits after the
// sixth decimal are cut off, never rounded: an instant before midnight stays before it. A second of 60 is refused: we
// make no record in a leap second.
bool instant_parse(const char *text, size_t length, int64_t *ret_instant);
// Local time of Asia/Ho_Chi_Minh with its offset, the fraction only where it is not zero. Out of range gives "".
void instant_format(int64_t instant, char text[static INSTANT_TEXT_SIZE]);
// The date in Asia/Ho_Chi_Minh at that instant.
int32_t instant_local_date(int64_t instant);
// The instant at which that date begins in Asia/Ho_Chi_Minh.
int64_t date_start(int32_t date);

// False if the result lies outside DATE_FIRST … DATE_LAST.
static inline bool date_add_days(int32_t date, int32_t days, int32_t *ret_date)
{
    int32_t sum;
    if (__builtin_add_overflow(date, days, &sum) || sum < DATE_FIRST || sum > DATE_LAST)
        return false;
    *ret_date = sum;
    return true;
}
// A time in months as the Civil Code counts it (Bộ luật Dân sự 2015, art. 147(2) and 148(3)): it ends with the day of
// the same number, or with the last day of its last month where that has none. Below zero: the last day from which so
// many months are over with `date`. False if the result lies outside DATE_FIRST … DATE_LAST, or |months| >
// MONTHS_LIMIT.
bool date_add_months(int32_t date, int32_t months, int32_t *ret_date);
// 0 is Monday, 6 is Sunday.
int date_weekday(int32_t date);
// Which days are worked: Monday to Friday without the holidays, and the weekend days that are worked instead of another
// day. Both lists are sorted, ascending. If `bounded`, nothing is known outside of first … last.
struct working_calendar {
    const int32_t *holidays, *worked;
    size_t holiday_count, worked_count;
    bool bounded;
    int32_t first, last;
};
// Counts working days only, and never `date` itself. Returns false if |days| exceeds WORKING_DAYS_LIMIT, if the result
// is out of range, or if a day on the way is not known.
bool date_add_working_days(int32_t date, int32_t days, const struct working_calendar *calendar, int32_t *ret_date);

#endif
