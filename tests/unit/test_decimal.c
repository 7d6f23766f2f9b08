#include "testing.h"

#include "thidua/decimal.h"

static enum decimal_error parse(const char *text, unsigned places, int64_t *ret_scaled)
{
    return decimal_parse(text, strlen(text), places, ret_scaled);
}

static void reads_exact_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned places;
        int64_t scaled;
    } good[] = {
        {"64.35", 2, 6435},
        {"64.3", 2, 6430},
        {"64", 2, 6400},
        {"0", 2, 0},
        {"-0.05", 2, -5},
        {"-0", 2, 0},
        {"0.000001", 6, 1},
        {"9223372036854775807", 0, INT64_MAX},
        {"90", 0, 90},
        {"0.00", 2, 0},
        {"-9223372036854775808", 0, INT64_MIN},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        int64_t scaled = 77;
        assert_int_equal(parse(good[i].text, good[i].places, &scaled), DECIMAL_OK);
        assert_int_equal(scaled, good[i].scaled);
    }
}

static void refuses_what_is_not_one(void **state)
{
    (void)state;
    static const char *const malformed[] = {
        "",   "-",  "64,35", "6435e-2", " 1",  "1 ",    "+1",  "01",  "00",
        "1.", ".5", "1.2.3", "--1",     "0x1", "1_000", "NaN", "inf", "１",
    };
    int64_t scaled = 77;
    for (size_t i = 0; i < COUNT_OF(malformed); i++)
        assert_int_equal(parse(malformed[i], 2, &scaled), DECIMAL_MALFORMED);
    assert_int_equal(parse("64.350", 2, &scaled), DECIMAL_TOO_PRECISE);
    assert_int_equal(parse("1.0", 0, &scaled), DECIMAL_TOO_PRECISE);
    assert_int_equal(parse("9223372036854775808", 0, &scaled), DECIMAL_OUT_OF_RANGE);
    assert_int_equal(parse("-9223372036854775809", 0, &scaled), DECIMAL_OUT_OF_RANGE);
    assert_int_equal(parse("92233720368547758.08", 2, &scaled), DECIMAL_OUT_OF_RANGE);
    assert_int_equal(decimal_parse("1\0002", 3, 2, &scaled), DECIMAL_MALFORMED);
    assert_int_equal(scaled, 77);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    char text[DECIMAL_TEXT_SIZE];
    assert_int_equal(decimal_format(6435, 2, text), 5);
    assert_string_equal(text, "64.35");
    decimal_format(-5, 2, text);
    assert_string_equal(text, "-0.05");
    decimal_format(INT64_MIN, 9, text);
    assert_string_equal(text, "-9223372036.854775808");
    decimal_format(7, 0, text);
    assert_string_equal(text, "7");
    decimal_format_vi(9000, 2, text);
    assert_string_equal(text, "90,00");
    uint64_t random = 230;
    for (int i = 0; i < 20000; i++) {
        unsigned places = (unsigned)random_below(&random, DECIMAL_MOST_PLACES + 1);
        int64_t scaled = (int64_t)(next_random(&random) >> random_below(&random, 64)), back = 0;
        size_t length = decimal_format(i & 1 ? -scaled : scaled, places, text);
        assert_int_equal(decimal_parse(text, length, places, &back), DECIMAL_OK);
        assert_int_equal(back, i & 1 ? -scaled : scaled);
    }
}

// III.1.b "từ 90% trở lên"; domain section 9.
static void ninety_percent_is_inclusive_and_exact(void **state)
{
    (void)state;
    static const struct {
        int64_t part, whole;
        int expected;
    } cases[] = {
        {6435, 7150, 0},   {7380, 8200, 0},  {9000, 10000, 0}, {8999, 10000, -1},
        {8995, 10000, -1}, {9001, 10000, 1}, {0, 1, -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(ratio_compare(cases[i].part, cases[i].whole, 90, 100), cases[i].expected);
    assert_int_equal(ratio_compare(INT64_MAX, INT64_MAX - 1, INT64_MAX - 1, INT64_MAX), 1);
    assert_int_equal(ratio_compare(INT64_MIN, INT64_MAX, INT64_MAX, INT64_MAX), -1);
}

static void a_share_is_a_percentage_or_a_fraction(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        struct fraction share; // of nothing: it is none
    } cases[] = {{"12.5 %", {1250, 10000}},
                 {"100%", {10000, 10000}},
                 {"0.01 %", {1, 10000}},
                 {"1/3", {1, 3}},
                 {"3/3", {3, 3}},
                 {"999999/1000000", {999999, 1000000}},
                 {"100.01 %", {0}},
                 {"0 %", {0}},
                 {"-1 %", {0}},
                 {"4/3", {0}},
                 {"0/3", {0}},
                 {"1/0", {0}},
                 {"-1/3", {0}},
                 {"-1/-3", {0}},
                 {"1/3 %", {0}},
                 {"1 / 3", {0}},
                 {"1/", {0}},
                 {"/3", {0}},
                 {"/", {0}},
                 {"", {0}},
                 {"1/3/3", {0}},
                 {"01/3", {0}},
                 {"1.0/3", {0}},
                 {"1/1000001", {0}},
                 {"1/99999999999999999999", {0}}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fraction share = {0};
        bool good = share_parse(cases[i].text, strlen(cases[i].text), &share);
        if (good != (cases[i].share.q > 0) || (good && memcmp(&share, &cases[i].share, sizeof share) != 0))
            fail_msg("\"%s\": %lld/%lld", cases[i].text, (long long)share.p, (long long)share.q);
    }
}

// Section 4: two decimals, half up; a failing index may print as 90,00 but its margin never prints as zero.
static void percentages_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int64_t hundredths;
    } cases[] = {{"10 %", true, 1000}, {"10%", true, 1000}, {"0.01 %", true, 1}, {"-12.5 %", true, -1250},
                 {"10", false, 0},     {"%", false, 0},     {" %", false, 0},    {"", false, 0},
                 {"10  %", false, 0},  {"10 % ", false, 0}, {"1,5 %", false, 0}, {"0.001 %", false, 0},
                 {"ten %", false, 0},  {"10 %%", false, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t hundredths = 0;
        assert_int_equal(percent_parse(cases[i].text, strlen(cases[i].text), &hundredths), cases[i].good);
        assert_int_equal(hundredths, cases[i].hundredths);
    }
}

static void percents_are_for_display(void **state)
{
    (void)state;
    int64_t hundredths = 0;
    assert_true(ratio_percent(6435, 7150, &hundredths));
    assert_int_equal(hundredths, 9000);
    assert_true(ratio_percent(8999600, 10000000, &hundredths));
    assert_int_equal(hundredths, 9000);
    assert_true(ratio_percent(1, 3, &hundredths));
    assert_int_equal(hundredths, 3333);
    assert_true(ratio_percent(-1, 20000, &hundredths));
    assert_int_equal(hundredths, -1);
    assert_false(ratio_percent(1, 0, &hundredths));
    assert_false(ratio_percent(1, -5, &hundredths));
    assert_false(ratio_percent(INT64_MAX, 1, &hundredths));
    assert_true(ratio_margin(8999600, 10000000, 90, 100, &hundredths));
    assert_int_equal(hundredths, -1);
    assert_true(ratio_margin(9000400, 10000000, 90, 100, &hundredths));
    assert_int_equal(hundredths, 0);
    assert_true(ratio_margin(8500, 10000, 90, 100, &hundredths));
    assert_int_equal(hundredths, -500);
    assert_false(ratio_margin(INT64_MAX, INT64_MAX, -INT64_MAX, INT64_MAX, &hundredths));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_exact_decimals),
        cmocka_unit_test(refuses_what_is_not_one),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(ninety_percent_is_inclusive_and_exact),
        cmocka_unit_test(percentages_are_read_as_they_are_written),
        cmocka_unit_test(a_share_is_a_percentage_or_a_fraction),
        cmocka_unit_test(percents_are_for_display),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
