#include "testing.h"

#include "thidua/bonus.h"

static int32_t date(const char *text)
{
    int32_t day = INT32_MIN;
    assert_true(date_parse(text, strlen(text), &day));
    return day;
}

// III.5; domain sections 5 and 9.
static void the_rule_of_the_decision_date_applies(void **state)
{
    (void)state;
    const struct dated_amount coefficients[] = {
        {date("2024-01-01"), date("2025-06-30"), 300, "98/2023/NĐ-CP"},
        {date("2025-07-01"), DATE_LAST, 300, "152/2025/NĐ-CP"},
    };
    const struct dated_amount salaries[] = {
        {date("2026-07-01"), DATE_LAST, 2530000, "2026"},
        {date("2023-07-01"), date("2024-06-30"), 1800000, "24/2023/NĐ-CP"},
        {date("2024-07-01"), date("2026-06-30"), 2340000, "73/2024/NĐ-CP"},
    };
    static const struct {
        const char *on;
        int64_t vnd;
        size_t coefficient;
    } cases[] = {{"2025-03-15", 7020000, 0},
                 {"2026-07-02", 7590000, 1},
                 {"2024-06-30", 5400000, 0},
                 {"2024-07-01", 7020000, 0},
                 {"2025-07-01", 7020000, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bonus bonus = {0};
        assert_int_equal(bonus_on((struct dated_amounts){coefficients, 2}, (struct dated_amounts){salaries, 3},
                                  date(cases[i].on), &bonus),
                         BONUS_OK);
        assert_int_equal(bonus.vnd, cases[i].vnd);
        assert_ptr_equal(bonus.coefficient, &coefficients[cases[i].coefficient]);
    }
    struct bonus bonus = {0};
    assert_int_equal(bonus_on((struct dated_amounts){coefficients, 2}, (struct dated_amounts){salaries, 3},
                              date("2023-12-31"), &bonus),
                     BONUS_NO_COEFFICIENT);
    assert_int_equal(bonus_on((struct dated_amounts){coefficients, 2}, (struct dated_amounts){salaries, 2},
                              date("2025-03-15"), &bonus),
                     BONUS_NO_BASE_SALARY);
    const struct dated_amount twice[] = {coefficients[0], coefficients[0]};
    assert_int_equal(
        bonus_on((struct dated_amounts){twice, 2}, (struct dated_amounts){salaries, 3}, date("2025-03-15"), &bonus),
        BONUS_AMBIGUOUS);
}

static void it_rounds_up_to_ten_thousand(void **state)
{
    (void)state;
    int64_t vnd = 0;
    assert_int_equal(bonus_round_up(100, 447000, &vnd), BONUS_OK);
    assert_int_equal(vnd, 450000);
    assert_int_equal(bonus_round_up(100, 450000, &vnd), BONUS_OK);
    assert_int_equal(vnd, 450000);
    assert_int_equal(bonus_round_up(1, 1, &vnd), BONUS_OK);
    assert_int_equal(vnd, 10000);
    assert_int_equal(bonus_round_up(0, 1800000, &vnd), BONUS_OK);
    assert_int_equal(vnd, 0);
    assert_int_equal(bonus_round_up(-1, 1, &vnd), BONUS_OUT_OF_RANGE);
    assert_int_equal(bonus_round_up(INT64_MAX, INT64_MAX, &vnd), BONUS_OUT_OF_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule_of_the_decision_date_applies),
        cmocka_unit_test(it_rounds_up_to_ten_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
