#include "testing.h"

#include "thidua/civil.h"

static int32_t date(const char *text)
{
    int32_t day = INT32_MIN;
    assert_true(date_parse(text, strlen(text), &day));
    return day;
}

static int64_t instant(const char *text)
{
    int64_t microseconds = INT64_MIN;
    assert_true(instant_parse(text, strlen(text), &microseconds));
    return microseconds;
}

static void dates_round_trip_over_the_whole_range(void **state)
{
    (void)state;
    char text[DATE_TEXT_SIZE];
    assert_int_equal(date("1970-01-01"), 0);
    assert_int_equal(date("0001-01-01"), DATE_FIRST);
    assert_int_equal(date("9999-12-31"), DATE_LAST);
    assert_int_equal(date("2024-02-29"), 19782);
    struct civil_date previous = {0, 12, 31};
    for (int32_t day = DATE_FIRST; day <= DATE_LAST; day++) {
        int32_t back = 0;
        struct civil_date civil = date_to_civil(day);
        assert_true(date_from_civil(civil, &back) && back == day);
        bool next_day = civil.day == previous.day + 1 && civil.month == previous.month && civil.year == previous.year;
        bool next_month = civil.day == 1 && civil.month == previous.month + 1 && civil.year == previous.year;
        bool next_year = civil.day == 1 && civil.month == 1 && previous.month == 12 && civil.year == previous.year + 1;
        assert_true(next_day || next_month || next_year);
        previous = civil;
    }
    date_format(date("2024-07-10"), text);
    assert_string_equal(text, "2024-07-10");
    date_format_vi(date("2024-12-31"), text);
    assert_string_equal(text, "31/12/2024");
}

static void impossible_dates_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-01",  "2024-04-31",  "2024-01-00", "0000-01-01", "2024-1-01",
        "2024-01-1",  "20240101",   "2024/01/01", "2024-01-01 ", " 2024-01-01", "-024-01-01", "2024-01-0a", "",
    };
    int32_t day = 7;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(date_parse(bad[i], strlen(bad[i]), &day));
    assert_int_equal(day, 7);
}

// RFC 3339 section 5.6 and its examples of section 5.8.
static void instants_need_an_offset(void **state)
{
    (void)state;
    assert_int_equal(instant("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(instant("1985-04-12T23:20:50.52Z"), INT64_C(482196050520000));
    assert_int_equal(instant("1996-12-19T16:39:57-08:00"), instant("1996-12-20T00:39:57Z"));
    assert_int_equal(instant("1937-01-01T12:00:27.87+00:20"), instant("1937-01-01T11:40:27.870Z"));
    assert_int_equal(instant("2024-12-30t23:59:59.9999999z"), instant("2024-12-30T23:59:59.999999Z"));
    static const char *const bad[] = {
        "2024-12-30T23:59:59",       "2024-12-30 23:59:59Z",      "2024-12-30T24:00:00Z",
        "2024-12-30T23:60:00Z",      "1990-12-31T23:59:60Z",      "2024-12-30T23:59:59+0700",
        "2024-12-30T23:59:59+07",    "2024-12-30T23:59:59.Z",     "2024-12-30T23:59:59+16:00",
        "2024-12-30T23:59:59-16:00", "2024-12-30T23:59:59+24:00", "2024-12-30T23:59:59+07:60",
        "2024-12-30T23:59:59,5Z",    "2024-12-30T23:59Z",         "2024-12-30T23:59:59Z ",
        "2024-02-30T00:00:00Z",      "2024-12-30T23:59:59+07:0",  "",
        "0001-01-01T00:00:00+07:01", "9999-12-31T17:00:00Z",      "9999-12-31T23:59:59+06:59",
    };
    int64_t microseconds = 7;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(instant_parse(bad[i], strlen(bad[i]), &microseconds));
    assert_int_equal(microseconds, 7);
}

// Each instant that is read has a date in Vietnam, and is written as it was read.
static void the_first_and_the_last_instant_are_read_and_written(void **state)
{
    (void)state;
    static const char *const edges[] = {"0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59.999999+07:00"};
    for (size_t i = 0; i < COUNT_OF(edges); i++) {
        char text[INSTANT_TEXT_SIZE];
        int64_t first = instant(edges[i]);
        instant_format(first, text);
        assert_string_equal(text, edges[i]);
        assert_int_equal(instant_local_date(first), i ? DATE_LAST : DATE_FIRST);
        assert_true(instant_has_date(first));
        assert_false(instant_has_date(i ? first + 1 : first - 1));
    }
}

static void only_sane_years_are_kept(void **state)
{
    (void)state;
    assert_false(date_is_kept(date("1944-12-31")));
    assert_true(date_is_kept(date("1945-01-01")));
    assert_true(date_is_kept(date("9998-12-31")));
    assert_false(date_is_kept(date("9999-01-01")));
    assert_false(instant_is_kept(instant("1944-12-31T16:59:59.999999Z")));
    assert_true(instant_is_kept(instant("1944-12-31T17:00:00Z")));
    assert_true(instant_is_kept(instant("9998-12-31T23:59:59.999999+07:00")));
    assert_false(instant_is_kept(instant("9998-12-31T17:00:00Z")));
    assert_false(instant_is_kept(INT64_MIN));
    assert_false(instant_is_kept(INT64_MAX));
}

static void instants_read_in_ho_chi_minh(void **state)
{
    (void)state;
    char text[INSTANT_TEXT_SIZE];
    instant_format(instant("2024-12-30T16:59:59.000001Z"), text);
    assert_string_equal(text, "2024-12-30T23:59:59.000001+07:00");
    instant_format(instant("1969-12-31T17:00:00Z"), text);
    assert_string_equal(text, "1970-01-01T00:00:00+07:00");
    instant_format(INT64_MIN, text);
    assert_string_equal(text, "");
    instant_format(INT64_MAX, text);
    assert_string_equal(text, "");
    assert_int_equal(instant_local_date(instant("2024-12-30T16:59:59Z")), date("2024-12-30"));
    assert_int_equal(instant_local_date(instant("2024-12-30T17:00:00Z")), date("2024-12-31"));
    assert_int_equal(instant_local_date(INT64_MIN) < 0, 1);
    assert_int_equal(instant_local_date(INT64_MAX) > 0, 1);
}

static void working_days_skip_weekends_and_holidays(void **state)
{
    (void)state;
    int32_t result = 0;
    const int32_t tet[] = {date("2025-01-27"), date("2025-01-28"), date("2025-01-29"), date("2025-01-30"),
                           date("2025-01-31")};
    const int32_t worked[] = {date("2025-04-26")},
                  swapped[] = {date("2025-04-30"), date("2025-05-01"), date("2025-05-02")};
    const struct working_calendar plain = {0}, new_year = {.holidays = tet, .holiday_count = COUNT_OF(tet)},
                                  may = {.holidays = swapped,
                                         .holiday_count = COUNT_OF(swapped),
                                         .worked = worked,
                                         .worked_count = COUNT_OF(worked)},
                                  known = {.bounded = true, .first = date("2025-01-01"), .last = date("2025-12-31")};
    assert_int_equal(date_weekday(date("2024-07-10")), 2);
    assert_int_equal(date_weekday(DATE_FIRST), 0);
    assert_true(date_add_working_days(date("2025-01-24"), 1, &new_year, &result));
    assert_int_equal(result, date("2025-02-03"));
    assert_true(date_add_working_days(date("2025-02-03"), -1, &new_year, &result));
    assert_int_equal(result, date("2025-01-24"));
    assert_true(date_add_working_days(date("2025-01-25"), 0, &plain, &result));
    assert_int_equal(result, date("2025-01-25"));
    assert_true(date_add_working_days(date("2024-07-05"), 5, &plain, &result));
    assert_int_equal(result, date("2024-07-12"));
    assert_false(date_add_working_days(0, WORKING_DAYS_LIMIT + 1, &plain, &result));
    assert_false(date_add_working_days(0, INT32_MIN, &plain, &result));
    assert_false(date_add_working_days(DATE_LAST, 1, &plain, &result));
    assert_false(date_add_days(DATE_LAST, INT32_MAX, &result));
    // Labour Code art. 111: Saturday 26 April 2025 was worked, Friday 2 May was not.
    assert_true(date_add_working_days(date("2025-04-25"), 1, &may, &result));
    assert_int_equal(result, date("2025-04-26"));
    assert_true(date_add_working_days(date("2025-04-25"), 4, &may, &result));
    assert_int_equal(result, date("2025-05-05"));
    assert_true(date_add_working_days(date("2025-05-05"), -3, &may, &result));
    assert_int_equal(result, date("2025-04-26"));
    // Where nobody knows which days are worked, there is no answer.
    assert_true(date_add_working_days(date("2025-12-30"), 1, &known, &result));
    assert_false(date_add_working_days(date("2025-12-30"), 2, &known, &result));
    assert_false(date_add_working_days(date("2025-01-02"), -2, &known, &result));
}

// Bộ luật Dân sự 2015, art. 147(2): the day itself is not counted. Art. 148(3): a time in months ends with the same day
// of its last month, or with the last day of that where it has no such day.
static void months_end_as_the_civil_code_says(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        int32_t months;
    } known[] = {
        {"2025-08-31", "2026-02-28", 6},  {"2023-08-31", "2024-02-29", 6},  {"2025-06-15", "2025-12-15", 6},
        {"2025-01-31", "2025-02-28", 1},  {"2024-02-29", "2025-02-28", 12}, {"2025-12-31", "2026-12-31", 12},
        {"2026-02-28", "2025-08-31", -6}, {"2024-02-28", "2023-08-28", -6}, {"2025-12-31", "2025-06-30", -6},
        {"2025-12-15", "2025-06-15", -6}, {"2025-01-01", "2025-01-01", 0},
    };
    int32_t day, next, back;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        assert_true(date_add_months(date(known[i].from), known[i].months, &day));
        assert_int_equal(day, date(known[i].to));
    }
    // So many months are over from that day on, and not yet from the next one.
    for (int32_t months = 1; months <= 26; months++)
        for (int32_t end = date("2023-12-01"); end <= date("2028-03-31"); end++) {
            assert_true(date_add_months(end, -months, &back) && date_add_months(back, months, &day) && day <= end);
            assert_true(date_add_months(back + 1, months, &next) && next > end);
        }
    assert_false(date_add_months(DATE_FIRST, -1, &day) || date_add_months(DATE_LAST, 1, &day));
    assert_false(date_add_months(0, MONTHS_LIMIT + 1, &day) || date_add_months(0, INT32_MIN, &day));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_round_trip_over_the_whole_range),
        cmocka_unit_test(impossible_dates_are_refused),
        cmocka_unit_test(instants_need_an_offset),
        cmocka_unit_test(the_first_and_the_last_instant_are_read_and_written),
        cmocka_unit_test(only_sane_years_are_kept),
        cmocka_unit_test(instants_read_in_ho_chi_minh),
        cmocka_unit_test(working_days_skip_weekends_and_holidays),
        cmocka_unit_test(months_end_as_the_civil_code_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
