// Ranks that criteria ask for: the interval of each unit is what a brute force over all completions of the unknown
// values finds, however many facts are open. A completion gives each a value that its fact may have, or none.
#include "plan.h"

#include "thidua/round_ranks.h"

enum { UNITS = 5, KEYS = 2, LOWEST = 0, HIGHEST = 8, NONE = -1, MIDDLE = 4, ROUNDS = 400, MOST_OPEN = 4 };

// What the plan says.
struct kind {
    const char *within, *nulls;
    bool limited;
    bool condition; // the second key asks whether its fact is below MIDDLE
};
static const struct limits {
    int64_t least, most;
} declared[KEYS] = {{3, 5}, {4, 6}}; // of limited ones

static const char rules_text[] =
    "{\"name\":\"r\",\"version\":1,\"semantics\":2,\"valid_from\":\"2024-01-01\",\"award_years\":[2024],"
    "\"citations\":{\"c\":{\"document\":\"1/QD\",\"clause\":\"1\",\"quote\":\"q\",\"valid_from\":\"2024-01-01\"}},"
    "\"facts\":{\"a\":{\"type\":\"integer\",%s\"text\":{\"vi\":\"a\",\"en\":\"a\"}},"
    "\"b\":{\"type\":\"integer\",%s\"text\":{\"vi\":\"b\",\"en\":\"b\"}},"
    "\"g\":{\"type\":\"text\",\"text\":{\"vi\":\"g\",\"en\":\"g\"}},\"k\":{\"type\":\"text\",\"text\":{\"vi\":\"k\","
    "\"en\":\"k\"}}},"
    "\"standings\":{\"group_by\":\"g\",\"cluster_by\":\"k\",\"groups\":{\"x\":{\"vi\":\"x\",\"en\":\"x\"}},\"cap\":1,"
    "\"ties\":\"decide\","
    "\"keys\":[{\"id\":\"a\",\"text\":{\"vi\":\"a\",\"en\":\"a\"},\"citations\":[\"c\"],\"kind\":\"fact\",\"fact\":"
    "\"a\","
    "\"direction\":\"descending\",\"nulls\":\"last\"}]},"
    "\"criteria\":[{\"id\":\"1\",\"clause\":\"1\",\"text\":{\"vi\":\"m\",\"en\":\"m\"},\"citations\":[\"c\"],"
    "\"requires\":"
    "{\"kind\":\"rank\",\"id\":\"q\",\"text\":{\"vi\":\"v\",\"en\":\"e\"},\"citations\":[\"c\"],\"within\":\"%s\",\"at_"
    "most\":2,\"keys\":["
    "{\"id\":\"a\",\"text\":{\"vi\":\"a\",\"en\":\"a\"},\"citations\":[\"c\"],\"kind\":\"fact\",\"fact\":\"a\","
    "\"direction\":\"descending\",\"nulls\":\"%s\"},"
    "{\"id\":\"b\",\"text\":{\"vi\":\"b\",\"en\":\"b\"},\"citations\":[\"c\"],\"direction\":\"%s\",\"nulls\":\"%s\",%s}"
    "]}}]}";

static const char plain_key[] = "\"kind\":\"fact\",\"fact\":\"b\"";
static const char condition_key[] =
    "\"kind\":\"condition\",\"leaf\":{\"kind\":\"threshold\",\"id\":\"low\",\"text\":{\"vi\":\"v\",\"en\":\"e\"},"
    "\"citations\":[\"c\"],\"fact\":\"b\",\"op\":\"<\",\"value\":4}";

struct case_of_units {
    int64_t values[UNITS][KEYS]; // LOWEST … HIGHEST, or NONE
    bool known[UNITS][KEYS];
    const char *cluster[UNITS]; // NULL: none
};

// The first key from the highest down, the second one from the lowest up, or first those of whom the condition holds.
static bool is_above(const struct kind *kind, const int64_t *a, const int64_t *b)
{
    for (size_t k = 0; k < KEYS; k++) {
        if (k == 1 && kind->condition)
            return a[k] < MIDDLE && b[k] >= MIDDLE;
        if (a[k] == b[k])
            continue;
        if (a[k] == NONE || b[k] == NONE)
            return (a[k] == NONE) == (strcmp(kind->nulls, "first") == 0);
        return k == 0 ? a[k] > b[k] : a[k] < b[k];
    }
    return false;
}

static bool compared(const struct case_of_units *units, const struct kind *kind, size_t a, size_t b)
{
    const char *one = units->cluster[a], *two = units->cluster[b];
    return strcmp(kind->within, "group") == 0 || one == two || (one && two && strcmp(one, two) == 0);
}

static void widen(const struct case_of_units *units, const struct kind *kind, struct rank_interval *found)
{
    for (size_t i = 0; i < UNITS; i++) {
        int64_t rank = 1;
        for (size_t k = 0; k < UNITS; k++)
            rank += k != i && compared(units, kind, i, k) && is_above(kind, units->values[k], units->values[i]);
        found[i].best = !found[i].best || rank < found[i].best ? rank : found[i].best;
        found[i].worst = rank > found[i].worst ? rank : found[i].worst;
    }
}

// Every value that an open fact may have: below, between and above all known ones where nothing is declared. What a
// condition asks for comes.
static void complete(struct case_of_units *units, const struct kind *kind, size_t at, struct rank_interval *found)
{
    while (at < UNITS * KEYS && units->known[at / KEYS][at % KEYS])
        at++;
    if (at == UNITS * KEYS) {
        widen(units, kind, found);
        return;
    }
    const struct limits limits = kind->limited ? declared[at % KEYS] : (struct limits){LOWEST, HIGHEST};
    const bool comes = kind->condition && at % KEYS == 1;
    for (int64_t value = comes ? limits.least : limits.least - 1; value <= limits.most; value++) {
        units->values[at / KEYS][at % KEYS] = value < limits.least ? NONE : value;
        complete(units, kind, at + 1, found);
    }
}

static void draw(struct case_of_units *units, uint64_t *seed)
{
    static const char *const clusters[] = {"1", "2", NULL};
    size_t open = 0;
    for (size_t i = 0; i < UNITS; i++) {
        units->cluster[i] = clusters[random_below(seed, COUNT_OF(clusters))];
        for (size_t k = 0; k < KEYS; k++) {
            units->values[i][k] = 3 + (int64_t)random_below(seed, 3); // so that unknown ones can lie on either side
            units->known[i][k] = open == MOST_OPEN || random_below(seed, 4) > 0;
            open += !units->known[i][k];
        }
    }
}

static void add_units(struct round_ranks *ranks, const struct case_of_units *units,
                      const struct rule_set_source *source, struct arena *arena)
{
    for (size_t i = 0; i < UNITS; i++) {
        struct value *values = arena_array(arena, source->fact_count, sizeof *values);
        for (size_t k = 0; k < KEYS; k++)
            if (units->known[i][k])
                values[k] = (struct value){VALUE_INTEGER, {units->values[i][k]}};
        values[2] = (struct value){.type = VALUE_TEXT, .text = "x"};
        if (units->cluster[i])
            values[3] = (struct value){.type = VALUE_TEXT, .text = units->cluster[i]};
        round_ranks_add(ranks, &(struct unit_facts){.unit_id = arena_format(arena, "u%zu", i), .values = values});
    }
}

static const char *limits_text(struct arena *arena, const struct kind *kind, size_t key)
{
    return kind->limited
               ? arena_format(arena, "\"least\":%d,\"most\":%d,", (int)declared[key].least, (int)declared[key].most)
               : "";
}

static void try_kind(const struct kind *kind)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    uint64_t seed = 230;
    size_t open = 0;
    const char *text = arena_format(&arena, rules_text, limits_text(&arena, kind, 0), limits_text(&arena, kind, 1),
                                    kind->within, kind->nulls, kind->condition ? "descending" : "ascending",
                                    kind->nulls, kind->condition ? condition_key : plain_key);
    assert_true(rules_of_text(&arena, text, &faults, &document));
    for (int round = 0; round < ROUNDS; round++) {
        struct arena scratch = {0};
        struct case_of_units units;
        struct rank_interval found[UNITS] = {0};
        draw(&units, &seed);
        struct round_ranks *ranks = round_ranks_new(&scratch, document.rules, document.standings, NULL);
        add_units(ranks, &units, document.rules->source, &scratch);
        round_ranks_settle(ranks);
        complete(&units, kind, 0, found);
        for (size_t i = 0; i < UNITS; i++) {
            const struct rank_interval *own = round_ranks_of(ranks, i);
            assert_int_equal(own->best, found[i].best);
            assert_int_equal(own->worst, found[i].worst);
            open += own->best != own->worst;
        }
        arena_release(&scratch);
    }
    assert_true(open > 100);
    arena_release(&arena);
}

static void intervals_are_those_of_all_completions(void **state)
{
    (void)state;
    static const char *const within[] = {"group", "cluster"}, *const nulls[] = {"last", "first"};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++)
            for (int limited = 0; limited < 2; limited++)
                try_kind(&(struct kind){within[i], nulls[k], limited, false});
    for (size_t i = 0; i < 2; i++)
        try_kind(&(struct kind){within[i], "last", false, true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(intervals_are_those_of_all_completions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
