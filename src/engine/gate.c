// The publishing gate. If the cases of a rule set do not show each leaf true, false and open, nobody has understood the
// rule set well enough to judge anyone by it.
#include "base/pure/budget.h"
#include "engine/private.h"

struct gate {
    const struct rule_set *rules;
    struct rule_faults *faults;
    bool seen[RULES_MOST_NODES][3];
};

static void expect(const struct gate *gate, const struct rule_case *each, const char *what, const char *expected,
                   const char *found)
{
    if (strcmp(expected, found) != 0)
        rule_fault_report(
            gate->faults, each->pointer, FAULT_CASE_DIFFERS,
            arena_format(gate->faults->arena, "%s: \"%s\": \"%s\" != \"%s\"", each->name, what, expected, found));
}

static bool is_workable(const struct gate *gate, const struct rule_case *cases, size_t case_count)
{
    uint64_t work = 0;
    for (size_t i = 0; i < case_count; i++)
        work += criteria_work(gate->rules, cases[i].facts);
    if (work > CRITERIA_MOST_WORK)
        rule_fault_exceeds(gate->faults, "/cases", FAULT_TOO_MUCH_WORK, work, CRITERIA_MOST_WORK);
    return work <= CRITERIA_MOST_WORK;
}

static void run_case(struct gate *gate, const struct rule_case *each)
{
    struct arena *arena = gate->faults->arena;
    const struct rule_set_source *source = gate->rules->source;
    struct verdict verdict;
    if (criteria_evaluate(arena, gate->rules, each->parameters, each->facts, &verdict) != EVALUATION_OK) {
        rule_fault_report(gate->faults, each->pointer, FAULT_YEAR_NOT_COVERED, each->name);
        return;
    }
    for (size_t i = 0; i < gate->rules->node_count; i++)
        gate->seen[i][verdict.nodes[i].missing_made_false ? TRUTH_UNDETERMINED : verdict.nodes[i].truth] = true;
    expect(gate, each, "overall", overall_outcome_name(each->overall), overall_outcome_name(verdict.overall));
    for (size_t i = 0; i < each->expected_count; i++) {
        const struct expected_outcome *wanted = &each->expected[i];
        size_t k = 0;
        while (k < source->criterion_count && strcmp(source->criteria[k].id, wanted->criterion) != 0)
            k++;
        if (k == source->criterion_count)
            rule_fault_report(gate->faults, each->pointer, FAULT_UNKNOWN_CRITERION, wanted->criterion);
        else
            expect(gate, each, wanted->criterion, criterion_outcome_name(wanted->outcome),
                   criterion_outcome_name(verdict.criteria[k].outcome));
    }
}

static void require_seen(const struct gate *gate, size_t node)
{
    static const enum rule_fault_kind faults[] = {FAULT_LEAF_NEVER_FALSE, FAULT_LEAF_NEVER_UNDETERMINED,
                                                  FAULT_LEAF_NEVER_TRUE};
    const struct leaf *leaf = gate->rules->nodes[node].leaf;
    for (size_t truth = 0; truth < 3; truth++)
        if (!gate->seen[node][truth])
            rule_fault_report(gate->faults, leaf->pointer, faults[truth], leaf->id);
}

bool criteria_gate(const struct rule_set *rules, const struct rule_case *cases, size_t case_count,
                   struct rule_faults *faults)
{
    size_t before = faults->total;
    struct gate *gate = arena_new(faults->arena, struct gate);
    gate->rules = rules;
    gate->faults = faults;
    if (case_count == 0)
        rule_fault_report(faults, "/cases", FAULT_NO_CASES, NULL);
    if (!is_workable(gate, cases, case_count))
        return false;
    for (size_t i = 0; i < case_count && budget_state() == BUDGET_KEPT; i++)
        run_case(gate, &cases[i]);
    for (size_t i = 0; i < rules->node_count; i++)
        if (rules->nodes[i].leaf)
            require_seen(gate, i);
    return faults->total == before;
}
