// A budget notices what the arena and its allocator take, stays overdrawn, and goes by the clock that it is given.
#include "base/pure/budget.h"
#include "testing.h"
#include "thidua/arena.h"

static int64_t now;

static int64_t fake_clock(void)
{
    return now;
}

static void without_a_budget_all_is_kept(void **state)
{
    (void)state;
    struct arena arena = {0};
    arena_allocate(&arena, 1 << 20);
    assert_int_equal(budget_state(), BUDGET_KEPT);
    arena_release(&arena);
}

static void memory_is_counted_and_given_back(void **state)
{
    (void)state;
    struct budget budget = {.most = 1 << 20, .deadline = INT64_MAX, .clock = fake_clock};
    struct arena arena = {0};
    budget_use(&budget);
    for (int i = 0; i < 10; i++) {
        arena_allocate(&arena, 1 << 19);
        arena_release(&arena);
    }
    void *memory = budget_malloc(1 << 19);
    assert_int_equal(budget_state(), BUDGET_KEPT);
    arena_allocate(&arena, 1 << 20);
    assert_int_equal(budget_state(), BUDGET_OUT_OF_MEMORY);
    arena_release(&arena);
    budget_free(memory);
    assert_int_equal(budget.held, 0);
    assert_int_equal(budget_state(), BUDGET_OUT_OF_MEMORY);
    budget_use(NULL);
    assert_int_equal(budget_state(), BUDGET_KEPT);
}

static void time_runs_out_after_the_deadline(void **state)
{
    (void)state;
    struct budget budget = {.most = 1, .deadline = 100, .clock = fake_clock};
    budget_use(&budget);
    now = 100;
    assert_int_equal(budget_state(), BUDGET_KEPT);
    now = 101;
    assert_int_equal(budget_state(), BUDGET_OUT_OF_TIME);
    budget_use(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_budget_all_is_kept),
        cmocka_unit_test(memory_is_counted_and_given_back),
        cmocka_unit_test(time_runs_out_after_the_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
