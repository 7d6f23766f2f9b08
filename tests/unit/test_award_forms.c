// Places as a share, exactly; who may get a form of award; tiers by rank.
#include "testing.h"

#include "thidua/award_forms.h"

static void a_share_of_places_is_rounded_as_the_plan_says(void **state)
{
    (void)state;
    static const struct {
        struct form_places places;
        int64_t count, expected;
    } rows[] = {
        {{PLACES_OF_CONTESTANTS, .share = {1000, 10000}, .rounding = ROUND_DOWN, .at_most = INT64_MAX}, 29, 2},
        {{PLACES_OF_CONTESTANTS, .share = {1000, 10000}, .rounding = ROUND_UP, .at_most = INT64_MAX}, 21, 3},
        {{PLACES_OF_CONTESTANTS, .share = {1000, 10000}, .rounding = ROUND_UP, .at_most = INT64_MAX}, 20, 2},
        {{PLACES_OF_NOMINEES, .share = {1000, 10000}, .rounding = ROUND_HALF_UP, .at_most = INT64_MAX}, 25, 3},
        {{PLACES_OF_NOMINEES, .share = {1000, 10000}, .rounding = ROUND_HALF_UP, .at_most = INT64_MAX}, 24, 2},
        {{PLACES_OF_CONTESTANTS, .share = {3333, 10000}, .rounding = ROUND_DOWN, .at_most = INT64_MAX},
         3,
         0}, // 33.33 % is no third
        {{PLACES_OF_CONTESTANTS, .share = {1000, 10000}, .rounding = ROUND_DOWN, .at_least = 1, .at_most = 5}, 9, 1},
        {{PLACES_OF_CONTESTANTS, .share = {1000, 10000}, .rounding = ROUND_DOWN, .at_least = 1, .at_most = 5}, 90, 5},
        {{PLACES_OF_CONTESTANTS, .share = {10000, 10000}, .rounding = ROUND_DOWN, .at_most = INT64_MAX},
         INT64_MAX,
         INT64_MAX},
        {{PLACES_OF_CONTESTANTS, .share = {1, 3}, .rounding = ROUND_DOWN, .at_most = INT64_MAX}, 3, 1},
        {{PLACES_OF_CONTESTANTS, .share = {1, 3}, .rounding = ROUND_DOWN, .at_most = INT64_MAX}, 300000, 100000},
        {{PLACES_OF_CONTESTANTS, .share = {1, 3}, .rounding = ROUND_UP, .at_most = INT64_MAX}, 3, 1},
        {{PLACES_OF_CONTESTANTS, .share = {1, 3}, .rounding = ROUND_UP, .at_most = INT64_MAX}, 4, 2},
        {{PLACES_OF_CONTESTANTS, .share = {1, 3}, .rounding = ROUND_HALF_UP, .at_most = INT64_MAX}, 4, 1},
        {{PLACES_OF_CONTESTANTS, .share = {1, 3}, .rounding = ROUND_HALF_UP, .at_most = INT64_MAX}, 5, 2},
        {{PLACES_OF_CONTESTANTS, .share = {1, 5}, .rounding = ROUND_HALF_UP, .at_most = INT64_MAX}, 12, 2},
        {{PLACES_OF_CONTESTANTS, .share = {1, 5}, .rounding = ROUND_HALF_UP, .at_most = INT64_MAX}, 13, 3},
        {{PLACES_NUMBER, .number = 6, .at_most = INT64_MAX}, 1000, 6},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (form_places_of(&rows[i].places, rows[i].count) != rows[i].expected)
            fail_msg("row %zu: %lld", i, (long long)form_places_of(&rows[i].places, rows[i].count));
}

// By the definition: the lowest, the highest, the n-th from above of FAIL < DEFERRED < PENDING < satisfied.
static void conditions_go_by_height(void **state)
{
    (void)state;
    enum { CRITERIA = 3, OUTCOMES = 5 };
    static const int heights[OUTCOMES] = {3, 0, 2, 3, 1}; // PASS, FAIL, PENDING, NOT_APPLICABLE, DEFERRED
    static const enum overall_outcome named[] = {OVERALL_INELIGIBLE, OVERALL_DEFERRED, OVERALL_PENDING,
                                                 OVERALL_ELIGIBLE};
    static const struct form_condition terms[CRITERIA] = {{.criterion = 0}, {.criterion = 1}, {.criterion = 2}};
    for (int drawn = 0; drawn < OUTCOMES * OUTCOMES * OUTCOMES; drawn++) {
        struct criterion_result criteria[CRITERIA];
        int found[CRITERIA], rest = drawn;
        for (size_t i = 0; i < CRITERIA; i++, rest /= OUTCOMES) {
            criteria[i].outcome = (enum criterion_outcome)(rest % OUTCOMES);
            found[i] = heights[rest % OUTCOMES];
        }
        for (size_t i = 0; i < CRITERIA; i++) // from the highest down
            for (size_t k = i + 1; k < CRITERIA; k++)
                if (found[k] > found[i]) {
                    int higher = found[k];
                    found[k] = found[i];
                    found[i] = higher;
                }
        const struct form_condition all = {.kind = CONDITION_ALL, .terms = terms, .count = CRITERIA};
        const struct form_condition any = {.kind = CONDITION_ANY, .terms = terms, .count = CRITERIA};
        assert_int_equal(form_outcome(&all, criteria, CRITERIA), named[found[CRITERIA - 1]]);
        assert_int_equal(form_outcome(NULL, criteria, CRITERIA), named[found[CRITERIA - 1]]);
        assert_int_equal(form_outcome(&any, criteria, CRITERIA), named[found[0]]);
        for (size_t n = 1; n <= CRITERIA; n++) {
            const struct form_condition least = {
                .kind = CONDITION_AT_LEAST, .least = (int64_t)n, .terms = terms, .count = CRITERIA};
            assert_int_equal(form_outcome(&least, criteria, CRITERIA), named[found[n - 1]]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_of_places_is_rounded_as_the_plan_says),
        cmocka_unit_test(conditions_go_by_height),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
