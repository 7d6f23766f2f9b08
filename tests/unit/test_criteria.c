// The engine by itself: Kleene's tables, each kind of leaf, the faults of a rule set, properties.
#include "plan.h"

#include "engine/leaf/leaf.h"

// Builds a rule set around one requirement over the flags a … d, one decimal, one register and one content.
static json_t *rules_around(const char *requires)
{
    static const char *const text =
        "{'name':'t','version':1,'valid_from':'2024-01-01','award_years':[2024],"
        "'citations':{'c':{'document':'1/QD','clause':'1','quote':'q','valid_from':'2024-01-01'}},"
        "'facts':{'a':{'type':'boolean','text':{'vi':'a','en':'a'}},'b':{'type':'boolean','text':{'vi':'b','en':'b'}},"
        "'c':{'type':'boolean','text':{'vi':'c','en':'c'}},'d':{'type':'boolean','text':{'vi':'d','en':'d'}},"
        "'points':{'type':'decimal','decimals':2,'text':{'vi':'p','en':'p'}},"
        "'whole':{'type':'decimal','decimals':2,'text':{'vi':'w','en':'w'}},"
        "'at':{'type':'instant','text':{'vi':'t','en':'t'}},'day':{'type':'date','text':{'vi':'n','en':'n'}},"
        "'name':{'type':'text','text':{'vi':'n','en':'n'}}},"
        "'registers':{'awards':{'text':{'vi':'r','en':'r'},'fields':{'year':'integer','on':'date','kind':'text'}}},"
        "'contents':{'A':{'vi':'A','en':'A'}},'documents':{'X':{'vi':'X','en':'X'}},'parameters':{'conference':'date'},"
        "'criteria':[{'id':'1','clause':'1','text':{'vi':'m','en':'o'},'citations':['c'],'requires':%s}]}";
    struct arena arena = {0};
    char *copy = arena_format(&arena, text, requires);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_error_t error;
    json_t *json = json_loads(copy, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%d:%d %s in %s", error.line, error.column, error.text, requires);
    arena_release(&arena);
    return json;
}

#define WORDS      "'text':{'vi':'v','en':'e'},'citations':['c']"
#define FLAG(name) "{'kind':'flag','id':'" name "','fact':'" name "','value':true," WORDS "}"

struct bench {
    struct arena arena;
    struct rule_faults faults;
    struct rule_set_document document;
};

static bool build(struct bench *bench, const char *requires)
{
    *bench = (struct bench){0};
    bench->faults.arena = &bench->arena;
    json_t *json = rules_around(requires);
    bool good = rule_set_from_json(&bench->arena, json, &bench->faults, &bench->document);
    json_decref(json);
    return good;
}

// The verdict on facts given as JSON with single quotes.
static struct verdict judge_text(struct bench *bench, const char *unit, const char *parameters)
{
    struct evaluation_parameters read_parameters;
    struct unit_facts facts;
    struct verdict verdict = {0};
    const char *texts[] = {unit, parameters};
    json_t *values[2];
    for (size_t i = 0; i < 2; i++) {
        char *copy = arena_text(&bench->arena, texts[i]);
        for (char *c = copy; *c; c++)
            if (*c == '\'')
                *c = '"';
        values[i] = json_loads(copy, 0, NULL);
        assert_non_null(values[i]);
    }
    const struct rule_set_source *source = bench->document.rules->source;
    bool good = facts_from_json(&bench->arena, source, values[0], "", &bench->faults, &facts) &&
                parameters_from_json(&bench->arena, source, values[1], "", &bench->faults, &read_parameters);
    if (!good)
        print_faults(&bench->faults);
    assert_true(good);
    assert_int_equal(criteria_evaluate(&bench->arena, bench->document.rules, &read_parameters, &facts, &verdict),
                     EVALUATION_OK);
    json_decref(values[0]);
    json_decref(values[1]);
    return verdict;
}

#define PARAMETERS "{'as_of':'2025-01-10T00:00:00+07:00','award_year':2024,'limits':{'conference':'2025-03-20'}}"

static enum truth truth_given(const char *requires, const char *unit)
{
    struct bench bench;
    if (!build(&bench, requires)) {
        print_faults(&bench.faults);
        fail_msg("%s", requires);
    }
    struct verdict verdict = judge_text(&bench, unit, PARAMETERS);
    enum truth truth = verdict.nodes[0].truth;
    arena_release(&bench.arena);
    return truth;
}

static const char *unit_with_flags(struct arena *arena, const enum truth *flags, size_t count)
{
    static const char *const values[] = {"false", "null", "true"};
    const char *list = "";
    for (size_t i = 0; i < count; i++)
        list = arena_format(arena, "%s%s'%c':{'value':%s}", list, i ? "," : "", 'a' + (int)i, values[flags[i]]);
    return arena_format(arena, "{'unit_id':'u','facts':{%s}}", list);
}

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

static void every_fault_is_named_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        enum rule_fault_kind kind;
        const char *pointer;
    } cases[] = {
        {"{'kind':'regex'}", FAULT_UNKNOWN_KIND, "/criteria/0/requires"},
        {"{'kind':'all','of':[]}", FAULT_EMPTY, "/criteria/0/requires"},
        {"{'kind':'all','of':[" FLAG("x") "]}", FAULT_UNKNOWN_FACT, "/criteria/0/requires/of/0"},
        {"{'kind':'all','of':[" FLAG("a") "," FLAG("a") "]}", FAULT_ID_TWICE, "/criteria/0/requires/of/1"},
        {"{'kind':'flag','id':'t','fact':'points','value':true," WORDS "}", FAULT_TYPE_MISMATCH,
         "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':'yes'," WORDS "}", FAULT_BAD_VALUE, "/criteria/0/requires"},
        {"{'kind':'threshold','id':'t','fact':'points','op':'>=','value':'90 %'," WORDS "}", FAULT_PERCENT_OF_NOTHING,
         "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':1.5," WORDS "}", FAULT_WRONG_TYPE, "/criteria/0/requires/value"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'text':{'vi':'v','en':'e'},'citations':[]}",
         FAULT_NO_CITATION, "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'text':{'vi':'v','en':''},'citations':['c']}", FAULT_NO_TEXT,
         "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'on_missing':'false'," WORDS "}", FAULT_NO_CITATION,
         "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[]," WORDS "}", FAULT_EMPTY,
         "/criteria/0/requires/until"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-10','not_after':'2025-01-10'}]"
         "," WORDS "}",
         FAULT_TOO_MANY, "/criteria/0/requires/until/0"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{}]," WORDS "}", FAULT_MISSING_MEMBER,
         "/criteria/0/requires/until/0/before"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'31/12'}]," WORDS "}", FAULT_BAD_VALUE,
         "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':{'param':'award_year'}}]," WORDS "}",
         FAULT_TYPE_MISMATCH, "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'after':'2025-01-10'}]," WORDS "}",
         FAULT_UNKNOWN_MEMBER, "/criteria/0/requires/until/0/after"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':[{'before':'2025-01-10','calendar_days':1,'working_"
         "days':1}]," WORDS "}",
         FAULT_BAD_NUMBER, "/criteria/0/requires"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'until':'2025-01-10'," WORDS "}", FAULT_WRONG_TYPE,
         "/criteria/0/requires/until"},
        {"{'kind':'flag','id':'t','fact':'a','value':true,'sql':'x'," WORDS "}", FAULT_UNKNOWN_MEMBER,
         "/criteria/0/requires/sql"},
        {"{'kind':'threshold','id':'t','fact':'points','op':'>=','value':'90,00'," WORDS "}", FAULT_BAD_VALUE,
         "/criteria/0/requires"},
        {"{'kind':'threshold','id':'t','fact':'points','op':'~','value':'90'," WORDS "}", FAULT_BAD_VALUE,
         "/criteria/0/requires/op"},
        {"{'kind':'at_least','n':3,'of':[" FLAG("a") "]}", FAULT_BAD_NUMBER, "/criteria/0/requires"},
        {"{'kind':'not','of':[" FLAG("a") "," FLAG("b") "]}", FAULT_TOO_MANY, "/criteria/0/requires"},
        {"{'kind':'absence','id':'t','register':'nowhere'," WORDS "}", FAULT_UNKNOWN_REGISTER, "/criteria/0/requires"},
        {"{'kind':'absence','id':'t','register':'awards','where':[{'field':'colour','op':'=','value':'K'}]," WORDS "}",
         FAULT_UNKNOWN_FIELD, "/criteria/0/requires"},
        {"{'kind':'absence','id':'t','register':'awards','where':[{'field':'kind','op':'<','value':'K'}]," WORDS "}",
         FAULT_TYPE_MISMATCH, "/criteria/0/requires"},
        {"{'kind':'absence','id':'t','register':'awards','window':{'field':'on','from':{'param':'nope'},'to':{'param':'"
         "as_of'}}," WORDS "}",
         FAULT_UNKNOWN_PARAMETER, "/criteria/0/requires"},
        {"{'kind':'finding','id':'t','content':'Z','accepts':['YES']," WORDS "}", FAULT_UNKNOWN_CONTENT,
         "/criteria/0/requires"},
        {"{'kind':'completeness','id':'t','required':{'Q':'PRESENT'}," WORDS "}", FAULT_UNKNOWN_DOCUMENT,
         "/criteria/0/requires"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct bench bench;
        bool good = build(&bench, cases[i].rule);
        if (good || bench.faults.items[0].kind != cases[i].kind ||
            strcmp(bench.faults.items[0].pointer, cases[i].pointer) != 0) {
            print_faults(&bench.faults);
            fail_msg("case %zu: %s", i, cases[i].rule);
        }
        assert_true(bench.faults.items[0].detail.vi[0] && bench.faults.items[0].detail.en[0]);
        arena_release(&bench.arena);
    }
}

static void all_faults_come_at_once(void **state)
{
    (void)state;
    struct bench bench;
    assert_false(build(&bench, "{'kind':'all','of':[" FLAG("x") "," FLAG("y") ",{'kind':'any','of':[]}]}"));
    assert_int_equal(bench.faults.count, 3);
    arena_release(&bench.arena);
}

static void bounds_hold(void **state)
{
    (void)state;
    struct bench bench;
    struct arena arena = {0};
    const char *deep = FLAG("a");
    for (int i = 1; i < RULES_MOST_DEPTH; i++)
        deep = arena_format(&arena, "{'kind':'not','of':[%s]}", deep);
    assert_true(build(&bench, deep));
    arena_release(&bench.arena);
    assert_false(build(&bench, arena_format(&arena, "{'kind':'not','of':[%s]}", deep)));
    assert_int_equal(bench.faults.items[0].kind, FAULT_TOO_DEEP);
    arena_release(&bench.arena);
    const char *wide = "";
    for (int i = 0; i < RULES_MOST_NODES; i++)
        wide = arena_format(&arena, "%s%s{'kind':'flag','id':'f%d','fact':'a','value':true," WORDS "}", wide,
                            i ? "," : "", i);
    assert_false(build(&bench, arena_format(&arena, "{'kind':'all','of':[%s]}", wide)));
    assert_int_equal(bench.faults.items[0].kind, FAULT_TOO_MANY_NODES);
    arena_release(&bench.arena);
    arena_release(&arena);
}

// A random tree over the flags a … d; each flag is used once, so leaf ids stay apart.
static const char *random_tree(struct arena *arena, uint64_t *random, const char *const *flags, size_t count,
                               bool turned)
{
    static const char *const kinds[] = {"all", "any"};
    if (count == 1)
        return random_below(random, 4) ? flags[0] : arena_format(arena, "{'kind':'not','of':[%s]}", flags[0]);
    size_t left = 1 + random_below(random, count - 1);
    const char *kind = kinds[random_below(random, 2)];
    const char *a = random_tree(arena, random, flags, left, turned);
    const char *b = random_tree(arena, random, flags + left, count - left, turned);
    return arena_format(arena, "{'kind':'%s','of':[%s,%s]}", kind, turned ? b : a, turned ? a : b);
}

static const char *const four_flags[] = {FLAG("a"), FLAG("b"), FLAG("c"), FLAG("d")};

// The order of operands changes nothing; filling in an unknown never takes back what was decided; the changes told
// make it true; and what is decided holds for every completion of the unknowns.
static void properties_of_random_trees(void **state)
{
    (void)state;
    uint64_t random = 230;
    for (int round = 0; round < 300; round++) {
        struct arena arena = {0};
        enum truth flags[4];
        for (size_t i = 0; i < 4; i++)
            flags[i] = (enum truth)random_below(&random, 3);
        uint64_t twin = random;
        const char *tree = random_tree(&arena, &random, four_flags, 4, false);
        const char *turned = random_tree(&arena, &twin, four_flags, 4, true);
        enum truth truth = truth_given(tree, unit_with_flags(&arena, flags, 4));
        assert_int_equal(truth_given(turned, unit_with_flags(&arena, flags, 4)), truth);
        for (int code = 0; code < 16; code++) {
            enum truth filled[4];
            for (size_t i = 0; i < 4; i++)
                filled[i] = flags[i] != TRUTH_UNDETERMINED ? flags[i] : (enum truth)(2 * (code >> i & 1));
            enum truth completed = truth_given(tree, unit_with_flags(&arena, filled, 4));
            assert_int_not_equal(completed, TRUTH_UNDETERMINED);
            if (truth != TRUTH_UNDETERMINED)
                assert_int_equal(completed, truth);
        }
        arena_release(&arena);
    }
}

// The changes are enough, and no smaller set of leaves is: tried out against all of them.
static void the_changes_are_enough_and_fewest(void **state)
{
    (void)state;
    uint64_t random = 98;
    for (int round = 0; round < 200; round++) {
        struct bench bench;
        enum truth flags[4];
        for (size_t i = 0; i < 4; i++)
            flags[i] = (enum truth)random_below(&random, 3);
        struct arena arena = {0};
        const char *tree = random_tree(&arena, &random, four_flags, 4, false);
        assert_true(build(&bench, tree));
        struct verdict verdict = judge_text(&bench, unit_with_flags(&arena, flags, 4), PARAMETERS);
        size_t fewest = 5;
        for (int code = 0; code < 81; code++) { // every assignment of the flags, by how many differ
            enum truth other[] = {(enum truth)(code % 3), (enum truth)(code / 3 % 3), (enum truth)(code / 9 % 3),
                                  (enum truth)(code / 27)};
            size_t differing = 0;
            for (size_t i = 0; i < 4; i++)
                differing += other[i] != flags[i];
            if (differing < fewest && truth_given(tree, unit_with_flags(&arena, other, 4)) == TRUTH_TRUE)
                fewest = differing;
        }
        assert_int_equal(verdict.change_count, fewest);
        for (size_t i = 0; i < verdict.change_count; i++) {
            const char *id = bench.document.rules->nodes[verdict.changes[i].node].leaf->id;
            flags[id[0] - 'a'] = verdict.changes[i].to;
        }
        verdict = judge_text(&bench, unit_with_flags(&arena, flags, 4), PARAMETERS);
        assert_int_equal(verdict.overall, OVERALL_ELIGIBLE);
        arena_release(&arena);
        arena_release(&bench.arena);
    }
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
        cmocka_unit_test(every_fault_is_named_with_its_place),
        cmocka_unit_test(all_faults_come_at_once),
        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(properties_of_random_trees),
        cmocka_unit_test(the_changes_are_enough_and_fewest),
        cmocka_unit_test(facts_keep_their_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
