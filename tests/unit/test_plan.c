// The plan as data (campaigns/230-KH-UBND.json), its own cases, and the cases an official can read (tests/criteria).
#include "plan.h"

#include <dirent.h>

#include "thidua/bonus.h"
#include "thidua/decimal.h"

static void its_own_cases_pass_the_publishing_gate(void **state)
{
    struct plan *plan = *state;
    struct rule_faults faults = {.arena = &plan->arena};
    bool good = criteria_gate(plan->document.rules, plan->document.cases, plan->document.case_count, &faults);
    print_faults(&faults);
    assert_true(good);
}

static void the_gate_notices_what_no_case_shows(void **state)
{
    struct plan *plan = *state;
    struct rule_faults faults = {.arena = &plan->arena};
    assert_false(criteria_gate(plan->document.rules, plan->document.cases, 1, &faults));
    assert_int_equal(faults.items[0].kind, FAULT_LEAF_NEVER_FALSE);
    faults = (struct rule_faults){.arena = &plan->arena};
    struct rule_case wrong = plan->document.cases[0];
    wrong.overall = OVERALL_DEFERRED;
    assert_false(criteria_gate(plan->document.rules, &wrong, 1, &faults));
    assert_int_equal(faults.items[0].kind, FAULT_CASE_DIFFERS);
    faults = (struct rule_faults){.arena = &plan->arena};
    assert_false(criteria_gate(plan->document.rules, NULL, 0, &faults));
    assert_int_equal(faults.items[0].kind, FAULT_NO_CASES);
}

// A file of tests/criteria: {"clause", "cases": […]} in the form of the rule set's own cases.
static size_t run_file(struct plan *plan, const char *path)
{
    json_error_t error;
    json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!file)
        fail_msg("%s:%d %s", path, error.line, error.text);
    json_t *copy = json_deep_copy(plan->criteria_set);
    json_object_set(copy, "cases", json_object_get(file, "cases"));
    struct rule_faults faults = {.arena = &plan->arena};
    struct rule_set_document document;
    size_t differing = 0;
    if (rule_set_from_json(&plan->arena, copy, &faults, &document))
        criteria_gate(document.rules, document.cases, document.case_count, &faults);
    for (size_t i = 0; i < faults.count; i++) {
        enum rule_fault_kind kind = faults.items[i].kind;
        if (kind == FAULT_LEAF_NEVER_TRUE || kind == FAULT_LEAF_NEVER_FALSE || kind == FAULT_LEAF_NEVER_UNDETERMINED)
            continue; // only the rule set itself must show them all
        print_message("%s: %s %s\n", path, faults.items[i].pointer, faults.items[i].detail.en);
        differing++;
    }
    assert_int_equal(differing, 0);
    assert_true(document.case_count > 0);
    json_decref(copy);
    json_decref(file);
    return document.case_count;
}

static size_t run_folder(struct plan *plan, const char *path)
{
    DIR *directory = opendir(path);
    size_t files = 0;
    if (!directory)
        fail_msg("there is no %s", path);
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *suffix = strrchr(entry->d_name, '.');
        if (!suffix || strcmp(suffix, ".json") != 0)
            continue;
        run_file(plan, arena_format(&plan->arena, "%s/%s", path, entry->d_name));
        files++;
    }
    closedir(directory);
    return files;
}

static void every_clause_has_cases_anyone_can_read(void **state)
{
    assert_true(run_folder(*state, CRITERIA_CASES) > 0);
}

// Another province's plan is other data: the same engine, its own groups, rules and cases.
static void another_plan_is_other_data(void **state)
{
    static struct plan other;
    void *its = &other;
    (void)state;
    assert_int_equal(read_plan(&other, CAMPAIGNS "/79-KH-UBND-MAU.json"), 0);
    its_own_cases_pass_the_publishing_gate(&its);
    assert_int_equal(run_folder(&other, CRITERIA_CASES "/79-KH-UBND-MAU"),
                     other.document.rules->source->criterion_count);
    release_plan(&its);
}

// II.3: award years are 2024 and 2025, no other.
static void another_award_year_is_refused(void **state)
{
    struct plan *plan = *state;
    struct situation situation = situation_of(plan, json_pack("{s:{s:i}}", "parameters", "award_year", 2026));
    struct verdict verdict;
    assert_int_equal(
        criteria_evaluate(&plan->arena, plan->document.rules, &situation.parameters, &situation.facts, &verdict),
        EVALUATION_YEAR_NOT_COVERED);
}

static const struct leaf *leaf_of(const struct plan *plan, uint16_t node)
{
    return plan->document.rules->nodes[node].leaf;
}

// III.1: no short circuit; what is open is told, and what would have to change.
static void it_says_what_stands_in_the_way(void **state)
{
    struct plan *plan = *state;
    struct situation open =
        situation_of(plan, json_pack("{s:{s:{s:n, s:n}}}", "unit", "facts", "index_achieved", "dossier_received_at"));
    struct verdict verdict = judge(plan, &open);
    assert_int_equal(verdict.overall, OVERALL_PENDING);
    assert_int_equal(verdict.change_count, 2);
    assert_string_equal(leaf_of(plan, verdict.changes[0].node)->id, "index_at_least_90");
    assert_string_equal(leaf_of(plan, verdict.changes[1].node)->id, "received_in_time");
    size_t decisive = 0;
    for (size_t i = 0; i < plan->document.rules->node_count; i++)
        decisive += verdict.nodes[i].decisive && plan->document.rules->nodes[i].leaf;
    assert_int_equal(decisive, 2); // late_accepted is known to be false: it decides nothing
    struct situation failed = situation_of(
        plan, json_pack("{s:{s:{s:n, s:{s:b}}}}", "unit", "facts", "index_achieved", "is_collective", "value", 0));
    verdict = judge(plan, &failed);
    assert_int_equal(verdict.overall, OVERALL_INELIGIBLE);
    for (size_t i = 0; i < plan->document.rules->node_count; i++)
        assert_false(verdict.nodes[i].decisive); // absorbed by the failure
    assert_int_equal(verdict.change_count, 2);
}

// The hash is that of the canonical form: order of members and blanks do not count, anything else does.
static void the_hash_is_of_the_meaning(void **state)
{
    struct plan *plan = *state;
    struct rule_set_document again;
    struct rule_faults faults = {.arena = &plan->arena};
    char *text = json_dumps(plan->criteria_set, JSON_INDENT(4) | JSON_SORT_KEYS);
    assert_true(rules_of_text(&plan->arena, text, &faults, &again));
    assert_string_equal(again.hash, plan->document.hash);
    assert_true(sha256_hex_is_valid(again.hash, strlen(again.hash)));
    free(text);
    json_t *changed = json_deep_copy(plan->criteria_set);
    json_object_set_new(changed, "version", json_integer(2));
    assert_true(rule_set_from_json(&plan->arena, changed, &faults, &again));
    assert_string_not_equal(again.hash, plan->document.hash);
    json_decref(changed);
    char hex[SHA256_HEX_LENGTH + 1];
    sha256_hex("abc", 3, hex); // FIPS 180-4, example B.1
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// What is decided stays decided when one more fact comes in: seen the other way round, forgetting a fact of any of the
// plan's cases leaves each criterion as it was, or open. (PASS with the guard unknown may turn out NOT_APPLICABLE; a
// hold may turn out a failure.)
static bool may_follow(enum criterion_outcome before, enum criterion_outcome after)
{
    return before == after || before == OUTCOME_PENDING ||
           (before == OUTCOME_PASS && after == OUTCOME_NOT_APPLICABLE) ||
           (before == OUTCOME_DEFERRED && after == OUTCOME_FAIL);
}

static void one_more_fact_takes_nothing_back(void **state)
{
    struct plan *plan = *state;
    const struct rule_set *rules = plan->document.rules;
    for (size_t i = 0; i < plan->document.case_count; i++) {
        const struct rule_case *each = &plan->document.cases[i];
        struct situation full = {*each->parameters, *each->facts}, less = full;
        struct verdict after = judge(plan, &full);
        for (size_t forgotten = 0; forgotten < rules->source->fact_count; forgotten++) {
            struct value *values = arena_array(&plan->arena, rules->source->fact_count, sizeof *values);
            memcpy(values, full.facts.values, rules->source->fact_count * sizeof *values);
            values[forgotten].type = VALUE_UNKNOWN;
            less.facts.values = values;
            struct verdict before = judge(plan, &less);
            for (size_t k = 0; k < rules->source->criterion_count; k++)
                if (!may_follow(before.criteria[k].outcome, after.criteria[k].outcome))
                    fail_msg("%s: %s without %s", each->name, rules->source->criteria[k].id,
                             rules->source->facts[forgotten].name);
        }
    }
}

static int32_t date_of(const json_t *row, const char *key, int32_t otherwise)
{
    const json_t *text = json_object_get(row, key);
    int32_t date = otherwise;
    if (json_is_string(text))
        assert_true(date_parse(json_string_value(text), json_string_length(text), &date));
    return date;
}

static struct dated_amounts table_of(struct plan *plan, const json_t *bonus, const char *key, const char *amount)
{
    const json_t *list = json_object_get(bonus, key);
    size_t count = json_array_size(list);
    struct dated_amount *rows = arena_array(&plan->arena, count, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(list, i), *value = json_object_get(row, amount);
        rows[i].valid_from = date_of(row, "valid_from", DATE_FIRST);
        rows[i].valid_to = date_of(row, "valid_to", DATE_LAST);
        rows[i].amount = json_integer_value(value);
        if (json_is_string(value))
            assert_int_equal(decimal_parse(json_string_value(value), json_string_length(value), 2, &rows[i].amount),
                             DECIMAL_OK);
    }
    return (struct dated_amounts){rows, count};
}

// III.5: the plan's law table gives the bonuses of domain section 5.
static void the_law_table_gives_the_bonus(void **state)
{
    struct plan *plan = *state;
    const json_t *bonus = json_object_get(json_object_get(plan->campaign, "law"), "bonus");
    struct dated_amounts coefficients = table_of(plan, bonus, "coefficients", "coefficient");
    struct dated_amounts salaries = table_of(plan, bonus, "base_salaries", "vnd");
    static const struct {
        struct civil_date on;
        int64_t vnd;
    } cases[] = {{{2025, 3, 15}, 7020000}, {{2026, 7, 2}, 7590000}, {{2024, 6, 30}, 5400000}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int32_t date = 0;
        struct bonus found;
        assert_true(date_from_civil(cases[i].on, &date));
        assert_int_equal(bonus_on(coefficients, salaries, date, &found), BONUS_OK);
        assert_int_equal(found.vnd, cases[i].vnd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_cases_pass_the_publishing_gate),
        cmocka_unit_test(the_gate_notices_what_no_case_shows),
        cmocka_unit_test(every_clause_has_cases_anyone_can_read),
        cmocka_unit_test(another_plan_is_other_data),
        cmocka_unit_test(another_award_year_is_refused),
        cmocka_unit_test(it_says_what_stands_in_the_way),
        cmocka_unit_test(the_hash_is_of_the_meaning),
        cmocka_unit_test(one_more_fact_takes_nothing_back),
        cmocka_unit_test(the_law_table_gives_the_bonus),
    };
    return cmocka_run_group_tests(tests, load_plan, release_plan);
}
