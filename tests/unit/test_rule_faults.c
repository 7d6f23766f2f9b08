// The faults of a rule set: each is named with its place, all at once, and what is too large is refused.
#include "requirement.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_is_named_with_its_place),
        cmocka_unit_test(all_faults_come_at_once),
        cmocka_unit_test(bounds_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
