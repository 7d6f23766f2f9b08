// III.2.b and engine.md, "Standings": ranks, pools of places, ties, and what stays true whatever the unknowns become.
#include "thidua/standings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { UNITS_MOST = 6 };

static const struct standing_key keys[] = {{.id = "score"}, {.id = "index"}};

struct round {
    struct arena arena;
    struct candidate candidates[UNITS_MOST];
    struct standing_value values[UNITS_MOST][2];
    size_t count;
    size_t pool_of_group[3];
    int32_t places[3];
    struct standing_rules rules;
};

static void open_round(struct round *round, int32_t places, enum tie_policy ties)
{
    *round = (struct round){.places = {places, 0, 0}};
    round->rules = (struct standing_rules){.keys = keys,
                                           .key_count = 2,
                                           .pool_of_group = round->pool_of_group,
                                           .group_count = 3,
                                           .places = round->places,
                                           .pool_count = 3,
                                           .cap = places,
                                           .ties = ties};
}

static struct candidate *enter(struct round *round, size_t group, enum candidacy candidacy, int64_t score, int64_t part,
                               int64_t whole)
{
    size_t at = round->count++;
    round->values[at][0] = (struct standing_value){score >= 0, score, 1};
    round->values[at][1] = (struct standing_value){whole > 0, part, whole};
    round->candidates[at] =
        (struct candidate){.unit_id = "u", .group = group, .candidacy = candidacy, .values = round->values[at]};
    return &round->candidates[at];
}

static struct standing *rank(struct round *round)
{
    struct standing *standings = NULL;
    assert_true(standings_rank(&round->arena, &round->rules, round->candidates, round->count, &standings));
    return standings;
}

// The standing of the candidate that was entered as number `at`.
static const struct standing *of(const struct standing *standings, const struct round *round, size_t at)
{
    for (size_t i = 0; i < round->count; i++)
        if (standings[i].candidate == at)
            return &standings[i];
    fail();
    return NULL;
}

static void equals_share_a_rank_and_the_next_is_skipped(void **state)
{
    (void)state;
    struct round round;
    open_round(&round, 6, TIE_DECIDE);
    enter(&round, 0, CANDIDACY_ELIGIBLE, 380, 9000, 10000);
    enter(&round, 0, CANDIDACY_ELIGIBLE, 390, 6435, 7150); // exactly 90 %
    enter(&round, 0, CANDIDACY_ELIGIBLE, 390, 7380, 8200); // exactly 90 %
    struct standing *standings = rank(&round);
    assert_int_equal(of(standings, &round, 1)->rank, 1);
    assert_int_equal(of(standings, &round, 2)->rank, 1);
    assert_int_equal(of(standings, &round, 0)->rank, 3);
    arena_release(&round.arena);
}

static void groups_are_never_ranked_against_each_other(void **state)
{
    (void)state;
    struct round round;
    open_round(&round, 6, TIE_DECIDE);
    enter(&round, 0, CANDIDACY_ELIGIBLE, 100, 0, 0);
    enter(&round, 1, CANDIDACY_ELIGIBLE, 400, 0, 0);
    struct standing *standings = rank(&round);
    assert_int_equal(of(standings, &round, 0)->rank, 1);
    assert_int_equal(of(standings, &round, 1)->rank, 1);
    assert_true(of(standings, &round, 0)->beaten_by == NO_CANDIDATE);
    arena_release(&round.arena);
}

static void an_equal_at_the_cut_off_is_for_a_person_to_decide(void **state)
{
    (void)state;
    struct round round;
    open_round(&round, 1, TIE_DECIDE);
    struct candidate *first = enter(&round, 0, CANDIDACY_ELIGIBLE, 380, 0, 0);
    struct candidate *second = enter(&round, 0, CANDIDACY_ELIGIBLE, 380, 0, 0);
    struct standing *standings = rank(&round);
    assert_int_equal(of(standings, &round, 0)->status, STANDING_TIE_TO_DECIDE);
    assert_int_equal(of(standings, &round, 1)->status, STANDING_TIE_TO_DECIDE);
    first->decided = 2; // the recorded decision is an input of the next run
    second->decided = 1;
    standings = rank(&round);
    assert_int_equal(of(standings, &round, 0)->status, STANDING_OUT);
    assert_int_equal(of(standings, &round, 1)->status, STANDING_SECURE);
    assert_int_equal(of(standings, &round, 0)->decided_by, round.rules.key_count);
    round.rules.ties = TIE_ADMIT_NONE;
    first->decided = second->decided = 0;
    standings = rank(&round);
    assert_int_equal(of(standings, &round, 0)->status, STANDING_OUT);
    assert_int_equal(of(standings, &round, 1)->status, STANDING_OUT);
    arena_release(&round.arena);
}

static void an_open_unit_above_keeps_the_one_below_waiting(void **state)
{
    (void)state;
    struct round round;
    open_round(&round, 1, TIE_DECIDE);
    enter(&round, 0, CANDIDACY_OPEN, 400, 1, 1);
    enter(&round, 0, CANDIDACY_ELIGIBLE, 380, 1, 1);
    struct standing *standings = rank(&round);
    assert_int_equal(of(standings, &round, 0)->status, STANDING_POSSIBLE);
    assert_int_equal(of(standings, &round, 1)->status, STANDING_POSSIBLE);
    arena_release(&round.arena);
}

static void what_decided_is_named_with_the_difference(void **state)
{
    (void)state;
    struct round round;
    open_round(&round, 1, TIE_DECIDE);
    enter(&round, 0, CANDIDACY_ELIGIBLE, 380, 9350, 10000);
    enter(&round, 0, CANDIDACY_ELIGIBLE, 380, 9325, 10000);
    struct standing *standings = rank(&round);
    const struct standing *second = of(standings, &round, 1);
    assert_int_equal(second->status, STANDING_OUT);
    assert_int_equal(second->beaten_by, 0);
    assert_int_equal(second->decided_by, 1);
    assert_int_equal(second->by_ten_thousandths, 25);
    arena_release(&round.arena);
}

static void pools_that_exceed_the_cap_are_refused(void **state)
{
    (void)state;
    struct round round;
    struct standing *standings;
    open_round(&round, 6, TIE_DECIDE);
    round.places[1] = 1;
    assert_false(standings_rank(&round.arena, &round.rules, round.candidates, 0, &standings));
    arena_release(&round.arena);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void fill_at_random(struct round *round, uint32_t *seed)
{
    open_round(round, (int32_t)(next_random(seed) % 4), TIE_DECIDE);
    round->places[1] = (int32_t)(next_random(seed) % 2);
    round->rules.cap = round->places[0] + round->places[1];
    round->pool_of_group[1] = next_random(seed) % 2;
    size_t count = 1 + next_random(seed) % UNITS_MOST;
    for (size_t i = 0; i < count; i++) {
        enum candidacy candidacy = (enum candidacy)(next_random(seed) % 3);
        int64_t score = candidacy == CANDIDACY_OPEN && next_random(seed) % 3 == 0 ? -1 : next_random(seed) % 3;
        enter(round, next_random(seed) % 2, candidacy, score, 1, 1);
    }
}

static size_t secure_count(const struct standing *standings, size_t count)
{
    size_t secure = 0;
    for (size_t i = 0; i < count; i++)
        secure += standings[i].status == STANDING_SECURE;
    return secure;
}

// Every way the open units can turn out: eligible with any score, or not eligible.
static void check_completions(struct round *round, const struct standing *before, size_t at)
{
    static const struct standing_value ones[] = {{true, 0, 1}, {true, 1, 1}, {true, 2, 1}};
    while (at < round->count && round->candidates[at].candidacy != CANDIDACY_OPEN)
        at++;
    if (at == round->count) {
        struct standing *after = rank(round);
        for (size_t i = 0; i < round->count; i++) {
            if (before[i].status == STANDING_SECURE)
                assert_int_equal(of(after, round, before[i].candidate)->status, STANDING_SECURE);
            if (before[i].status == STANDING_OUT)
                assert_int_not_equal(of(after, round, before[i].candidate)->status, STANDING_SECURE);
        }
        assert_true(secure_count(after, round->count) <= (size_t)round->rules.cap);
        return;
    }
    struct standing_value kept = round->values[at][0];
    round->candidates[at].candidacy = CANDIDACY_NONE;
    check_completions(round, before, at + 1);
    round->candidates[at].candidacy = CANDIDACY_ELIGIBLE;
    for (size_t i = 0; i < 3; i++) {
        if (kept.known && kept.part != (int64_t)i)
            continue; // a known value does not change
        round->values[at][0] = ones[i];
        check_completions(round, before, at + 1);
    }
    round->values[at][0] = kept;
    round->candidates[at].candidacy = CANDIDACY_OPEN;
}

static void secure_units_stay_inside_and_out_stays_out_under_every_completion(void **state)
{
    (void)state;
    uint32_t seed = 230;
    for (int i = 0; i < 3000; i++) {
        struct round round;
        fill_at_random(&round, &seed);
        struct standing *standings = rank(&round);
        assert_true(secure_count(standings, round.count) <= (size_t)round.rules.cap);
        check_completions(&round, standings, 0);
        arena_release(&round.arena);
    }
}

static void order_of_entry_decides_nothing(void **state)
{
    (void)state;
    uint32_t seed = 98;
    for (int i = 0; i < 3000; i++) {
        struct round round;
        fill_at_random(&round, &seed);
        struct standing *before = rank(&round);
        struct round turned = round;
        turned.rules.places = turned.places;
        turned.rules.pool_of_group = turned.pool_of_group;
        for (size_t j = 0; j < round.count; j++) // the same candidates, last first; values stay where they are
            turned.candidates[j] = round.candidates[round.count - 1 - j];
        struct standing *after = rank(&turned);
        for (size_t j = 0; j < round.count; j++) {
            const struct standing *one = of(before, &round, j), *other = of(after, &turned, round.count - 1 - j);
            assert_int_equal(one->rank, other->rank);
            assert_int_equal(one->status, other->status);
        }
        arena_release(&turned.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_share_a_rank_and_the_next_is_skipped),
        cmocka_unit_test(groups_are_never_ranked_against_each_other),
        cmocka_unit_test(an_equal_at_the_cut_off_is_for_a_person_to_decide),
        cmocka_unit_test(an_open_unit_above_keeps_the_one_below_waiting),
        cmocka_unit_test(what_decided_is_named_with_the_difference),
        cmocka_unit_test(pools_that_exceed_the_cap_are_refused),
        cmocka_unit_test(secure_units_stay_inside_and_out_stays_out_under_every_completion),
        cmocka_unit_test(order_of_entry_decides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
