// The shapes of a list (src/database/shape.h).
#include "testing.h"

#include "database/shape.h"

#include <stdlib.h>

static const struct statement list = {
    .name = "list",
    .sql = "SELECT $1::date WHERE ($2::text IS NULL OR a = $2) AND ($3::x_kind[] IS NULL OR b = ANY ($3)) "
           "AND $2::text IS NOT NULL AND ($10 IS NULL OR c > $10) LIMIT $4::integer + 1",
    .parameters = 10,
    .sources = {[3] = "?limit"},
};

static void assert_text(const char *const values[], const char *text, unsigned used)
{
    struct shape shape = shape_of(&list, values);
    unsigned found;
    char *made = shape_text(&shape, &found);
    assert_string_equal(made, text);
    assert_int_equal(found, used);
    free(made);
}

static void what_is_not_given_is_not_asked_for(void **state)
{
    (void)state;
    const char *values[10] = {[3] = "20"};
    assert_text(values,
                "SELECT NULL::date WHERE (true OR a = $2) AND (true OR b = ANY ($3)) AND false AND (true OR c > $10) "
                "LIMIT 20::integer + 1",
                1 << 1 | 1 << 2 | 1 << 9);
}

static void what_is_given_is_asked_for(void **state)
{
    (void)state;
    const char *values[10] = {"2024-01-01", "1", "{}", "200", "", "", "", "", "", "x"};
    assert_text(values,
                "SELECT $1::date WHERE (false OR a = $2) AND (false OR b = ANY ($3)) AND true AND (false OR c > $10) "
                "LIMIT 200::integer + 1",
                1 << 0 | 1 << 1 | 1 << 2 | 1 << 9);
}

static void values_make_no_shape(void **state)
{
    (void)state;
    const char *one[10] = {"1", NULL, "", "20"}, *other[10] = {"2", NULL, "'; DROP TABLE units", "20"};
    struct shape shape = shape_of(&list, one);
    assert_int_equal(shape.given, shape_of(&list, other).given);
    assert_int_equal(shape.given, 1 << 0 | 1 << 2 | 1 << 3);
}

static void who_asks_is_part_of_it(void **state)
{
    (void)state;
    static const struct statement asked = {
        .sql = "SELECT a WHERE $1::boolean OR a = $2", .parameters = 2, .sources = {"@offices", "@unit"}};
    const char *office[10] = {"true"}, *unit[10] = {"false", "x"};
    struct shape shapes[] = {shape_of(&asked, office), shape_of(&asked, unit)};
    const char *texts[] = {"SELECT a WHERE true::boolean OR a = $2", "SELECT a WHERE false::boolean OR a = $2"};
    for (size_t i = 0; i < 2; i++) {
        unsigned used;
        char *text = shape_text(&shapes[i], &used);
        assert_string_equal(text, texts[i]);
        assert_int_equal(used, 1 << 1);
        free(text);
    }
}

static void a_plan_lasts_where_no_filter_is_given(void **state)
{
    (void)state;
    static const struct statement asked = {.parameters = 6,
                                           .sources = {"{code}", "@offices", "?kind", "?cursor", "?limit", "?on"}};
    const char *page[10] = {"230", "true", NULL, "x", "20", "2024-12-31"},
               *filtered[10] = {"230", "true", "COMMUNE", NULL, "20", NULL};
    struct shape walked = shape_of(&asked, page), sought = shape_of(&asked, filtered);
    assert_true(shape_plan_lasts(&walked));
    assert_false(shape_plan_lasts(&sought));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_is_not_asked_for),
        cmocka_unit_test(what_is_given_is_asked_for),
        cmocka_unit_test(values_make_no_shape),
        cmocka_unit_test(who_asks_is_part_of_it),
        cmocka_unit_test(a_plan_lasts_where_no_filter_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
