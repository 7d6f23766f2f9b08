// Places, against a judge that knows nothing of the engine: it goes through every completion of what is open, and
// through every way in which other groups may take of the places that they share. PLACES_ROUNDS says how many random
// rounds.
#include "places/places.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

static enum standing_status status_by_judge(unsigned outcomes)
{
    return outcomes == INSIDE    ? STANDING_SECURE
           : outcomes == OUTSIDE ? STANDING_OUT
           : outcomes == TIE     ? STANDING_TIE_TO_DECIDE
                                 : STANDING_POSSIBLE;
}

struct asked {
    struct arena arena;
    struct standing_policy policy;
    struct standing_key keys[KEYS];
    struct key_value values[UNITS][KEYS];
    struct contestant contestants[UNITS];
    struct quota quotas[GROUPS + 2];
    size_t slots[GROUPS + 2][GROUPS];
    struct standing_override overrides[UNITS];
    struct standings_input input;
};

static const char *const ids[UNITS] = {"u00", "u01", "u02", "u03", "u04", "u05",
                                       "u06", "u07", "u08", "u09", "u10", "u11"};
static const struct named groups[GROUPS] = {{"A", {"a", "a"}}, {"B", {"b", "b"}}, {"C", {"c", "c"}}};

static void ask(const struct round *round, bool turned, struct asked *asked)
{
    static const char *const decisions[] = {NULL, "one", "two"};
    static const char *const names[GROUPS + 2] = {"cap", "1", "2", "3", "4"};
    *asked = (struct asked){.policy = {.groups = groups,
                                       .group_count = GROUPS,
                                       .key_count = KEYS,
                                       .cap = round->quotas[0].places,
                                       .ties = round->ties,
                                       .semantics = SEMANTICS_NEWEST}};
    for (size_t k = 0; k < KEYS; k++)
        asked->keys[k] = (struct standing_key){.id = k ? "second" : "first",
                                               .kind = KEY_FACT,
                                               .ascending = round->ascending[k],
                                               .nulls_first = round->nulls_first[k]};
    asked->policy.keys = asked->keys;
    for (size_t i = 0; i < round->count; i++) {
        const struct unit *unit = &round->units[i];
        size_t slot = turned ? round->count - 1 - i : i;
        for (size_t k = 0; k < KEYS; k++)
            asked->values[i][k] = (struct key_value){.known = unit->key[k] != NONE,
                                                     .part = unit->key[k],
                                                     .whole = 1,
                                                     .absent = unit->absent[k],
                                                     .bounded = unit->bound[k] != NONE,
                                                     .best_part = unit->bound[k],
                                                     .best_whole = 1};
        asked->contestants[slot] = (struct contestant){.unit_id = ids[i],
                                                       .group = unit->group,
                                                       .kind = unit->group,
                                                       .keys = asked->values[i],
                                                       .awarded = unit->awarded,
                                                       .overall = unit->ineligible ? OVERALL_INELIGIBLE
                                                                  : !unit->open    ? OVERALL_ELIGIBLE
                                                                  : i % 2          ? OVERALL_PENDING
                                                                                   : OVERALL_DEFERRED,
                                                       .tie_decision = decisions[unit->decision],
                                                       .tie_place = unit->place};
        if (unit->kept_out)
            asked->overrides[asked->input.override_count++] =
                (struct standing_override){.unit_id = ids[i], .decided = STANDING_OUT};
    }
    for (size_t q = 0; q < round->quota_count; q++)
        asked->quotas[q] = (struct quota){names[q], round->quotas[q].places, round->quotas[q].parent, asked->slots[q],
                                          0,        round->quotas[q].taken};
    for (size_t g = 0; g < GROUPS; g++)
        if (round->quota_of[g])
            asked->slots[round->quota_of[g]][asked->quotas[round->quota_of[g]].group_count++] = g;
    asked->input.policy = &asked->policy;
    asked->input.contestants = asked->contestants;
    asked->input.contestant_count = round->count;
    asked->input.quotas = asked->quotas;
    asked->input.quota_count = round->quota_count;
    asked->input.overrides = asked->overrides;
}

static const struct standing *row_of(const struct asked *asked, const struct standings *standings, size_t unit)
{
    for (size_t i = 0; i < standings->count; i++)
        if (strcmp(asked->contestants[standings->rows[i].contestant].unit_id, ids[unit]) == 0)
            return &standings->rows[i];
    return NULL;
}

// What is waited for is open; who waits is POSSIBLE, and waits for something unless the allocation alone decides.
static void check_waits(const struct asked *asked, const struct standing *row)
{
    assert_true((row->waits_for_count > 0) == (row->status == STANDING_POSSIBLE && row->cause == CAUSE_ORDER));
    for (size_t i = 0; i < row->waits_for_count; i++) {
        const struct contestant *other = &asked->contestants[row->waits_for[i]];
        bool is_open = other->overall == OVERALL_PENDING || other->overall == OVERALL_DEFERRED;
        for (size_t k = 0; k < KEYS; k++)
            is_open |= !other->keys[k].known && !other->keys[k].absent;
        assert_true(!other->awarded && other->overall != OVERALL_INELIGIBLE && is_open);
    }
}

static void check_cause(const struct standing *row, unsigned outcomes)
{
    if (row->cause == CAUSE_ALLOCATION)
        assert_true(row->status == STANDING_POSSIBLE && (outcomes & BY_ALLOCATION));
    if (row->cause == CAUSE_CAP || row->cause == CAUSE_SHARE)
        assert_int_equal(row->status, STANDING_OUT);
}

static void compare_round(const struct round *round, uint64_t number, size_t *seen)
{
    unsigned plain[UNITS], without[UNITS];
    struct asked asked, turned;
    judge(round, false, plain);
    judge(round, true, without);
    ask(round, false, &asked);
    ask(round, true, &turned);
    struct standings standings = standings_compute(&asked.arena, &asked.input);
    struct standings again = standings_compute(&turned.arena, &turned.input);
    for (size_t i = 0; i < round->count; i++) {
        bool own = round->units[i].kept_out && !round->units[i].awarded && !round->units[i].ineligible;
        unsigned outcomes = own ? plain[i] : without[i];
        enum standing_status wanted = round->units[i].awarded ? STANDING_AWARDED : status_by_judge(outcomes);
        const struct standing *row = row_of(&asked, &standings, i), *twin = row_of(&turned, &again, i);
        if (row->status != wanted)
            fail_msg("round %llu, unit %zu: %s, and by every completion %s", (unsigned long long)number, i,
                     standing_status_name(row->status), standing_status_name(wanted));
        assert_true(row->status == twin->status && row->rank == twin->rank && row->cause == twin->cause &&
                    row->freed == twin->freed);
        assert_true(row->freed ==
                    (!own && !round->units[i].awarded && status_by_judge(plain[i]) != status_by_judge(without[i])));
        check_waits(&asked, row);
        check_cause(row, outcomes);
        seen[row->status]++;
        seen[STANDING_AWARDED + 1] += row->freed;
    }
    arena_release(&asked.arena);
    arena_release(&turned.arena);
}

static void places_are_those_of_every_completion(void **state)
{
    (void)state;
    const char *asked = getenv("PLACES_ROUNDS");
    uint64_t rounds = asked ? strtoull(asked, NULL, 10) : 3000, random = 12;
    size_t seen[STANDING_AWARDED + 2] = {0};
    for (uint64_t number = 0; number < rounds; number++) {
        struct round round;
        random_round(&round, &random);
        compare_round(&round, number, seen);
    }
    for (size_t i = 0; i < COUNT_OF(seen); i++)
        if (seen[i] <= rounds / 50) // every kind is there, and not only now and then
            fail_msg("%zu of kind %zu in %llu rounds", seen[i], i, (unsigned long long)rounds);
}

// A condition that is not known comes true or false, of an eligible unit too: it never ranks below one that is false.
static void an_open_condition_is_true_or_false(void **state)
{
    (void)state;
    static const struct {
        enum tie_policy ties;
        int64_t places;
        enum standing_status open, is_false;
    } kinds[] = {{TIES_ADMIT_NONE, 1, STANDING_POSSIBLE, STANDING_OUT},
                 {TIES_DECIDE, 1, STANDING_POSSIBLE, STANDING_POSSIBLE},
                 {TIES_DECIDE, 2, STANDING_SECURE, STANDING_SECURE}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        for (int ascending = 0; ascending < 2; ascending++) {
            struct arena arena = {0};
            const struct standing_key key = {.id = "k", .kind = KEY_CONDITION, .ascending = ascending};
            const struct key_value unknown = {.whole = 1, .bounded = true, .best_part = !ascending, .best_whole = 1};
            const struct key_value worst = {.known = true, .part = ascending, .whole = 1};
            const struct contestant contestants[] = {{.unit_id = "u0", .overall = OVERALL_ELIGIBLE, .keys = &unknown},
                                                     {.unit_id = "u1", .overall = OVERALL_ELIGIBLE, .keys = &worst}};
            const struct standing_policy policy = {.groups = groups,
                                                   .group_count = 1,
                                                   .keys = &key,
                                                   .key_count = 1,
                                                   .cap = kinds[i].places,
                                                   .ties = kinds[i].ties,
                                                   .semantics = SEMANTICS_NEWEST};
            const struct standings_input input = {
                .policy = &policy, .contestants = contestants, .contestant_count = COUNT_OF(contestants)};
            struct standings standings = standings_compute(&arena, &input);
            for (size_t r = 0; r < standings.count; r++)
                assert_int_equal(standings.rows[r].status,
                                 standings.rows[r].contestant ? kinds[i].is_false : kinds[i].open);
            arena_release(&arena);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_are_those_of_every_completion),
                                       cmocka_unit_test(an_open_condition_is_true_or_false)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
