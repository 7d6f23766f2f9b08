// Places, against a judge that knows nothing of the engine: it goes through every completion of what is open, and
// through every way in which other groups may take of the places that they share. PLACES_ROUNDS says how many random
// rounds.
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#include "thidua/rule_set.h"
#include "thidua/standings.h"

enum {
    UNITS = 12,
    KEYS = 2,
    GROUPS = 3,
    TOP_VALUE = 2,
    LEAST_VALUE = -1,
    BEYOND = TOP_VALUE + 2,
    NONE = 99,
    MOST_WORLDS = 4096
};

// ---- a random round, as plain numbers ----

struct unit {
    size_t group;
    bool ineligible, open, awarded, kept_out;
    int key[KEYS];     // NONE: not known
    bool absent[KEYS]; // and never will be
    int bound[KEYS];   // NONE: without
    int decision;      // 0: none
    int place;
};

struct place_quota {
    int places, taken;
    size_t parent; // of the first: itself
};

struct round {
    struct unit units[UNITS];
    size_t count;
    bool ascending[KEYS], nulls_first[KEYS];
    enum tie_policy ties;
    struct place_quota quotas[GROUPS + 2];
    size_t quota_count, quota_of[GROUPS];
};

// In a calm round little is open and much is equal: there the ties are.
static struct unit random_unit(uint64_t *random, bool calm)
{
    struct unit unit = {.group = random_below(random, GROUPS)};
    unit.awarded = random_below(random, 12) == 0;
    unit.ineligible = random_below(random, 8) == 0;
    unit.open = !unit.ineligible && !unit.awarded && random_below(random, calm ? 6 : 2) == 0;
    unit.kept_out = random_below(random, 8) == 0;
    for (size_t k = 0; k < KEYS; k++) {
        unit.key[k] =
            random_below(random, calm ? 20 : 3) == 0 ? NONE : (int)random_below(random, calm ? 2 : TOP_VALUE + 1);
        unit.absent[k] = unit.key[k] == NONE && random_below(random, 4) == 0;
        unit.bound[k] =
            unit.key[k] == NONE && random_below(random, 3) == 0 ? (int)random_below(random, TOP_VALUE + 1) : NONE;
    }
    if (random_below(random, 3) == 0) {
        unit.decision = 1 + (int)random_below(random, 2);
        unit.place = 1 + (int)random_below(random, 3);
    }
    return unit;
}

static bool key_is_open(const struct unit *unit, size_t k)
{
    return !unit->ineligible && !unit->awarded && unit->key[k] == NONE && !unit->absent[k];
}

// Values that an open key can take, from the worst to the best of a descending one; then that none comes.
static int value_count(const struct round *round, const struct unit *unit, size_t k)
{
    if (unit->bound[k] == NONE)
        return BEYOND - LEAST_VALUE + 2;
    return (round->ascending[k] ? BEYOND - unit->bound[k] : unit->bound[k] - LEAST_VALUE) + 2;
}

static int value_at(const struct round *round, const struct unit *unit, size_t k, int at)
{
    if (at == value_count(round, unit, k) - 1)
        return NONE;
    return (round->ascending[k] && unit->bound[k] != NONE ? unit->bound[k] : LEAST_VALUE) + at;
}

static long worlds_of(const struct round *round, const struct unit *unit)
{
    long worlds = 1;
    for (size_t k = 0; k < KEYS; k++)
        if (key_is_open(unit, k))
            worlds *= value_count(round, unit, k);
    return unit->open ? worlds + 1 : worlds;
}

static void random_quotas(struct round *round, uint64_t *random)
{
    size_t shape = random_below(random, 4); // the cap alone; shares of groups; a rest; shares below a share
    round->quotas[0] = (struct place_quota){.places = 1 + (int)random_below(random, 5)};
    round->quota_count = 1;
    int left = round->quotas[0].places;
    for (size_t g = 0; g < GROUPS && shape; g++) {
        if (shape == 2 && g > 0) { // the others share the rest
            round->quota_of[g] = g == 1 ? round->quota_count++ : round->quota_of[1];
            round->quotas[round->quota_of[g]] = (struct place_quota){.places = left};
            continue;
        }
        int places = (int)random_below(random, (uint64_t)left + 1);
        size_t parent = shape == 3 && g > 0 ? 1 : 0; // below the first share, as clusters are
        if (shape == 3 && g == 0)
            places = left;
        left -= shape == 3 && g == 0 ? 0 : places;
        round->quota_of[g] = round->quota_count;
        round->quotas[round->quota_count++] = (struct place_quota){.places = places, .parent = parent};
    }
    for (size_t i = 0; i < round->count; i++) // what was given is gone, in every quota above
        for (size_t q = round->quota_of[round->units[i].group]; round->units[i].awarded; q = round->quotas[q].parent) {
            round->quotas[q].taken++;
            if (q == 0)
                break;
        }
}

static void random_round(struct round *round, uint64_t *random)
{
    *round = (struct round){.ties = (enum tie_policy)random_below(random, 3)};
    for (size_t k = 0; k < KEYS; k++) {
        round->ascending[k] = random_below(random, 4) == 0;
        round->nulls_first[k] = random_below(random, 5) == 0;
    }
    round->count = 1 + random_below(random, UNITS);
    bool calm = random_below(random, 2) == 0;
    long worlds = 1;
    for (size_t i = 0; i < round->count; i++) {
        struct unit unit = random_unit(random, calm);
        if (worlds * worlds_of(round, &unit) > MOST_WORLDS)
            for (size_t k = 0; k < KEYS; k++)
                unit.absent[k] = unit.key[k] == NONE;
        if (worlds * worlds_of(round, &unit) > MOST_WORLDS)
            unit.open = false;
        worlds *= worlds_of(round, &unit);
        round->units[i] = unit;
    }
    random_quotas(round, random);
}

// ---- the judge ----

enum outcome { INSIDE = 1, OUTSIDE = 2, TIE = 4, BY_ALLOCATION = 8 };

// A world: everybody is eligible or not, and all values are there or not.
struct world {
    bool eligible[UNITS];
    int key[UNITS][KEYS];
};

static int compare(const struct round *round, const struct world *world, size_t a, size_t b)
{
    for (size_t k = 0; k < KEYS; k++) {
        int one = world->key[a][k], two = world->key[b][k];
        if (one == two)
            continue;
        if (one == NONE || two == NONE)
            return ((one == NONE) == round->nulls_first[k]) ? 1 : -1;
        return ((one > two) != round->ascending[k]) ? 1 : -1;
    }
    const struct unit *left = &round->units[a], *right = &round->units[b];
    if (left->decision && left->decision == right->decision && left->place != right->place)
        return left->place < right->place ? 1 : -1;
    return 0;
}

// Do so many of each group fit into what is left of every quota?
static bool feasible(const struct round *round, const int *taken)
{
    int below[GROUPS + 2] = {0};
    for (size_t g = 0; g < GROUPS; g++)
        below[round->quota_of[g]] += taken[g];
    for (size_t q = round->quota_count; q-- > 0;) {
        int left = round->quotas[q].places - round->quotas[q].taken;
        if (below[q] > (left > 0 ? left : 0))
            return false;
        if (q)
            below[round->quotas[q].parent] += below[q];
    }
    return true;
}

static unsigned outcome_with(const struct round *round, int room, int above, int tied, int everybody)
{
    int left = round->quotas[0].places - round->quotas[0].taken;
    if (above + 1 > room)
        return OUTSIDE;
    if (above + 1 + tied <= room || (round->ties == TIES_ADMIT_ALL && everybody <= (left > 0 ? left : 0)))
        return INSIDE;
    return round->ties == TIES_ADMIT_NONE ? OUTSIDE : TIE;
}

// Over every number that the other groups may take.
static unsigned outcome_in(const struct round *round, const struct world *world, size_t unit)
{
    int above = 0, tied = 0, eligible[GROUPS] = {0}, taken[GROUPS] = {0};
    size_t own = round->units[unit].group;
    unsigned outcomes = 0;
    if (!world->eligible[unit])
        return OUTSIDE;
    for (size_t i = 0; i < round->count; i++) {
        if (!world->eligible[i])
            continue;
        eligible[round->units[i].group]++;
        int order = i == unit || round->units[i].group != own ? -1 : compare(round, world, i, unit);
        above += order > 0;
        tied += order == 0;
    }
    int everybody = above + 1 + tied;
    for (size_t g = 0; g < GROUPS; g++)
        everybody += g == own ? 0 : eligible[g];
    size_t one = (own + 1) % GROUPS, two = (own + 2) % GROUPS;
    for (taken[one] = 0; taken[one] <= eligible[one]; taken[one]++)
        for (taken[two] = 0; taken[two] <= eligible[two]; taken[two]++) {
            taken[own] = 0;
            if (!feasible(round, taken))
                continue;
            while (taken[own] <= UNITS && feasible(round, taken))
                taken[own]++;
            outcomes |= outcome_with(round, taken[own] - 1, above, tied, everybody);
        }
    return outcomes & (outcomes - 1) ? BY_ALLOCATION : outcomes;
}

// `kept_out`: with those out whom people keep out.
static void judge(const struct round *round, bool kept_out, unsigned *outcomes)
{
    long worlds = 1;
    memset(outcomes, 0, UNITS * sizeof *outcomes);
    for (size_t i = 0; i < round->count; i++)
        worlds *= worlds_of(round, &round->units[i]);
    for (long number = 0; number < worlds; number++) {
        struct world world;
        long rest = number;
        for (size_t i = 0; i < round->count; i++) {
            const struct unit *unit = &round->units[i];
            long own = worlds_of(round, unit), at = rest % own;
            rest /= own;
            world.eligible[i] =
                !unit->ineligible && !unit->awarded && !(kept_out && unit->kept_out) && (!unit->open || at);
            at -= unit->open && at;
            for (size_t k = 0; k < KEYS; k++) {
                world.key[i][k] = unit->key[k];
                if (key_is_open(unit, k)) {
                    world.key[i][k] = value_at(round, unit, k, (int)(at % value_count(round, unit, k)));
                    at /= value_count(round, unit, k);
                }
            }
        }
        for (size_t i = 0; i < round->count; i++)
            outcomes[i] |= outcome_in(round, &world, i);
    }
}

static enum standing_status status_by_judge(unsigned outcomes)
{
    return outcomes == INSIDE    ? STANDING_SECURE
           : outcomes == OUTSIDE ? STANDING_OUT
           : outcomes == TIE     ? STANDING_TIE_TO_DECIDE
                                 : STANDING_POSSIBLE;
}

// ---- the engine ----

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

// ---- what is known of a value before it is there ----

static struct key_value value_of(const struct standing_key *key, struct value part, struct value whole, bool assessed)
{
    struct fact facts[3] = {{.value = part}, {.value = whole}, {.value = {.type = VALUE_BOOLEAN, .number = assessed}}};
    const struct unit_facts unit = {.unit_id = "u", .facts = facts};
    return standing_key_value(key, NULL, &unit);
}

static void bounds_of_facts_bound_their_keys(void **state)
{
    (void)state;
    const struct fact_declaration points = {.name = "points", .has_least = true, .has_most = true, .most = 100};
    const struct fact_declaration most = {.name = "most", .has_least = true, .least = 40};
    const struct value none = {.type = VALUE_UNKNOWN}, eighty = {.type = VALUE_DECIMAL, .number = 80};
    struct standing_key key = {.id = "k", .kind = KEY_FACT, .fact = &points, .whole_slot = 1, .only_if_slot = 2};
    struct key_value value = value_of(&key, none, none, true);
    assert_true(!value.known && value.bounded && !value.absent && value.best_part == 100 && value.best_whole == 1);
    key.ascending = true;
    value = value_of(&key, none, none, true);
    assert_true(value.bounded && value.best_part == 0);
    key = (struct standing_key){.kind = KEY_RATIO,
                                .fact = &points,
                                .whole_fact = &most,
                                .whole_slot = 1,
                                .has_only_if = true,
                                .only_if_slot = 2};
    value = value_of(&key, none, none, true); // 100 of no fewer than 40
    assert_true(value.bounded && value.best_part == 100 && value.best_whole == 40 && !value.absent);
    value = value_of(&key, none, eighty, true);
    assert_true(value.bounded && value.best_part == 100 && value.best_whole == 80);
    assert_true(value_of(&key, none, none, false).absent); // not assessed: it never comes
    assert_true(value_of(&key, eighty, (struct value){.type = VALUE_DECIMAL}, true).absent); // a whole of 0 is known
    key.ascending = true; // the most of a whole is not declared
    assert_false(value_of(&key, eighty, none, true).bounded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_are_those_of_every_completion),
                                       cmocka_unit_test(an_open_condition_is_true_or_false),
                                       cmocka_unit_test(bounds_of_facts_bound_their_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
