// Rule sets and facts made to break the engine: each ends with a named fault or an exact answer, in bounded memory.
#include "plan.h"

#include "thidua/civil.h"
#include "thidua/standings.h"

enum { MOST_MEMORY = 32 * 1024 * 1024 };

#define WORDS "'text':{'vi':'v','en':'e'},'citations':['c']"
#define LEAF  "{'kind':'flag','id':'x','fact':'a','value':true," WORDS "}"
#define FACTS                                                                                                          \
    "'a':{'type':'boolean','text':{'vi':'a','en':'a'}},'part':{'type':'decimal','decimals':2,'text':{'vi':'p','en':"   \
    "'p'}},'whole':{'type':'decimal','decimals':2,'text':{'vi':'w','en':'w'}},'day':{'type':'date','text':{'vi':'d',"  \
    "'en':'d'}},'at':{'type':'instant','text':{'vi':'t','en':'t'}}"

static const char *quoted(struct arena *arena, const char *text)
{
    char *copy = arena_text(arena, text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    return copy;
}

// A whole rule set around a list of criteria and whatever else.
static const char *rules_with(struct arena *arena, const char *criteria, const char *more)
{
    return quoted(arena, arena_format(arena,
                                      "{'name':'t','version':1,'valid_from':'2024-01-01','award_years':[2024],"
                                      "'citations':{'c':{'document':'1','clause':'1','quote':'q','valid_from':"
                                      "'2024-01-01'}},'facts':{" FACTS "},'criteria':[%s]%s}",
                                      criteria, more));
}

static const char *criterion(struct arena *arena, const char *id, const char *requires)
{
    return arena_format(arena, "{'id':'%s','clause':'1'," WORDS ",'requires':%s}", id, requires);
}

// Repeats `piece`, in which %d may count, with commas between.
static const char *repeated(struct arena *arena, const char *before, const char *after, size_t count)
{
    size_t room = count * (strlen(before) + strlen(after) + 12) + 1, length = 0;
    char *text = arena_allocate(arena, room);
    for (size_t i = 0; i < count; i++) {
        const char *item = arena_format(arena, "%s%s%zu%s", i ? "," : "", before, i, after);
        memcpy(text + length, item, strlen(item));
        length += strlen(item);
    }
    return text;
}

static void expect_fault(const char *text, enum rule_fault_kind kind)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    bool found = false;
    assert_false(rules_of_text(&arena, text, &faults, &document));
    assert_null(document.rules);
    for (size_t i = 0; i < faults.count; i++) {
        found |= faults.items[i].kind == kind;
        assert_true(faults.items[i].pointer && faults.items[i].detail.vi[0] && faults.items[i].detail.en[0]);
    }
    if (!found) {
        print_faults(&faults);
        fail_msg("no fault %d in %.200s", (int)kind, text);
    }
    assert_true(arena.total <= MOST_MEMORY);
    arena_release(&arena);
}

static void expect_criteria_fault(const char *criteria, const char *more, enum rule_fault_kind kind)
{
    struct arena arena = {0};
    const char *text = rules_with(&arena, criteria, more);
    expect_fault(text, kind);
    arena_release(&arena);
}

static void expect_leaf_fault(const char *leaf, enum rule_fault_kind kind)
{
    struct arena arena = {0};
    expect_criteria_fault(criterion(&arena, "1", leaf), "", kind);
    arena_release(&arena);
}

static void numbers_beyond_every_edge(void **state)
{
    (void)state;
    static const struct {
        const char *leaf;
        enum rule_fault_kind kind;
    } cases[] = {
        {"{'kind':'at_least','n':9223372036854775807,'of':[" LEAF "]}", FAULT_BAD_NUMBER},
        {"{'kind':'at_least','n':1.0,'of':[" LEAF "]}", FAULT_WRONG_TYPE},
        {"{'kind':'ratio','id':'x','part':'part','whole':'whole','op':'>=','p':-1,'q':1," WORDS "}", FAULT_BAD_NUMBER},
        {"{'kind':'ratio','id':'x','part':'part','whole':'whole','op':'>=','p':1,'q':0," WORDS "}", FAULT_BAD_NUMBER},
        {"{'kind':'threshold','id':'x','fact':'part','op':'>=','value':'92233720368547758.08'," WORDS "}",
         FAULT_BAD_VALUE},
        {"{'kind':'threshold','id':'x','fact':'part','op':'>=','value':'90.001'," WORDS "}", FAULT_BAD_VALUE},
        {"{'kind':'threshold','id':'x','fact':'part','op':'>=','value':'9e1'," WORDS "}", FAULT_BAD_VALUE},
        {"{'kind':'deadline','id':'x','fact':'day','limit':'2023-02-29','bound':'before'," WORDS "}", FAULT_BAD_VALUE},
        {"{'kind':'deadline','id':'x','fact':'day','limit':'10000-01-01','bound':'before'," WORDS "}", FAULT_BAD_VALUE},
        {"{'kind':'deadline','id':'x','fact':'day','limit':'2024-12-31','bound':'before','calendar_days':3661," WORDS
         "}",
         FAULT_BAD_NUMBER},
        {"{'kind':'deadline','id':'x','fact':'day','limit':'2024-12-31','bound':'before','calendar_days':1,"
         "'working_days':1," WORDS "}",
         FAULT_BAD_NUMBER},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_leaf_fault(cases[i].leaf, cases[i].kind);
}

// Nothing refers to what refers to it: a name that leads in a circle is not found, or is no object.
static void names_that_lead_in_circles_or_are_taken(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *one = criterion(&arena, "1", LEAF);
    expect_criteria_fault(arena_format(&arena, "%s,%s", one, one), "", FAULT_ID_TWICE);
    expect_criteria_fault(one, ",'parameters':{'as_of':'date'}", FAULT_NAME_TWICE);
    expect_criteria_fault(one, ",'contents':{'':{'vi':'v','en':'e'}}", FAULT_BAD_NAME);
    expect_criteria_fault(one, ",'contents':{'a b':{'vi':'v','en':'e'}}", FAULT_BAD_NAME);
    const char *circle =
        quoted(&arena, "{'name':'t','version':1,'valid_from':'2024-01-01','award_years':[2024],"
                       "'citations':{'c':'d','d':'c'},'facts':{'a':{'type':'boolean','text':{'vi':'a',"
                       "'en':'a'}}},'criteria':[{'id':'1','clause':'1'," WORDS ",'requires':" LEAF "}]}");
    expect_fault(circle, FAULT_WRONG_TYPE);
    expect_leaf_fault("{'kind':'guarded','of':[" LEAF "," LEAF "]}", FAULT_UNKNOWN_KIND);
    struct standing_policy policy = {.cap = 6};
    struct rule_faults faults = {.arena = &arena};
    const struct quota loop[] = {{"cap", 6, 0, NULL, 0}, {"a", 1, 2, NULL, 0}, {"b", 1, 1, NULL, 0}};
    assert_false(standings_check_quotas(&policy, loop, 3, "/quotas", &faults));
    assert_int_equal(faults.items[0].kind, FAULT_QUOTA_OVERLAP);
    arena_release(&arena);
}

static void too_deep_too_wide_too_large(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *nested = LEAF;
    for (int i = 0; i < 200; i++)
        nested = arena_format(&arena, "{'kind':'not','of':[%s]}", nested);
    expect_leaf_fault(nested, FAULT_TOO_DEEP);
    nested = LEAF;
    for (int i = 0; i < 200; i++)
        nested = arena_format(&arena, "{'kind':'all','applies_when':%s,'of':[]}", nested);
    expect_leaf_fault(nested, FAULT_TOO_DEEP);
    expect_criteria_fault(repeated(&arena, "{'id':'", "'}", 1000), "", FAULT_TOO_MANY_NODES);
    const char *kinds = repeated(&arena, "'n", "':{'vi':'v','en':'e'}", RULES_MOST_DECLARED + 1);
    expect_criteria_fault(criterion(&arena, "1", LEAF), arena_format(&arena, ",'contents':{%s}", kinds),
                          FAULT_TOO_MANY);
    const char *filters = repeated(&arena, "{'field':'f','op':'=','value':'", "'}", RULES_MOST_FILTERS + 1);
    expect_criteria_fault(
        criterion(&arena, "1",
                  arena_format(&arena, "{'kind':'absence','id':'x','register':'r','where':[%s]," WORDS "}", filters)),
        ",'registers':{'r':{'text':{'vi':'r','en':'r'},'fields':{'f':'text'}}}", FAULT_TOO_MANY_FILTERS);
    arena_release(&arena);
}

// Faults are gathered, but not without end.
static void a_thousand_faults_are_counted_and_two_hundred_told(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    const char *text = quoted(&arena, arena_format(&arena, "{%s}", repeated(&arena, "'x", "':0", 1000)));
    assert_false(rules_of_text(&arena, text, &faults, &document));
    assert_int_equal(faults.count, RULES_MOST_FAULTS);
    assert_true(faults.total >= 1000);
    arena_release(&arena);
}

// A small case may repeat a large base: what all cases hold together is bounded.
static void cases_cannot_multiply(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *entries = repeated(&arena, "{'id':'", "'}", 1500);
    const char *cases = repeated(&arena, "{'name':'", "','change':{},'expect':{'overall':'PENDING'}}", 500);
    const char *more = arena_format(&arena,
                                    ",'registers':{'r':{'text':{'vi':'r','en':'r'},'fields':{'f':'text'}}},"
                                    "'case_base':{'parameters':{'as_of':'2025-01-10T00:00:00+07:00','award_year':2024},"
                                    "'unit':{'unit_id':'u','registers':{'r':{'entries':[%s]}}}},'cases':[%s]",
                                    entries, cases);
    expect_criteria_fault(criterion(&arena, "1", LEAF), more, FAULT_TOO_MANY);
    arena_release(&arena);
}

static bool accepted(const char *text, size_t *ret_canonical)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    bool good = rules_of_text(&arena, text, &faults, &document);
    *ret_canonical = document.canonical_length;
    arena_release(&arena);
    return good;
}

// 64 KiB of canonical form: blanks do not count.
static void the_limit_of_64_kib_is_exact(void **state)
{
    (void)state;
    struct arena arena = {0};
    const char *one = criterion(&arena, "1", LEAF);
    const char *text = rules_with(&arena, one, ",'note':''");
    size_t length, room;
    assert_true(accepted(text, &length));
    room = RULES_MOST_BYTES - length;
    char *note = arena_allocate(&arena, room + 2);
    memset(note, 'x', room);
    text = rules_with(&arena, one, arena_format(&arena, ",'note':'%s'", note));
    assert_true(accepted(text, &length));
    assert_int_equal(length, RULES_MOST_BYTES);
    note[room] = 'x';
    expect_criteria_fault(one, arena_format(&arena, ",'note':'%s'", note), FAULT_TOO_LARGE);
    arena_release(&arena);
}

// A rule set out of its canonical form is the same rule set.
static void rule_set_to_json_to_rule_set(void **state)
{
    struct plan *plan = *state;
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document again;
    json_t *canonical = json_loads(plan->document.canonical, JSON_REJECT_DUPLICATES, NULL);
    assert_true(rule_set_from_json(&arena, canonical, &faults, &again));
    assert_string_equal(again.hash, plan->document.hash);
    assert_string_equal(again.canonical, plan->document.canonical);
    assert_int_equal(again.rules->node_count, plan->document.rules->node_count);
    json_decref(canonical);
    arena_release(&arena);
}

static enum truth judged(const char *leaf, const char *facts)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    struct evaluation_parameters parameters;
    struct unit_facts unit;
    struct verdict verdict;
    const char *text = rules_with(&arena, criterion(&arena, "1", leaf), "");
    if (!rules_of_text(&arena, text, &faults, &document)) {
        print_faults(&faults);
        fail_msg("%s", leaf);
    }
    json_t *given = json_loads(quoted(&arena, arena_format(&arena,
                                                           "{'unit':{'unit_id':'u','facts':{%s}},'parameters':{'as_of':"
                                                           "'9999-12-31T23:59:59.999999+07:00','award_year':2024}}",
                                                           facts)),
                               0, NULL);
    const struct rule_set_source *source = document.rules->source;
    assert_true(parameters_from_json(&arena, source, json_object_get(given, "parameters"), "", &faults, &parameters));
    assert_true(facts_from_json(&arena, source, json_object_get(given, "unit"), "", &faults, &unit));
    assert_int_equal(criteria_evaluate(&arena, document.rules, &parameters, &unit, &verdict), EVALUATION_OK);
    struct verdict_view view = {document.rules, &parameters, &unit, &verdict, AUDIENCE_RESTRICTED};
    assert_non_null(verdict_to_text(&arena, &view, NULL)); // explained as well
    enum truth truth = verdict.nodes[0].truth;
    json_decref(given);
    arena_release(&arena);
    return truth;
}

#define RATIO(op, p, q)                                                                                                \
    "{'kind':'ratio','id':'x','part':'part','whole':'whole','op':'" op "','p':" p ",'q':" q                            \
    ",'whole_zero':'false'," WORDS "}"
#define OF(part, whole) "'part':{'value':'" part "'},'whole':{'value':'" whole "'}"
#define DEADLINE(limit, bound, days)                                                                                   \
    "{'kind':'deadline','id':'x','fact':'day','limit':'" limit "','bound':'" bound "'" days "," WORDS "}"
#define ON(day) "'day':{'value':'" day "'}"

// 64-bit values times 1,000,000 take 84 bits; a day beyond the calendar is no limit.
static void exact_at_the_edges_of_numbers_and_calendar(void **state)
{
    (void)state;
    static const struct {
        const char *leaf, *facts;
        enum truth expected;
    } cases[] = {
        {RATIO(">=", "1000000", "1"), OF("92233720368547758.07", "92233720368.54"), TRUTH_TRUE},
        {RATIO(">=", "1000000", "1"), OF("92233720368547758.07", "92233720368.55"), TRUTH_FALSE},
        {RATIO("<", "1", "1000000"), OF("-92233720368547758.08", "0.01"), TRUTH_TRUE},
        {RATIO("=", "1", "1"), OF("92233720368547758.07", "92233720368547758.07"), TRUTH_TRUE},
        {RATIO(">=", "0", "1"), OF("0.00", "92233720368547758.07"), TRUTH_TRUE},
        {"{'kind':'threshold','id':'x','fact':'part','op':'>','value':'-92233720368547758.08'," WORDS "}",
         OF("92233720368547758.07", "1"), TRUTH_TRUE},
        {DEADLINE("9999-12-31", "not_after", ""), ON("9999-12-31"), TRUTH_TRUE},
        {DEADLINE("9999-12-31", "not_after", ",'calendar_days':1"), ON("2024-01-01"), TRUTH_UNDETERMINED},
        {DEADLINE("9999-12-31", "not_after", ",'working_days':3660"), ON("2024-01-01"), TRUTH_UNDETERMINED},
        {DEADLINE("0001-01-01", "before", ""), ON("0001-01-01"), TRUTH_UNDETERMINED},
        {DEADLINE("0001-01-01", "not_after", ",'working_days':-1"), ON("0001-01-01"), TRUTH_UNDETERMINED},
        {DEADLINE("2024-02-28", "not_after", ",'calendar_days':1"), ON("2024-02-29"), TRUTH_TRUE},
        {DEADLINE("2023-02-28", "not_after", ",'calendar_days':1"), ON("2023-03-01"), TRUTH_TRUE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (judged(cases[i].leaf, cases[i].facts) != cases[i].expected)
            fail_msg("case %zu: %s on %s is not %s", i, cases[i].leaf, cases[i].facts, truth_name(cases[i].expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_beyond_every_edge),
        cmocka_unit_test(names_that_lead_in_circles_or_are_taken),
        cmocka_unit_test(too_deep_too_wide_too_large),
        cmocka_unit_test(a_thousand_faults_are_counted_and_two_hundred_told),
        cmocka_unit_test(cases_cannot_multiply),
        cmocka_unit_test(the_limit_of_64_kib_is_exact),
        cmocka_unit_test_setup_teardown(rule_set_to_json_to_rule_set, load_plan, release_plan),
        cmocka_unit_test(exact_at_the_edges_of_numbers_and_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
