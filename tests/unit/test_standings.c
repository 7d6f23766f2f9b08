// Standings: ranks 1, 1, 3, ties, nested quotas, awards given and overrides.
#include "standings_field.h"

// The second key is exact: 64,35/71,50 and 90/100 tie, though a double would set them apart.
static void ranks_are_one_one_three(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 6435, 7150},
                                        {1, OVERALL_ELIGIBLE, 4, 9000, 10000},
                                        {1, OVERALL_ELIGIBLE, 4, 8999, 10000},
                                        {1, OVERALL_INELIGIBLE, 4, 9999, 10000}};
    struct field field;
    set_field(&field, lines, 4, 6, TIES_DECIDE);
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_SECURE);
    expect_row(&standings, 1, 1, STANDING_SECURE);
    expect_row(&standings, 2, 3, STANDING_SECURE);
    expect_row(&standings, 3, 0, STANDING_OUT);
    assert_int_equal(standings.rows[3].contestant, 3);
    arena_release(&field.arena);
}

static void a_unit_outside_is_told_what_decided(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 9500, 10000},
                                        {1, OVERALL_ELIGIBLE, 4, 9250, 10000},
                                        {1, OVERALL_ELIGIBLE, 3, 9900, 10000}};
    static const struct quota quotas[] = {{"cap", 6, 0, NULL, 0}, {"huyen", 1, 0, huyen, 1}};
    struct field field;
    set_field(&field, lines, 3, 6, TIES_DECIDE);
    field.input.quotas = quotas;
    field.input.quota_count = 2;
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_SECURE);
    expect_row(&standings, 1, 2, STANDING_OUT);
    expect_row(&standings, 2, 3, STANDING_OUT);
    struct standing second = row_of(&standings, 1), third = row_of(&standings, 2);
    assert_int_equal(second.decided_by, 1);
    assert_int_equal(second.margin, -250); // 2,50 percentage points
    assert_int_equal(third.decided_by, 0);
    assert_int_equal(third.margin, -1);
    assert_int_equal(third.against, 0);
    arena_release(&field.arena);
}

static void ties_at_the_cut_off_follow_the_policy(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {1, OVERALL_ELIGIBLE, 4, 95, 100}, {1, OVERALL_ELIGIBLE, 3, 92, 100}, {1, OVERALL_ELIGIBLE, 3, 92, 100}};
    static const struct quota quotas[] = {{"cap", 6, 0, NULL, 0}, {"huyen", 2, 0, huyen, 1}};
    static const enum standing_status expected[] = {
        [TIES_ADMIT_NONE] = STANDING_OUT, [TIES_ADMIT_ALL] = STANDING_SECURE, [TIES_DECIDE] = STANDING_TIE_TO_DECIDE};
    struct field field;
    for (enum tie_policy ties = TIES_ADMIT_NONE; ties <= TIES_DECIDE; ties++) {
        set_field(&field, lines, 3, 6, ties);
        field.input.quotas = quotas;
        field.input.quota_count = 2;
        struct standings standings = standings_compute(&field.arena, &field.input);
        expect_row(&standings, 0, 1, STANDING_SECURE);
        expect_row(&standings, 1, 2, expected[ties]);
        expect_row(&standings, 2, 2, expected[ties]);
        assert_int_equal(row_of(&standings, 1).tied_with_count, 1);
        arena_release(&field.arena);
    }
    set_field(&field, lines, 3, 2, TIES_ADMIT_ALL); // all only inside the cap
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 2, STANDING_TIE_TO_DECIDE);
    arena_release(&field.arena);
    set_field(&field, lines, 3, 2, TIES_DECIDE); // the recorded decision, or lot, is an input of the next run
    field.contestants[1].tie_decision = field.contestants[2].tie_decision = "lot-1";
    field.contestants[1].tie_place = 2;
    field.contestants[2].tie_place = 1;
    standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 3, STANDING_OUT);
    expect_row(&standings, 2, 2, STANDING_SECURE);
    assert_int_equal(row_of(&standings, 1).decided_by, SIZE_MAX);
    arena_release(&field.arena);
}

static void open_units_hold_others_back(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 95, 100},
                                        {1, OVERALL_PENDING, 4, 0, 0},
                                        {1, OVERALL_ELIGIBLE, 3, 91, 100},
                                        {1, OVERALL_DEFERRED, 2, 91, 100}};
    struct field field;
    set_field(&field, lines, 4, 2, TIES_DECIDE);
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_SECURE);
    expect_row(&standings, 1, 2, STANDING_POSSIBLE);
    expect_row(&standings, 2, 3, STANDING_POSSIBLE);
    expect_row(&standings, 3, 4, STANDING_OUT);
    struct standing waiting = row_of(&standings, 2);
    assert_int_equal(waiting.waits_for_count, 1);
    assert_int_equal(waiting.waits_for[0], 1);
    arena_release(&field.arena);
}

// III.2.b: an award holds its place in every quota above its group, whatever became of the unit since; the others
// compete for what is left, and are not measured against it.
static void awards_given_hold_their_places(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_INELIGIBLE, 9, 99, 100, true},
                                        {1, OVERALL_ELIGIBLE, 4, 95, 100, false},
                                        {1, OVERALL_ELIGIBLE, 3, 92, 100, false},
                                        {0, OVERALL_ELIGIBLE, 3, 92, 100, false}};
    struct quota quotas[] = {{"cap", 3, 0, NULL, 0, 1}, {"huyen", 2, 0, huyen, 1, 1}};
    struct field field;
    set_field(&field, lines, 4, 3, TIES_DECIDE);
    field.input.quotas = quotas;
    field.input.quota_count = 2;
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 0, STANDING_AWARDED);
    expect_row(&standings, 1, 1, STANDING_SECURE);
    expect_row(&standings, 2, 2, STANDING_OUT);
    expect_row(&standings, 3, 1, STANDING_SECURE);
    assert_int_equal(row_of(&standings, 2).against, 1);
    quotas[0].taken = quotas[1].taken = 3; // more than the group was allocated: a place that a person moved
    standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 1, STANDING_OUT);
    expect_row(&standings, 3, 1, STANDING_OUT);
    arena_release(&field.arena);
}

// No allocation, more candidates than the cap, different groups: they are not compared, so nobody is sure.
static void groups_are_never_compared(void **state)
{
    (void)state;
    static const struct line lines[] = {{0, OVERALL_ELIGIBLE, 4, 99, 100}, {1, OVERALL_ELIGIBLE, 1, 90, 100}};
    static const struct quota quotas[] = {{"cap", 1, 0, NULL, 0}, {"huyen", 1, 0, huyen, 1}};
    struct field field;
    set_field(&field, lines, 2, 1, TIES_DECIDE);
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_POSSIBLE);
    expect_row(&standings, 1, 1, STANDING_POSSIBLE);
    field.input.quotas = quotas;
    field.input.quota_count = 2;
    standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 0, 1, STANDING_POSSIBLE);
    arena_release(&field.arena);
}

static void overlapping_quotas_are_refused(void **state)
{
    (void)state;
    static const size_t so_and_huyen[] = {0, 1};
    static const struct quota good[] = {{"cap", 6, 0, NULL, 0}, {"s", 3, 0, so_and_huyen, 1}, {"h", 3, 0, huyen, 1}};
    static const struct quota twice[] = {{"cap", 6, 0, NULL, 0}, {"s", 3, 0, so_and_huyen, 2}, {"h", 3, 0, huyen, 1}};
    static const struct quota above[] = {{"cap", 6, 0, NULL, 0}, {"s", 4, 0, so_and_huyen, 1}, {"h", 3, 0, huyen, 1}};
    static const struct quota beyond[] = {{"cap", 7, 0, NULL, 0}};
    struct field field;
    set_field(&field, NULL, 0, 6, TIES_DECIDE);
    struct rule_faults faults = {.arena = &field.arena};
    assert_true(standings_check_quotas(&field.policy, good, 3, "/quota", &faults));
    assert_false(standings_check_quotas(&field.policy, twice, 3, "/quota", &faults));
    assert_int_equal(faults.items[0].kind, FAULT_QUOTA_OVERLAP);
    assert_false(standings_check_quotas(&field.policy, above, 3, "/quota", &faults));
    assert_int_equal(faults.items[1].kind, FAULT_QUOTA_ABOVE_PARENT);
    assert_false(standings_check_quotas(&field.policy, beyond, 1, "/quota", &faults));
    arena_release(&field.arena);
}

static void overrides_keep_what_was_computed(void **state)
{
    (void)state;
    static const struct line lines[] = {{1, OVERALL_ELIGIBLE, 4, 95, 100}, {1, OVERALL_ELIGIBLE, 3, 92, 100}};
    static const struct standing_override overrides[] = {
        {"u0", STANDING_SECURE, "chair_office", "2025-03-05T08:00:00+07:00", "r", "l"},
        {"u1", STANDING_SECURE, "chair_office", "2025-03-05T08:00:00+07:00", "r", "l"}};
    struct field field;
    set_field(&field, lines, 2, 1, TIES_DECIDE);
    field.input.overrides = overrides;
    field.input.override_count = 2;
    struct standings standings = standings_compute(&field.arena, &field.input);
    expect_row(&standings, 1, 2, STANDING_OUT);
    assert_true(row_of(&standings, 0).override_is_moot);
    assert_false(row_of(&standings, 1).override_is_moot);
    assert_true(standings.overrides_exceed_cap);
    arena_release(&field.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_one_one_three),
        cmocka_unit_test(a_unit_outside_is_told_what_decided),
        cmocka_unit_test(ties_at_the_cut_off_follow_the_policy),
        cmocka_unit_test(open_units_hold_others_back),
        cmocka_unit_test(awards_given_hold_their_places),
        cmocka_unit_test(groups_are_never_compared),
        cmocka_unit_test(overlapping_quotas_are_refused),
        cmocka_unit_test(overrides_keep_what_was_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
