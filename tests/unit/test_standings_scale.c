// Standings of many: the same as comparing each with each, at a cost of n log n.
#include "testing.h"

#include <time.h>

#include "thidua/award_forms.h"

enum { MANY = 40, MOST_SECONDS = 3 };

static const struct named groups[] = {{"HUYEN", {"a", "a"}}, {"XA", {"b", "b"}}};
static const struct standing_key keys[] = {{.id = "score", .kind = KEY_FACT}, {.id = "index", .kind = KEY_RATIO}};

struct crowd {
    struct arena arena;
    struct standing_policy policy;
    struct contestant *contestants;
    struct standings_input input;
};

static struct contestant random_contestant(struct crowd *crowd, uint64_t *random, size_t number, size_t group_count)
{
    static const char *const decisions[] = {NULL, NULL, "lot-1", "lot-2"};
    struct key_value *values = arena_array(&crowd->arena, 2, sizeof *values);
    values[0] = (struct key_value){random_below(random, 4) != 0, (int64_t)random_below(random, 3), 1};
    values[1] = (struct key_value){random_below(random, 4) != 0, 1 + (int64_t)random_below(random, 2), 2};
    return (struct contestant){.unit_id = arena_format(&crowd->arena, "u%07zu", number),
                               .group = random_below(random, group_count),
                               .overall = (enum overall_outcome)random_below(random, 4),
                               .keys = values,
                               .tie_decision = decisions[random_below(random, COUNT_OF(decisions))],
                               .tie_place = 1 + (int64_t)random_below(random, 5)};
}

static void gather(struct crowd *crowd, uint64_t *random, size_t count, size_t group_count, int64_t cap)
{
    *crowd = (struct crowd){.policy = {.groups = groups,
                                       .group_count = group_count,
                                       .keys = keys,
                                       .key_count = 2,
                                       .cap = cap,
                                       .ties = (enum tie_policy)random_below(random, 3)}};
    crowd->contestants = arena_array(&crowd->arena, count, sizeof *crowd->contestants);
    for (size_t i = 0; i < count; i++)
        crowd->contestants[i] = random_contestant(crowd, random, i, group_count);
    crowd->input = (struct standings_input){
        .policy = &crowd->policy, .contestants = crowd->contestants, .contestant_count = count};
}

// ---- the definition, pair by pair

enum relation { ABOVE, TIED, BELOW, OPEN };

static bool open_one(const struct contestant *a)
{
    return a->overall == OVERALL_PENDING || a->overall == OVERALL_DEFERRED;
}

static enum relation relation_of(const struct contestant *a, const struct contestant *b, bool as_shown)
{
    for (size_t i = 0; i < 2; i++) {
        struct key_value one = a->keys[i], two = b->keys[i];
        if (!as_shown && ((open_one(a) && !one.known) || (open_one(b) && !two.known)))
            return OPEN;
        int64_t left = one.known ? one.part : INT64_MIN, right = two.known ? two.part : INT64_MIN; // equal wholes
        if (left != right)
            return left > right ? ABOVE : BELOW;
    }
    if (!a->tie_decision || !b->tie_decision || strcmp(a->tie_decision, b->tie_decision) != 0)
        return TIED;
    return a->tie_place < b->tie_place ? ABOVE : a->tie_place > b->tie_place ? BELOW : TIED;
}

struct expected {
    int64_t rank, above;
    size_t waits, tied;
    bool waits_for[MANY], tied_with[MANY];
};

static struct expected expect(const struct crowd *crowd, size_t unit)
{
    struct expected expected = {.rank = 1};
    const struct contestant *own = &crowd->contestants[unit];
    for (size_t i = 0; i < MANY; i++) {
        const struct contestant *other = &crowd->contestants[i];
        if (i == unit || other->group != own->group || other->overall == OVERALL_INELIGIBLE)
            continue;
        enum relation relation = relation_of(other, own, false);
        expected.rank += relation_of(other, own, true) == ABOVE;
        expected.above += relation == ABOVE && !open_one(other);
        expected.waits_for[i] = relation != BELOW && (open_one(other) || relation == OPEN);
        expected.tied_with[i] = relation == TIED && !open_one(other);
        expected.waits += expected.waits_for[i];
        expected.tied += expected.tied_with[i];
    }
    return expected;
}

static void expect_list(const bool *expected, size_t count, const size_t *list, size_t listed)
{
    bool seen[MANY] = {false};
    assert_int_equal(listed, count);
    for (size_t i = 0; i < listed; i++) {
        assert_true(expected[list[i]]);
        assert_false(seen[list[i]]);
        seen[list[i]] = true;
    }
}

// With one group and the cap alone a status follows from the counts.
static enum standing_status status_of(const struct crowd *crowd, size_t unit, const struct expected *expected)
{
    int64_t cap = crowd->policy.cap, before_ties = expected->above + (int64_t)expected->waits + 1;
    int64_t with_ties = before_ties + (int64_t)expected->tied;
    if (crowd->contestants[unit].overall == OVERALL_INELIGIBLE || expected->above + 1 > cap)
        return STANDING_OUT;
    if (open_one(&crowd->contestants[unit]) || before_ties > cap)
        return STANDING_POSSIBLE;
    if (with_ties <= cap)
        return STANDING_SECURE;
    return crowd->policy.ties == TIES_ADMIT_NONE ? STANDING_OUT : STANDING_TIE_TO_DECIDE;
}

static void the_same_as_each_with_each(void **state)
{
    (void)state;
    uint64_t random = 2024;
    for (int round = 0; round < 400; round++) {
        struct crowd crowd;
        size_t group_count = 1 + random_below(&random, 2);
        gather(&crowd, &random, MANY, group_count, 1 + (int64_t)random_below(&random, MANY));
        struct standings standings = standings_compute(&crowd.arena, &crowd.input);
        assert_int_equal(standings.count, MANY);
        for (size_t i = 0; i < MANY; i++) {
            const struct standing *row = &standings.rows[i];
            struct expected expected = expect(&crowd, row->contestant);
            if (group_count == 1)
                assert_int_equal(row->status, status_of(&crowd, row->contestant, &expected));
            if (crowd.contestants[row->contestant].overall == OVERALL_INELIGIBLE) {
                assert_int_equal(row->rank, 0);
                continue;
            }
            assert_int_equal(row->rank, expected.rank);
            expect_list(expected.waits_for, expected.waits, row->waits_for, row->waits_for_count);
            expect_list(expected.tied_with, expected.tied, row->tied_with, row->tied_with_count);
        }
        arena_release(&crowd.arena);
    }
}

static int64_t secure_under(const struct crowd *crowd, const struct standings *standings, size_t first, size_t last)
{
    int64_t secure = 0;
    for (size_t i = 0; i < standings->count; i++) {
        size_t group = crowd->contestants[standings->rows[i].contestant].group;
        secure += standings->rows[i].status == STANDING_SECURE && group >= first && group <= last;
    }
    return secure;
}

// III.2.b: however quotas nest, SECURE units fit each of them. TIES_ADMIT_ALL looks to the cap alone, by its meaning.
static void no_quota_is_exceeded(void **state)
{
    (void)state;
    static const size_t first[] = {0}, second[] = {1};
    uint64_t random = 6;
    size_t secure = 0;
    for (int round = 0; round < 2000; round++) {
        struct crowd crowd;
        int64_t a = (int64_t)random_below(&random, 3), b = (int64_t)random_below(&random, 3);
        int64_t middle = a + b + (int64_t)random_below(&random, 2), cap = middle + (int64_t)random_below(&random, 2);
        const struct quota quotas[] = {
            {"cap", cap, 0, NULL, 0}, {"middle", middle, 0, NULL, 0}, {"a", a, 1, first, 1}, {"b", b, 1, second, 1}};
        gather(&crowd, &random, 2 + random_below(&random, 8), 2, cap);
        struct rule_faults faults = {.arena = &crowd.arena};
        assert_true(standings_check_quotas(&crowd.policy, quotas, COUNT_OF(quotas), "", &faults));
        crowd.input.quotas = quotas;
        crowd.input.quota_count = COUNT_OF(quotas);
        struct standings standings = standings_compute(&crowd.arena, &crowd.input);
        assert_true(secure_under(&crowd, &standings, 0, 1) <= cap);
        if (crowd.policy.ties != TIES_ADMIT_ALL) {
            assert_true(secure_under(&crowd, &standings, 0, 1) <= middle);
            assert_true(secure_under(&crowd, &standings, 0, 0) <= a);
            assert_true(secure_under(&crowd, &standings, 1, 1) <= b);
        }
        secure += (size_t)secure_under(&crowd, &standings, 0, 1);
        arena_release(&crowd.arena);
    }
    assert_true(secure > 0);
}

// The comparisons are counted, not the time: ten times as many contestants may need little more than ten times as many.
// So many random ones tie and wait for each other that lists without a bound would need millions of elements.
static void expect_cost(int64_t semantics)
{
    uint64_t random = 7;
    size_t before = 0;
    for (size_t count = 1000; count <= 100000; count *= 10) {
        struct crowd crowd;
        gather(&crowd, &random, count, 2, 6);
        crowd.policy.semantics = semantics;
        size_t memory = crowd.arena.total;
        struct standings standings = standings_compute(&crowd.arena, &crowd.input);
        size_t per_contestant = standings.comparisons / count;
        assert_true(standings.comparisons > count); // they are counted at all
        assert_true(per_contestant <= 3 * 20);
        if (before)
            assert_true(standings.comparisons <= 15 * before);
        before = standings.comparisons;
        assert_true(crowd.arena.total - memory <= count * 500 + 4 * 1024 * 1024);
        for (size_t i = 0; i < count; i++) {
            assert_true(standings.rows[i].waits_for_count <= STANDING_MOST_LISTED);
            assert_true(standings.rows[i].tied_with_count <= STANDING_MOST_LISTED);
        }
        arena_release(&crowd.arena);
    }
}

static void the_cost_grows_as_n_log_n(void **state)
{
    (void)state;
    expect_cost(0);
    expect_cost(SEMANTICS_SHARP);
}

// Of the processor, so that other work on the machine does not count.
static double seconds_taken(void)
{
    struct timespec taken;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &taken);
    return (double)taken.tv_sec + (double)taken.tv_nsec / 1e9;
}

static void gather_in_clusters(struct crowd *crowd, size_t count, size_t clusters, int64_t cap)
{
    static const struct key_value same[] = {{true, 1, 1}, {true, 1, 1}};
    uint64_t random = 9;
    gather(crowd, &random, count, 1, cap);
    crowd->policy.ties = TIES_DECIDE;
    crowd->policy.semantics = SEMANTICS_SHARP;
    crowd->policy.clustered = true;
    for (size_t i = 0; i < count; i++) {
        crowd->contestants[i].overall = OVERALL_ELIGIBLE;
        crowd->contestants[i].keys = same;
        crowd->contestants[i].cluster = arena_format(&crowd->arena, "c%07zu", i % clusters);
    }
    crowd->input.policy = standings_by_cluster(&crowd->arena, &crowd->policy, crowd->contestants, count);
}

// Everybody alone in a cluster: the clusters share the places.
static void clusters_cost_no_more_than_their_units(void **state)
{
    (void)state;
    enum { UNITS = 150000 };
    struct crowd crowd;
    gather_in_clusters(&crowd, UNITS, UNITS, 6);
    double before = seconds_taken();
    struct standings standings = standings_compute(&crowd.arena, &crowd.input);
    assert_true(seconds_taken() - before < MOST_SECONDS);
    assert_int_equal(standings.rows[0].status, STANDING_POSSIBLE);
    assert_int_equal(standings.rows[0].cause, CAUSE_ALLOCATION);
    arena_release(&crowd.arena);
}

// Too many ways to divide six places among a thousand clusters: that is found out before long.
static void ways_to_divide_are_given_up_soon(void **state)
{
    (void)state;
    enum { CLUSTERS = 1000, FORMS = 2 };
    struct crowd crowd;
    gather_in_clusters(&crowd, 2 * CLUSTERS, CLUSTERS, 6);
    struct award_form items[FORMS] = {{.exclusive = true, .policy = &crowd.policy},
                                      {.exclusive = true, .policy = &crowd.policy}};
    struct form_standings all[FORMS] = {{.input = crowd.input}, {.input = crowd.input}};
    double before = seconds_taken();
    forms_compute(&crowd.arena, &(struct award_forms){.items = items, .count = FORMS}, all);
    assert_true(seconds_taken() - before < MOST_SECONDS);
    assert_true(all[1].standings.inexact);
    arena_release(&crowd.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_as_each_with_each),       cmocka_unit_test(no_quota_is_exceeded),
        cmocka_unit_test(the_cost_grows_as_n_log_n),        cmocka_unit_test(clusters_cost_no_more_than_their_units),
        cmocka_unit_test(ways_to_divide_are_given_up_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
