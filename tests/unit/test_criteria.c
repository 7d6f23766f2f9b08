// The engine by itself: Kleene's tables, each kind of leaf, the types of facts.
#include "requirement.h"

#include "engine/leaf/leaf.h"

// Kleene's strong logic, as DMN's ternary logic has it (TCK 0064 conjunction, 0065 disjunction, 0066 negation) and
// CEL's logical operators, for which an error or unknown on one side is absorbed by the other, whichever stands first.
static void kleene_truth_tables(void **state)
{
    (void)state;
    enum { F = TRUTH_FALSE, U = TRUTH_UNDETERMINED, T = TRUTH_TRUE };
    static const int negation[3] = {T, U, F};
    static const int conjunction[3][3] = {{F, F, F}, {F, U, U}, {F, U, T}};
    static const int disjunction[3][3] = {{F, U, T}, {U, U, T}, {T, T, T}};
    static const int implication[3][3] = {{T, T, T}, {U, U, T}, {F, U, T}}; // a guard and what it guards
    struct arena arena = {0};
    for (int a = 0; a < 3; a++) {
        enum truth one[] = {(enum truth)a};
        assert_int_equal(truth_given("{'kind':'not','of':[" FLAG("a") "]}", unit_with_flags(&arena, one, 1)),
                         negation[a]);
        for (int b = 0; b < 3; b++) {
            enum truth two[] = {(enum truth)a, (enum truth)b};
            const char *unit = unit_with_flags(&arena, two, 2);
            assert_int_equal(truth_given("{'kind':'all','of':[" FLAG("a") "," FLAG("b") "]}", unit), conjunction[a][b]);
            assert_int_equal(truth_given("{'kind':'any','of':[" FLAG("a") "," FLAG("b") "]}", unit), disjunction[a][b]);
            assert_int_equal(truth_given("{'kind':'all','applies_when':" FLAG("a") ",'of':[" FLAG("b") "]}", unit),
                             implication[a][b]);
        }
    }
    arena_release(&arena);
}

// at_least n is what every completion of the unknowns agrees on.
static void at_least_agrees_with_every_completion(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (int n = 1; n <= 3; n++)
        for (int code = 0; code < 27; code++) {
            enum truth flags[] = {(enum truth)(code % 3), (enum truth)(code / 3 % 3), (enum truth)(code / 9)};
            int sure = 0, open = 0;
            for (size_t i = 0; i < 3; i++) {
                sure += flags[i] == TRUTH_TRUE;
                open += flags[i] == TRUTH_UNDETERMINED;
            }
            enum truth expected = sure >= n ? TRUTH_TRUE : sure + open >= n ? TRUTH_UNDETERMINED : TRUTH_FALSE;
            const char *rule =
                arena_format(&arena, "{'kind':'at_least','n':%d,'of':[%s,%s,%s]}", n, FLAG("a"), FLAG("b"), FLAG("c"));
            assert_int_equal(truth_given(rule, unit_with_flags(&arena, flags, 3)), expected);
        }
    arena_release(&arena);
}

// The first child that carries the truth of its parent, down to a leaf. Of a guard and a body the body comes first.
static uint16_t carrier(const struct rule_set *rules, const struct node_result *results, uint16_t index)
{
    while (!rules->nodes[index].leaf) {
        enum truth truth = results[index].truth;
        uint16_t child = (uint16_t)(index + 1), body = rules->nodes[child].end;
        bool negates = rules->nodes[index].kind == KIND_NOT;
        if (rules->nodes[index].kind == KIND_GUARDED)
            child = results[body].truth == truth ? body : child;
        else
            while (!negates && results[child].truth != truth)
                child = rules->nodes[child].end;
        index = child;
    }
    return index;
}

static void the_first_that_decides_is_told(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "{'kind':'all','of':[" FLAG("a") "," FLAG("b") "," FLAG("c") "]}",
        "{'kind':'any','of':[" FLAG("a") "," FLAG("b") "," FLAG("c") "]}",
        "{'kind':'at_least','n':2,'of':[" FLAG("a") "," FLAG("b") "," FLAG("c") "]}",
        "{'kind':'all','applies_when':" FLAG("a") ",'of':[" FLAG("b") "," FLAG("c") "]}",
        "{'kind':'not','of':[{'kind':'any','of':[" FLAG("a") ",{'kind':'not','of':[" FLAG("b") "]}," FLAG("c") "]}]}",
        "{'kind':'any','of':[{'kind':'all','of':[" FLAG("a") "," FLAG("b") "]}," FLAG("c") "]}",
    };
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        for (int code = 0; code < 27; code++) {
            enum truth flags[] = {(enum truth)(code % 3), (enum truth)(code / 3 % 3), (enum truth)(code / 9)};
            struct bench bench;
            assert_true(build(&bench, rules[i]));
            struct verdict verdict = judge_text(&bench, unit_with_flags(&bench.arena, flags, 3), PARAMETERS);
            uint16_t root = bench.document.rules->criteria[0].requires;
            assert_int_equal(verdict.criteria[0].principal, carrier(bench.document.rules, verdict.nodes, root));
            arena_release(&bench.arena);
        }
}

// Leaves that wait for the same days are asked once, so those that differ in one thing must not be taken for the same.
static void leaves_wait_for_their_own_days(void **state)
{
    (void)state;
    static const struct {
        const char *lasts, *over; // on 10 January 2025; the conference is on 20 March
    } pairs[] = {
        {"{'not_after':'2025-01-10'}", "{'before':'2025-01-10'}"},
        {"{'before':'2025-01-11'}", "{'before':'2025-01-10'}"},
        {"{'before':{'param':'conference'}}", "{'before':'2025-01-10'}"},
        {"{'before':{'param':'conference'}}", "{'before':{'param':'as_of'}}"},
        {"{'before':{'param':'conference'}}", "{'before':{'param':'conference'},'calendar_days':-69}"},
        {"{'before':'2025-01-03','working_days':6}", "{'before':'2025-01-03','working_days':5}"},
        {"{'before':{'param':'day'}}", "{'before':{'fact':'day'}}"},
        {"{'before':'2025-01-10'},{'before':'2025-01-11'}", "{'before':'2025-01-10'}"},
        {"{'before':{'param':'day'}}", "{'before':{'param':'day','or':'as_of'}}"},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < 2 * COUNT_OF(pairs); i++) {
        const char *lasts = pairs[i / 2].lasts, *over = pairs[i / 2].over;
        const char *leaves = arena_format(&arena,
                                          "{'kind':'flag','id':'t','fact':'a','value':true,'until':[%s]," WORDS "},"
                                          "{'kind':'flag','id':'s','fact':'a','value':true,'until':[%s]," WORDS "}",
                                          i % 2 ? lasts : over, i % 2 ? over : lasts);
        const char *unit = "{'unit_id':'u','facts':{'a':{'value':false},'day':{'value':'2025-01-01'}}}";
        assert_int_equal(truth_given(arena_format(&arena, "{'kind':'all','of':[%s]}", leaves), unit), TRUTH_FALSE);
        assert_int_equal(truth_given(arena_format(&arena, "{'kind':'any','of':[%s]}", leaves), unit),
                         TRUTH_UNDETERMINED);
    }
    arena_release(&arena);
}

struct leaf_case {
    const char *rule;
    const char *unit;
    enum truth expected;
};

#define REGISTER(complete, through, entries)                                                                           \
    "{'unit_id':'u','registers':{'awards':{'complete':" complete ",'complete_through':" through ",'entries':[" entries \
    "]}}}"
#define COUNT(op, n)   "{'kind':'count','id':'n','register':'awards','op':'" op "','n':" n "," WORDS "}"
#define ONE            "{'id':'1','year':2023,'on':'2023-05-01','kind':'K'}"
#define TWO            ONE ",{'id':'2','year':2022,'on':'2022-05-01','kind':'K'}"
#define YEARS(kind, n) "{'kind':'" kind "','id':'y','register':'awards','year_field':'year','years':" n "," WORDS "}"

// The catalogue, kind by kind, with what makes each undetermined.
static void each_kind_of_leaf(void **state)
{
    (void)state;
    static const struct leaf_case cases[] = {
        // an incomplete register is a lower bound: >= may be true but never false, <= false but never true
        {COUNT(">=", "1"), REGISTER("false", "null", ONE), TRUTH_TRUE},
        {COUNT(">=", "2"), REGISTER("false", "null", ONE), TRUTH_UNDETERMINED},
        {COUNT(">=", "2"), REGISTER("true", "null", ONE), TRUTH_FALSE},
        {COUNT("<=", "0"), REGISTER("false", "null", ONE), TRUTH_FALSE},
        {COUNT("<=", "1"), REGISTER("false", "null", ONE), TRUTH_UNDETERMINED},
        {COUNT("<=", "1"), REGISTER("true", "null", ONE), TRUTH_TRUE},
        {COUNT("=", "1"), REGISTER("true", "null", ONE), TRUTH_TRUE},
        {COUNT("=", "1"), REGISTER("false", "null", ONE), TRUTH_UNDETERMINED},
        {COUNT("=", "1"), REGISTER("false", "null", TWO), TRUTH_FALSE},
        {COUNT("!=", "1"), REGISTER("false", "null", TWO), TRUTH_TRUE},
        {COUNT(">", "1"), REGISTER("true", "null", TWO), TRUTH_TRUE},
        {COUNT("<", "2"), REGISTER("true", "null", TWO), TRUTH_FALSE},
        {COUNT(">=", "1"), "{'unit_id':'u'}", TRUTH_UNDETERMINED},
        // award history
        {YEARS("streak", "2"), REGISTER("true", "'2023-12-31'", TWO), TRUTH_TRUE},
        {YEARS("streak", "2"), REGISTER("false", "null", TWO), TRUTH_TRUE},
        {YEARS("streak", "2"), REGISTER("true", "'2023-12-31'", ONE), TRUTH_FALSE},
        {YEARS("streak", "2"), REGISTER("true", "'2023-12-30'", ONE), TRUTH_UNDETERMINED},
        {YEARS("cooldown", "1"), REGISTER("true", "'2023-12-31'", ""), TRUTH_TRUE},
        {YEARS("cooldown", "1"), REGISTER("true", "'2023-12-31'", ONE), TRUTH_FALSE},
        {YEARS("cooldown", "1"), REGISTER("false", "null", ONE), TRUTH_FALSE},
        {YEARS("cooldown", "1"), REGISTER("false", "null", ""), TRUTH_UNDETERMINED},
        {YEARS("cooldown", "1"), REGISTER("true", "'2023-12-31'", "{'id':'1','year':null}"), TRUTH_UNDETERMINED},
        {YEARS("cooldown", "1"), REGISTER("true", "'2023-12-31'", "{'id':'1','year':2021}"), TRUTH_TRUE},
        // threshold
        {"{'kind':'threshold','id':'t','fact':'points','op':'>=','value':'90.00'," WORDS "}",
         "{'unit_id':'u','facts':{'points':{'value':'90.00'}}}", TRUTH_TRUE},
        {"{'kind':'threshold','id':'t','fact':'points','op':'>','value':'90.00'," WORDS "}",
         "{'unit_id':'u','facts':{'points':{'value':'90.00'}}}", TRUTH_FALSE},
        {"{'kind':'threshold','id':'t','fact':'points','op':'>','value':'90.00'," WORDS "}", "{'unit_id':'u'}",
         TRUTH_UNDETERMINED},
        // on_missing: false needs, and has, a citation of its own
        {"{'kind':'flag','id':'t','fact':'a','value':true,'on_missing':'false','missing_citation':'c'," WORDS "}",
         "{'unit_id':'u'}", TRUTH_FALSE},
        // until: judged on 10 January 2025; the conference is on 20 March
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'not_after':'2025-01-10'}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_UNDETERMINED},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-10'}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_FALSE},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-11'}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_UNDETERMINED},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':{'param':'conference'}}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_UNDETERMINED},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-03','working_days':5}]," WORDS
         "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_FALSE},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-03','working_days':6}]," WORDS
         "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_UNDETERMINED},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':{'param':'conference'},'calendar_days':-"
         "69}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_FALSE},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'not_after':{'fact':'day'}}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_UNDETERMINED},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2024-12-31'},{'not_after':'2025-01-10'}]"
         "," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_UNDETERMINED},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2024-12-31'},{'before':'2025-01-01'}]"
         "," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':false}}}", TRUTH_FALSE},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-10'}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':true}}}", TRUTH_TRUE},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'not_after':'2025-01-10'}]," WORDS "}",
         "{'unit_id':'u','facts':{'a':{'value':true}}}", TRUTH_TRUE},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-10'}]," WORDS "}",
         "{'unit_id':'u'}", TRUTH_UNDETERMINED},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-10'}],'on_missing':'false','"
         "missing_citation':'c'," WORDS "}",
         "{'unit_id':'u'}", TRUTH_FALSE},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'not_after':'2025-01-10'}],'on_missing':'false','"
         "missing_citation':'c'," WORDS "}",
         "{'unit_id':'u'}", TRUTH_UNDETERMINED},
        // deadlines
        {"{'kind':'deadline','id':'t','fact':'at','limit':{'param':'conference'},'bound':'not_after','calendar_days':-"
         "10," WORDS "}",
         "{'unit_id':'u','facts':{'at':{'value':'2025-03-10T23:59:59+07:00'}}}", TRUTH_TRUE},
        {"{'kind':'deadline','id':'t','fact':'at','limit':{'param':'conference'},'bound':'not_after','calendar_days':-"
         "10," WORDS "}",
         "{'unit_id':'u','facts':{'at':{'value':'2025-03-11T00:00:00+07:00'}}}", TRUTH_FALSE},
        {"{'kind':'deadline','id':'t','fact':'at','limit':{'fact':'day'},'bound':'before'," WORDS "}",
         "{'unit_id':'u','facts':{'at':{'value':'2025-03-11T00:00:00+07:00'}}}", TRUTH_UNDETERMINED},
        {"{'kind':'deadline','id':'t','fact':'day','limit':'2025-01-31','bound':'not_after','working_days':1," WORDS
         "}",
         "{'unit_id':'u','facts':{'day':{'value':'2025-02-03'}}}", TRUTH_TRUE},
        // ratio with a whole of zero, by its named case
        {"{'kind':'ratio','id':'t','part':'points','whole':'whole','op':'>=','p':90,'q':100,'whole_zero':'false'," WORDS
         "}",
         "{'unit_id':'u','facts':{'points':{'value':'0'},'whole':{'value':'0'}}}", TRUTH_FALSE},
        {"{'kind':'ratio','id':'t','part':'points','whole':'whole','op':'>=','p':90,'q':100,'whole_zero':'false'," WORDS
         "}",
         "{'unit_id':'u','facts':{'points':{'value':'1'},'whole':{'value':'-1'}}}", TRUTH_UNDETERMINED},
        {"{'kind':'finding','id':'t','content':'A','accepts':['YES']," WORDS "}",
         "{'unit_id':'u','findings':{'A':{'result':'NO'}}}", TRUTH_FALSE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (truth_given(cases[i].rule, cases[i].unit) != cases[i].expected)
            fail_msg("case %zu: %s on %s is not %s", i, cases[i].rule, cases[i].unit, truth_name(cases[i].expected));
}

// The rule set that the fuzzers use has a leaf of each kind, and cases that show it true, false and undetermined: the
// publishing gate asks for that.
static void every_kind_is_shown_with_each_truth(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    json_t *json = json_load_file(EVERY_KIND, JSON_REJECT_DUPLICATES, NULL);
    bool good = rule_set_from_json(&arena, json, &faults, &document) &&
                criteria_gate(document.rules, document.cases, document.case_count, &faults);
    print_faults(&faults);
    assert_true(good);
    for (const struct leaf_kind *const *kind = leaf_kinds; *kind; kind++) {
        bool found = false;
        for (size_t i = 0; i < document.rules->node_count; i++)
            found |= document.rules->nodes[i].leaf && document.rules->nodes[i].leaf->kind == *kind;
        if (!found)
            fail_msg("no leaf of kind %s", (*kind)->name);
    }
    json_decref(json);
    arena_release(&arena);
}

// A fact whose JSON has another type than declared is refused, never read as something else.
static void facts_keep_their_types(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"unit_id\":\"u\",\"facts\":{\"a\":{\"value\":\"true\"}}}",
        "{\"unit_id\":\"u\",\"facts\":{\"points\":{\"value\":90.0}}}",
        "{\"unit_id\":\"u\",\"facts\":{\"points\":{\"value\":\"90.001\"}}}",
        "{\"unit_id\":\"u\",\"facts\":{\"at\":{\"value\":\"2024-12-30\"}}}",
        "{\"unit_id\":\"u\",\"registers\":{\"awards\":{\"entries\":[{\"year\":\"2023\"}]}}}",
        "{\"unit_id\":\"u\",\"registers\":{\"awards\":{\"complete\":\"yes\"}}}",
        "{\"facts\":{}}",
        "[]",
    };
    struct bench bench;
    assert_true(build(&bench, FLAG("a")));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct unit_facts facts;
        struct rule_faults faults = {.arena = &bench.arena};
        json_t *json = json_loads(bad[i], 0, NULL);
        if (facts_from_json(&bench.arena, bench.document.rules->source, json, "", &faults, &facts))
            fail_msg("%s", bad[i]);
        json_decref(json);
    }
    arena_release(&bench.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kleene_truth_tables),
        cmocka_unit_test(at_least_agrees_with_every_completion),
        cmocka_unit_test(each_kind_of_leaf),
        cmocka_unit_test(every_kind_is_shown_with_each_truth),
        cmocka_unit_test(facts_keep_their_types),
        cmocka_unit_test(the_first_that_decides_is_told),
        cmocka_unit_test(leaves_wait_for_their_own_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
