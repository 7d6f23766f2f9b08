// What is known of a key before its value is there: the best that can come, out of what facts and scores declare, is
// what going through every completion finds; and nothing is known where something says nothing.
#include "plan.h"

enum { FACTS = 2, SCORES = 2, ENTRIES = 2, UNKNOWNS = FACTS + 1 + SCORES + ENTRIES, ROUNDS = 300 };

#define WORDS "\"text\":{\"vi\":\"v\",\"en\":\"e\"},\"citations\":[\"c\"],"

// %s: the limits of each number, the direction of the key, its members.
static const char rules_text[] =
    "{\"name\":\"l\",\"version\":1,\"semantics\":2,\"valid_from\":\"2024-01-01\",\"award_years\":[2024],"
    "\"citations\":{\"c\":{\"document\":\"1/QD\",\"clause\":\"1\",\"quote\":\"q\",\"valid_from\":\"2024-01-01\"}},"
    "\"facts\":{\"points\":{%s\"type\":\"integer\",\"text\":{\"vi\":\"v\",\"en\":\"e\"}},"
    "\"debts\":{%s\"type\":\"integer\",\"text\":{\"vi\":\"v\",\"en\":\"e\"}},"
    "\"group\":{\"type\":\"text\",\"text\":{\"vi\":\"v\",\"en\":\"e\"}}},"
    "\"contents\":{\"A\":{%s\"vi\":\"a\",\"en\":\"a\"},\"B\":{%s\"vi\":\"b\",\"en\":\"b\"}},"
    "\"registers\":{\"r\":{\"text\":{\"vi\":\"v\",\"en\":\"e\"},\"fields\":{\"good\":\"boolean\"}}},"
    "\"criteria\":[{\"id\":\"1\",\"clause\":\"1\"," WORDS "\"requires\":{\"kind\":\"threshold\",\"id\":\"t\"," WORDS
    "\"fact\":\"points\",\"op\":\">=\",\"value\":1}}],"
    "\"standings\":{\"group_by\":\"group\",\"groups\":{\"x\":{\"vi\":\"x\",\"en\":\"x\"}},\"cap\":1,\"ties\":"
    "\"decide\","
    "\"keys\":[{\"id\":\"k\"," WORDS "\"nulls\":\"last\",\"direction\":\"%s\",%s}]}}";

static const char *const keys[] = {
    "\"kind\":\"fact\",\"fact\":\"points\"",
    "\"kind\":\"fact\",\"fact\":{\"fact\":\"points\",\"year\":-1}",
    "\"kind\":\"finding_score\",\"contents\":[\"A\",\"B\"]",
    "\"kind\":\"sum\",\"terms\":[{\"weight\":2,\"fact\":\"points\"},{\"weight\":\"-1.25\",\"score\":\"B\"}]",
    "\"kind\":\"sum\",\"terms\":[{\"weight\":\"-0.5\",\"fact\":{\"fact\":\"points\",\"year\":-1}},"
    "{\"weight\":-3,\"fact\":\"debts\"},{\"weight\":1,\"score\":\"A\"},{\"weight\":4,\"count\":{\"register\":\"r\","
    "\"where\":[{\"field\":\"good\",\"op\":\"=\",\"value\":true}]}}]",
};

// What a unit may lack: points, debts, points of the year before, two scores, a field of two entries.
static const struct unknown {
    enum value_type type;
    int64_t least, most;
    const char *limits;
} unknowns[UNKNOWNS] = {
    {VALUE_INTEGER, -1, 2, "\"least\":-1,\"most\":2,"},
    {VALUE_INTEGER, 0, 2, "\"least\":0,\"most\":\"2\","},
    {VALUE_INTEGER, -1, 2, NULL}, // those of points
    {VALUE_DECIMAL, 1, 3, "\"least\":\"0.01\",\"most\":\"0.03\","},
    {VALUE_DECIMAL, 0, 2, "\"least\":0,\"most\":\"0.02\","},
    {VALUE_BOOLEAN, 0, 1, NULL},
    {VALUE_BOOLEAN, 0, 1, NULL},
};

struct unit {
    struct value values[UNKNOWNS];
    bool complete; // the register
};

static struct key_value value_of(const struct standing_key *key, const struct unit *unit)
{
    const struct value facts[FACTS + 2] = {unit->values[0], unit->values[1], {.type = VALUE_UNKNOWN}, unit->values[2]};
    const struct value *scores = &unit->values[3];
    const struct finding findings[SCORES] = {{0}};
    const struct register_facts records = {
        .known = true, .complete = unit->complete, .entry_count = ENTRIES, .fields = &unit->values[5]};
    const struct unit_facts all = {
        .unit_id = "u", .values = facts, .findings = findings, .scores = scores, .registers = &records};
    return standing_key_value(key, NULL, &all);
}

// The best value of every completion; the register is complete in all of them.
static void complete(const struct standing_key *key, struct unit *unit, size_t at, struct key_value *best)
{
    while (at < UNKNOWNS && unit->values[at].type != VALUE_UNKNOWN)
        at++;
    if (at == UNKNOWNS) {
        struct key_value value = value_of(key, unit);
        assert_true(value.known && value.whole == 1);
        if (!best->known || (key->ascending ? value.part < best->part : value.part > best->part))
            *best = value;
        return;
    }
    for (int64_t number = unknowns[at].least; number <= unknowns[at].most; number++) {
        unit->values[at] = (struct value){unknowns[at].type, {number}};
        complete(key, unit, at + 1, best);
    }
    unit->values[at].type = VALUE_UNKNOWN;
}

static struct unit random_unit(uint64_t *seed)
{
    struct unit unit = {.complete = true};
    for (size_t i = 0; i < UNKNOWNS; i++) {
        uint64_t range = (uint64_t)(unknowns[i].most - unknowns[i].least + 1);
        unit.values[i].type = random_below(seed, 3) == 0 ? VALUE_UNKNOWN : unknowns[i].type;
        unit.values[i].number = unknowns[i].least + (int64_t)random_below(seed, range);
    }
    return unit;
}

static const struct standing_key *read_key(struct arena *arena, const char *key, bool ascending, bool limited)
{
    struct rule_faults faults = {.arena = arena};
    struct rule_set_document document;
    const char *limits[UNKNOWNS];
    for (size_t i = 0; i < UNKNOWNS; i++)
        limits[i] = limited ? unknowns[i].limits : "";
    const char *text = arena_format(arena, rules_text, limits[0], limits[1], limits[3], limits[4],
                                    ascending ? "ascending" : "descending", key);
    if (!rules_of_text(arena, text, &faults, &document))
        print_faults(&faults);
    assert_non_null(document.standings);
    return &document.standings->keys[0];
}

static void the_best_is_that_of_every_completion(void **state)
{
    (void)state;
    uint64_t seed = 230;
    for (size_t i = 0; i < 2 * COUNT_OF(keys); i++) {
        struct arena arena = {0};
        const struct standing_key *key = read_key(&arena, keys[i / 2], i % 2, true);
        size_t open = 0;
        for (int round = 0; round < ROUNDS; round++) {
            struct unit unit = random_unit(&seed);
            struct key_value value = value_of(key, &unit), best = {0};
            complete(key, &unit, 0, &best);
            assert_true(value.known || value.bounded);
            assert_int_equal(value.known ? value.part : value.best_part, best.part);
            assert_int_equal(value.known ? value.whole : value.best_whole, 1);
            open += !value.known;
        }
        assert_true(open > ROUNDS / 10);
        arena_release(&arena);
    }
}

static void nothing_is_known_where_nothing_is_declared(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(keys); i++) {
        struct arena arena = {0};
        struct unit unit = {.complete = true};
        struct key_value value = value_of(read_key(&arena, keys[i / 2], i % 2, false), &unit);
        assert_true(!value.known && !value.bounded && !value.absent);
        arena_release(&arena);
    }
}

// A register that may still grow: the count is bounded from below alone.
static void a_count_that_may_grow_is_bounded_from_below(void **state)
{
    (void)state;
    for (int ascending = 0; ascending < 2; ascending++) {
        struct arena arena = {0};
        uint64_t seed = 231;
        struct unit unit = random_unit(&seed);
        for (size_t i = 0; i < UNKNOWNS; i++)
            unit.values[i] = (struct value){unknowns[i].type, {unknowns[i].most}};
        unit.complete = false;
        struct key_value value = value_of(read_key(&arena, keys[4], ascending, true), &unit);
        assert_true(!value.known && value.bounded == ascending);
        arena_release(&arena);
    }
}

static struct key_value value_with(const struct standing_key *key, struct value part, struct value whole, bool assessed)
{
    const struct value facts[3] = {part, whole, {.type = VALUE_BOOLEAN, .number = assessed}};
    const struct unit_facts unit = {.unit_id = "u", .values = facts};
    return standing_key_value(key, NULL, &unit);
}

static void bounds_of_facts_bound_their_keys(void **state)
{
    (void)state;
    const struct fact_declaration points = {.name = "points", .has_least = true, .has_most = true, .most = 100};
    const struct fact_declaration most = {.name = "most", .has_least = true, .least = 40};
    const struct value none = {.type = VALUE_UNKNOWN}, eighty = {.type = VALUE_DECIMAL, .number = 80};
    struct standing_key key = {.id = "k", .kind = KEY_FACT, .fact = &points, .whole_slot = 1, .only_if_slot = 2};
    struct key_value value = value_with(&key, none, none, true);
    assert_true(!value.known && value.bounded && !value.absent && value.best_part == 100 && value.best_whole == 1);
    key.ascending = true;
    value = value_with(&key, none, none, true);
    assert_true(value.bounded && value.best_part == 0);
    key = (struct standing_key){.kind = KEY_RATIO,
                                .fact = &points,
                                .whole_fact = &most,
                                .whole_slot = 1,
                                .has_only_if = true,
                                .only_if_slot = 2};
    value = value_with(&key, none, none, true); // 100 of no fewer than 40
    assert_true(value.bounded && value.best_part == 100 && value.best_whole == 40 && !value.absent);
    value = value_with(&key, none, eighty, true);
    assert_true(value.bounded && value.best_part == 100 && value.best_whole == 80);
    assert_true(value_with(&key, none, none, false).absent); // not assessed: it never comes
    assert_true(value_with(&key, eighty, (struct value){.type = VALUE_DECIMAL}, true).absent); // a whole of 0 is known
    key.ascending = true; // the most of a whole is not declared
    assert_false(value_with(&key, eighty, none, true).bounded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_best_is_that_of_every_completion),
                                       cmocka_unit_test(nothing_is_known_where_nothing_is_declared),
                                       cmocka_unit_test(a_count_that_may_grow_is_bounded_from_below),
                                       cmocka_unit_test(bounds_of_facts_bound_their_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
