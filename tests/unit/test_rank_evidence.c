// A verdict names all that a unit is ranked by: whatever would give one of the keys another value, or open it, is
// evidence of the criterion that asks for the rank (III.1.a: ranks follow from what is declared alone).
#include "plan.h"

#include "thidua/round_ranks.h"

#define WORDS "\"text\":{\"vi\":\"v\",\"en\":\"e\"},\"citations\":[\"c\"]"

// %s: the key.
static const char rules_text[] =
    "{\"name\":\"r\",\"version\":1,\"semantics\":2,\"valid_from\":\"2024-01-01\",\"award_years\":[2024],"
    "\"citations\":{\"c\":{\"document\":\"1/QD\",\"clause\":\"1\",\"quote\":\"q\",\"valid_from\":\"2024-01-01\"}},"
    "\"facts\":{\"points\":{\"type\":\"integer\",\"text\":{\"vi\":\"v\",\"en\":\"e\"}},"
    "\"whole\":{\"type\":\"integer\",\"text\":{\"vi\":\"v\",\"en\":\"e\"}},"
    "\"assessed\":{\"type\":\"boolean\",\"text\":{\"vi\":\"v\",\"en\":\"e\"}},"
    "\"group\":{\"type\":\"text\",\"text\":{\"vi\":\"v\",\"en\":\"e\"}}},"
    "\"contents\":{\"A\":{\"vi\":\"a\",\"en\":\"a\"},\"B\":{\"vi\":\"b\",\"en\":\"b\"}},"
    "\"registers\":{\"r\":{\"text\":{\"vi\":\"v\",\"en\":\"e\"},\"fields\":{\"good\":\"boolean\"}}},"
    "\"standings\":{\"group_by\":\"group\",\"groups\":{\"x\":{\"vi\":\"x\",\"en\":\"x\"}},\"cap\":1,\"ties\":"
    "\"decide\",\"keys\":[{\"id\":\"own\"," WORDS ",\"kind\":\"fact\",\"fact\":\"points\",\"only_if\":\"assessed\","
    "\"direction\":\"descending\",\"nulls\":\"last\"}]},"
    "\"criteria\":[{\"id\":\"1\",\"clause\":\"1\"," WORDS ",\"requires\":{\"kind\":\"rank\",\"id\":\"q\"," WORDS
    ",\"within\":\"group\",\"at_most\":2,"
    "\"keys\":[{\"id\":\"k\"," WORDS ",\"direction\":\"descending\",\"nulls\":\"last\",%s}]}}]}";

static const char *const keys[] = {
    "\"kind\":\"fact\",\"fact\":\"points\"",
    "\"kind\":\"fact\",\"fact\":{\"fact\":\"points\",\"year\":-1}",
    "\"kind\":\"fact\",\"fact\":\"points\",\"only_if\":\"assessed\"",
    "\"kind\":\"ratio\",\"part\":\"points\",\"whole\":\"whole\"",
    "\"kind\":\"ratio\",\"part\":\"points\",\"whole\":\"whole\",\"only_if\":\"assessed\"",
    "\"kind\":\"finding_count\",\"contents\":[\"A\",\"B\"],\"result\":\"YES\"",
    "\"kind\":\"finding_score\",\"contents\":[\"B\"]",
    "\"kind\":\"condition\",\"leaf\":{\"kind\":\"flag\",\"id\":\"f\"," WORDS ",\"fact\":\"assessed\",\"value\":true}",
    "\"kind\":\"condition\",\"leaf\":{\"kind\":\"ratio\",\"id\":\"f\"," WORDS
    ",\"part\":\"points\",\"whole\":\"whole\",\"op\":\">=\",\"p\":1,\"q\":2,\"whole_zero\":\"false\"}",
    "\"kind\":\"condition\",\"leaf\":{\"kind\":\"count\",\"id\":\"f\"," WORDS
    ",\"register\":\"r\",\"where\":[{\"field\":\"good\",\"op\":\"=\",\"value\":true}],\"op\":\"<=\",\"n\":1}",
    "\"kind\":\"condition\",\"leaf\":{\"kind\":\"finding\",\"id\":\"f\"," WORDS
    ",\"content\":\"A\",\"accepts\":[\"YES\"],\"found_by\":[\"x\"]}",
    "\"kind\":\"sum\",\"terms\":[{\"weight\":2,\"fact\":\"points\"},{\"weight\":1,\"score\":\"B\"}]",
    "\"kind\":\"sum\",\"terms\":[{\"weight\":1,\"fact\":\"whole\"},{\"weight\":4,\"count\":{\"register\":\"r\","
    "\"where\":[{\"field\":\"good\",\"op\":\"=\",\"value\":true}]}}]",
};

// All that a unit has, each of which may be missing.
enum piece { POINTS, WHOLE, ASSESSED, EARLIER_POINTS, FINDING_A, FINDING_B, REGISTER, PIECES };

struct unit {
    struct value facts[5];
    struct finding findings[2];
    struct value scores[2];
    struct value good;
    struct register_facts records;
    struct unit_facts all;
};

static void fill(struct unit *unit, unsigned there)
{
    const struct value number = {VALUE_INTEGER, {7}}, yes = {VALUE_BOOLEAN, {1}}, nothing = {.type = VALUE_UNKNOWN};
    const struct finding found = {.result = "YES", .found_by = "x"}, none = {0};
    const struct value score = {VALUE_DECIMAL, {950}};
    *unit = (struct unit){.good = yes};
    unit->facts[0] = there >> POINTS & 1U ? number : nothing;
    unit->facts[1] = there >> WHOLE & 1U ? number : nothing;
    unit->facts[2] = there >> ASSESSED & 1U ? yes : (struct value){VALUE_BOOLEAN, {0}};
    unit->facts[3] = (struct value){.type = VALUE_TEXT, .text = "x"};
    unit->facts[4] = there >> EARLIER_POINTS & 1U ? number : nothing;
    unit->findings[0] = there >> FINDING_A & 1U ? found : none;
    unit->findings[1] = there >> FINDING_B & 1U ? found : none;
    unit->scores[0] = there >> FINDING_A & 1U ? score : nothing;
    unit->scores[1] = there >> FINDING_B & 1U ? score : nothing;
    unit->records = (struct register_facts){
        .known = true, .complete = there >> REGISTER & 1U, .entry_count = 1, .fields = &unit->good};
    unit->all = (struct unit_facts){.unit_id = "u",
                                    .values = unit->facts,
                                    .findings = unit->findings,
                                    .scores = unit->scores,
                                    .registers = &unit->records};
}

static bool same_value(struct key_value a, struct key_value b)
{
    return a.known == b.known && a.absent == b.absent && (!a.known || (a.part == b.part && a.whole == b.whole));
}

static bool names(const struct evidence_list *evidence, enum piece piece)
{
    static const struct evidence pieces[PIECES] = {
        [POINTS] = {.kind = EVIDENCE_FACT, .slot = 0},       [WHOLE] = {.kind = EVIDENCE_FACT, .slot = 1},
        [ASSESSED] = {.kind = EVIDENCE_FACT, .slot = 2},     [EARLIER_POINTS] = {.kind = EVIDENCE_FACT, .slot = 4},
        [FINDING_A] = {.kind = EVIDENCE_FINDING, .slot = 0}, [FINDING_B] = {.kind = EVIDENCE_FINDING, .slot = 1},
        [REGISTER] = {.kind = EVIDENCE_REGISTER, .slot = 0},
    };
    for (size_t i = 0; i < evidence->count; i++)
        if (evidence->items[i].kind == pieces[piece].kind && evidence->items[i].slot == pieces[piece].slot)
            return true;
    return false;
}

static size_t try_key(const char *key)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    size_t told = 0;
    if (!rules_of_text(&arena, arena_format(&arena, rules_text, key), &faults, &document))
        print_faults(&faults);
    assert_non_null(document.rules);
    for (unsigned there = 0; there < 1U << PIECES; there++)
        for (enum piece piece = 0; piece < PIECES; piece++) {
            struct unit unit, other;
            fill(&unit, there);
            fill(&other, there ^ 1U << piece);
            const struct standing_key *asked = &((const struct rank_leaf *)document.rules->ranks[0])->keys.items[0];
            bool same =
                same_value(standing_key_value(asked, NULL, &unit.all), standing_key_value(asked, NULL, &other.all));
            struct evidence_list evidence = criteria_evidence(&arena, document.rules, NULL, &unit.all, 0);
            assert_true(same || names(&evidence, piece));
            told += !same;
        }
    arena_release(&arena);
    return told;
}

// It may come as false, and then no value of the key ever will.
static void what_a_key_depends_on_is_open_too(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    assert_true(rules_of_text(&arena, arena_format(&arena, rules_text, keys[0]), &faults, &document));
    const struct value facts[5] = {[3] = {.type = VALUE_TEXT, .text = "x"}};
    const struct unit_facts all = {.unit_id = "u", .values = facts};
    const struct criterion_result criteria[1] = {{.outcome = OUTCOME_PASS}};
    const struct node_result nodes[1] = {{.truth = TRUTH_TRUE}};
    const struct judged judged = {document.rules, NULL, &all, criteria, nodes};
    const struct key_value value = {.whole = 1};
    struct contestant unit = {.unit_id = "u", .overall = OVERALL_ELIGIBLE, .keys = &value};
    contestant_name_open(&arena, &arena, document.standings, &judged, NULL, &unit);
    assert_int_equal(unit.open_fact_count, 2);
    assert_string_equal(unit.open_facts[0], "points");
    assert_string_equal(unit.open_facts[1], "assessed");
    arena_release(&arena);
}

static void whatever_changes_a_key_is_evidence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (try_key(keys[i]) == 0)
            fail_msg("nothing changes %s", keys[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whatever_changes_a_key_is_evidence),
                                       cmocka_unit_test(what_a_key_depends_on_is_open_too)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
