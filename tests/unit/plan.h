// The plan as shipped, loaded for a test: its criteria set compiled, its case base at hand.
#ifndef THIDUA_TEST_PLAN_H
#define THIDUA_TEST_PLAN_H

#include "engine/json/facts_json.h"
#include "engine/json/json_reader.h"
#include "engine/json/rule_set_json.h"
#include "engine/json/verdict_json.h"
#include "testing.h"

struct plan {
    struct arena arena;
    json_t *campaign;
    json_t *criteria_set; // borrowed from campaign
    struct rule_faults faults;
    struct rule_set_document document;
};

static inline void print_faults(const struct rule_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        print_message("%s %s %s\n", faults->items[i].pointer, faults->items[i].code, faults->items[i].detail.en);
}

// Reads a rule set as the service does: out of JSON without members twice.
static inline bool rules_of_text(struct arena *arena, const char *text, struct rule_faults *faults,
                                 struct rule_set_document *ret_document)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%d:%d %s in %.200s", error.line, error.column, error.text, text);
    bool good = rule_set_from_json(arena, json, faults, ret_document);
    json_decref(json);
    return good;
}

static inline int read_plan(struct plan *plan, const char *path)
{
    json_error_t error;
    *plan = (struct plan){0};
    plan->faults.arena = &plan->arena;
    plan->campaign = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    plan->criteria_set = json_object_get(plan->campaign, "criteria_set");
    if (!plan->campaign)
        print_message("%s:%d %s\n", error.source, error.line, error.text);
    if (!rule_set_from_json(&plan->arena, plan->criteria_set, &plan->faults, &plan->document))
        print_faults(&plan->faults);
    return plan->document.rules ? 0 : -1;
}

static inline int load_plan(void **state)
{
    static struct plan plan;
    *state = &plan;
    return read_plan(&plan, CAMPAIGNS "/230-KH-UBND.json");
}

static inline int release_plan(void **state)
{
    struct plan *plan = *state;
    json_decref(plan->campaign);
    arena_release(&plan->arena);
    return 0;
}

// Parameters and facts of the case base with a merge patch applied; `patch` is stolen.
struct situation {
    struct evaluation_parameters parameters;
    struct unit_facts facts;
};

static inline struct situation situation_of(struct plan *plan, json_t *patch)
{
    struct situation situation;
    assert_non_null(patch);
    json_t *whole = json_merge_patch(json_object_get(plan->criteria_set, "case_base"), patch);
    const struct rule_set_source *source = plan->document.rules->source;
    assert_true(parameters_from_json(&plan->arena, source, json_object_get(whole, "parameters"), "/parameters",
                                     &plan->faults, &situation.parameters));
    assert_true(facts_from_json(&plan->arena, source, json_object_get(whole, "unit"), "/unit", &plan->faults,
                                &situation.facts));
    json_decref(whole);
    json_decref(patch);
    return situation;
}

static inline struct verdict judge(struct plan *plan, const struct situation *situation)
{
    struct verdict verdict;
    assert_int_equal(
        criteria_evaluate(&plan->arena, plan->document.rules, &situation->parameters, &situation->facts, &verdict),
        EVALUATION_OK);
    return verdict;
}

#endif
