// A rule set around one requirement, and what it says of a unit.
#ifndef THIDUA_TESTS_REQUIREMENT_H
#define THIDUA_TESTS_REQUIREMENT_H

#include "plan.h"

// Builds a rule set around one requirement over the flags a … d, one decimal, one register and one content.
static inline json_t *rules_around(const char *requires)
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
        "'contents':{'A':{'vi':'A','en':'A'}},'documents':{'X':{'vi':'X','en':'X'}},'parameters':{'conference':'date','"
        "day':'date'},"
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

static inline bool build(struct bench *bench, const char *requires)
{
    *bench = (struct bench){0};
    bench->faults.arena = &bench->arena;
    json_t *json = rules_around(requires);
    bool good = rule_set_from_json(&bench->arena, json, &bench->faults, &bench->document);
    json_decref(json);
    return good;
}

// JSON with single quotes.
static inline json_t *json_of_text(struct arena *arena, const char *text)
{
    char *copy = arena_text(arena, text);
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    json_t *json = json_loads(copy, 0, NULL);
    assert_non_null(json);
    return json;
}

// The verdict on facts given as JSON with single quotes.
static inline struct verdict judge_text(struct bench *bench, const char *unit, const char *parameters)
{
    struct evaluation_parameters read_parameters;
    struct unit_facts facts;
    struct verdict verdict = {0};
    json_t *values[] = {json_of_text(&bench->arena, unit), json_of_text(&bench->arena, parameters)};
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

static inline enum truth truth_given(const char *requires, const char *unit)
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

static inline const char *unit_with_flags(struct arena *arena, const enum truth *flags, size_t count)
{
    static const char *const values[] = {"false", "null", "true"};
    const char *list = "";
    for (size_t i = 0; i < count; i++)
        list = arena_format(arena, "%s%s'%c':{'value':%s}", list, i ? "," : "", 'a' + (int)i, values[flags[i]]);
    return arena_format(arena, "{'unit_id':'u','facts':{%s}}", list);
}

#endif
