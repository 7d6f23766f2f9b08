// The plan as data (campaigns/230-KH-UBND.json), its own cases, and the cases an official can read (tests/criteria).
#include "engine/json/standings_json.h"
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

static const json_t *criterion_named(const json_t *verdict, const char *id)
{
    size_t i;
    json_t *criterion;
    json_array_foreach(json_object_get(verdict, "criteria"), i, criterion)
    {
        if (strcmp(json_string_value(json_object_get(criterion, "id")), id) == 0)
            return criterion;
    }
    fail_msg("no criterion %s", id);
    return NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

// Section 4: two decimals, a comma in Vietnamese; a failing index never shows a margin of zero.
static void it_explains_with_figures(void **state)
{
    struct plan *plan = *state;
    struct situation situation =
        situation_of(plan, json_pack("{s:{s:{s:{s:s}}}}", "unit", "facts", "index_achieved", "value", "64.34"));
    struct verdict verdict = judge(plan, &situation);
    struct verdict_view view = {plan->document.rules, &situation.parameters, &situation.facts, &verdict,
                                AUDIENCE_RESTRICTED};
    json_t *json = verdict_to_json(&plan->arena, &view);
    assert_non_null(json);
    const json_t *index = criterion_named(json, "III.1.b");
    assert_string_equal(text_of(index, "result"), "FAIL");
    assert_string_equal(text_of(index, "observed"), "64.34/71.50 (89.99 %)");
    assert_string_equal(text_of(index, "required"), ">= 90 %");
    assert_string_equal(text_of(index, "margin"), "-0.02");
    const json_t *explanation = json_object_get(index, "explanation");
    assert_non_null(strstr(text_of(explanation, "vi"), "64,34/71,50 (89,99 %)"));
    assert_non_null(strstr(text_of(explanation, "en"), "64.34/71.50 (89.99 %)"));
    assert_int_equal(json_array_size(json_object_get(index, "facts")), 2);
    assert_string_equal(text_of(criterion_named(json, "III.4.a"), "margin"), "0");
    json_decref(json);
}

// Section 9: 17:30 in London on the 30th is the 31st in Vietnam; its papers read the clock and the words of the
// country.
static void it_explains_in_the_words_of_the_country(void **state)
{
    struct plan *plan = *state;
    struct situation situation = situation_of(
        plan, json_pack("{s:{s:{s:{s:s}}}}", "unit", "facts", "dossier_received_at", "value", "2024-12-30T17:30:00Z"));
    struct verdict verdict = judge(plan, &situation);
    struct verdict_view view = {plan->document.rules, &situation.parameters, &situation.facts, &verdict,
                                AUDIENCE_RESTRICTED};
    json_t *json = verdict_to_json(&plan->arena, &view);
    assert_non_null(json);
    const json_t *late = json_object_get(criterion_named(json, "III.4.a"), "explanation");
    assert_non_null(strstr(text_of(late, "vi"), "00:30:00 31/12/2024"));
    assert_non_null(strstr(text_of(late, "en"), "2024-12-31T00:30:00+07:00"));
    const json_t *collective = json_object_get(criterion_named(json, "II.1"), "explanation");
    assert_non_null(strstr(text_of(collective, "vi"), "Thực tế: có"));
    json_decref(json);
}

// Of what a unit need not meet nothing is said to be met or not: that it is not assessed, or is under inspection.
static void it_says_of_guards_and_holds_whether_they_are_so(void **state)
{
    struct plan *plan = *state;
    struct situation situation =
        situation_of(plan, json_pack("{s:{s:{s:{s:b}}, s:{s:{s:b, s:s, s:[{s:s, s:s, s:s, s:s}]}}}}", "unit", "facts",
                                     "on_assessed_list", "value", 0, "registers", "proceedings", "complete", 1,
                                     "complete_through", "2025-03-01", "entries", "id", "p-1", "kind", "INSPECTION",
                                     "opened_on", "2024-09-02", "state", "OPEN"));
    struct verdict verdict = judge(plan, &situation);
    struct verdict_view view = {plan->document.rules, &situation.parameters, &situation.facts, &verdict,
                                AUDIENCE_RESTRICTED};
    json_t *json = verdict_to_json(&plan->arena, &view);
    const json_t *index = json_object_get(criterion_named(json, "III.1.b"), "explanation");
    assert_string_equal(text_of(index, "en"),
                        "Is among the units whose index is assessed: no. Observed: false; condition: true. "
                        "The criterion does not apply.");
    assert_non_null(strstr(text_of(index, "vi"), ": không. Thực tế: không; điều kiện: có. Tiêu chí không áp dụng."));
    const json_t *hold = json_object_get(criterion_named(json, "III.1"), "explanation");
    assert_non_null(strstr(text_of(hold, "en"), ": yes. Observed: >= 1; condition: >= 1. No award while this is so."));
    assert_non_null(
        strstr(text_of(hold, "vi"), ": có. Thực tế: >= 1; điều kiện: >= 1. Chưa xét khen thưởng khi điều này"));
    json_decref(json);
}

// A sentence has words for what is not known.
static void it_says_in_words_what_is_not_known(void **state)
{
    struct plan *plan = *state;
    struct situation situation = situation_of(plan, json_pack("{s:{s:n, s:n}}", "unit", "facts", "findings"));
    struct verdict verdict = judge(plan, &situation);
    struct verdict_view view = {plan->document.rules, &situation.parameters, &situation.facts, &verdict,
                                AUDIENCE_RESTRICTED};
    const char *text = verdict_to_text(&plan->arena, &view, NULL);
    assert_non_null(strstr(text, "Thực tế: chưa rõ; yêu cầu: >= 90"));
    assert_non_null(strstr(text, "Observed: not known; required: >= 90"));
    for (const char *at = strchr(text, '?'); at; at = strchr(at + 1, '?'))
        assert_true(at[-1] != ' ' && at[1] != '.' && at[1] != ';');
}

// Sections 4 and 6: no public endpoint leaks a confidential index, nor who is under discipline.
static void the_public_sees_clauses_only(void **state)
{
    struct plan *plan = *state;
    struct situation situation =
        situation_of(plan, json_pack("{s:{s:{s:{s:[{s:s, s:s, s:s, s:s, s:s}]}}}}", "unit", "registers", "discipline",
                                     "entries", "id", "discipline-77", "regime", "PARTY_MEMBER", "level", "CANH_CAO",
                                     "effective_from", "2024-05-05", "status", "IN_FORCE"));
    struct verdict verdict = judge(plan, &situation);
    struct verdict_view view = {plan->document.rules, &situation.parameters, &situation.facts, &verdict,
                                AUDIENCE_PUBLIC};
    const char *text = verdict_to_text(&plan->arena, &view, NULL);
    assert_null(strstr(text, "64.35"));
    assert_null(strstr(text, "64,35"));
    assert_null(strstr(text, "discipline-77"));
    assert_null(strstr(text, "2024-05-05"));
    assert_non_null(strstr(text, "III.1.d: chưa đạt."));
    view.audience = AUDIENCE_UNIT;
    text = verdict_to_text(&plan->arena, &view, NULL);
    assert_non_null(strstr(text, "64.35"));
    assert_null(strstr(text, "discipline-77"));
    view.audience = AUDIENCE_RESTRICTED;
    assert_non_null(strstr(verdict_to_text(&plan->arena, &view, NULL), "discipline-77"));
}

static void the_same_verdict_gives_the_same_bytes(void **state)
{
    struct plan *plan = *state;
    const char *texts[2];
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = {0};
        struct situation situation = situation_of(plan, json_object());
        struct verdict verdict;
        assert_int_equal(
            criteria_evaluate(&arena, plan->document.rules, &situation.parameters, &situation.facts, &verdict),
            EVALUATION_OK);
        struct verdict_view view = {plan->document.rules, &situation.parameters, &situation.facts, &verdict,
                                    AUDIENCE_RESTRICTED};
        texts[i] = arena_text(&plan->arena, verdict_to_text(&arena, &view, NULL));
        arena_release(&arena);
    }
    assert_string_equal(texts[0], texts[1]);
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

// A round of two districts for one place, through JSON and back.
static void standings_come_out_of_facts(void **state)
{
    struct plan *plan = *state;
    static const char *const indices[] = {"64.35", "65.00"};
    const struct standing_policy *policy = plan->document.standings;
    assert_non_null(policy);
    assert_int_equal(policy->cap, 6);
    struct contestant contestants[2];
    for (size_t i = 0; i < 2; i++) {
        struct situation situation =
            situation_of(plan, json_pack("{s:{s:s, s:{s:{s:s}}}}", "unit", "unit_id", i ? "unit-b" : "unit-a", "facts",
                                         "index_achieved", "value", indices[i]));
        struct verdict verdict = judge(plan, &situation);
        contestants[i] = contestant_of(&plan->arena, policy, &situation.parameters, &situation.facts, verdict.overall);
    }
    json_t *extra = json_pack("{s:[{s:s, s:i}, {s:s, s:i, s:s, s:[s]}]}", "quotas", "name", "cap", "places", 6, "name",
                              "huyen", "places", 1, "parent", "cap", "groups", "HUYEN");
    struct standings_input input;
    assert_true(standings_input_from_json(&plan->arena, policy, contestants, 2, extra, "", &plan->faults, &input));
    struct standings standings = standings_compute(&plan->arena, &input);
    json_t *json = standings_to_json(&input, &standings, AUDIENCE_RESTRICTED);
    const json_t *first = json_array_get(json_object_get(json, "items"), 0);
    const json_t *second = json_array_get(json_object_get(json, "items"), 1);
    assert_string_equal(text_of(first, "unit_id"), "unit-b");
    assert_string_equal(text_of(first, "status"), "SECURE");
    assert_string_equal(text_of(second, "status"), "OUT");
    assert_string_equal(text_of(second, "group"), "HUYEN");
    assert_int_equal(json_integer_value(json_object_get(second, "rank")), 2);
    assert_string_equal(text_of(json_object_get(second, "decided_by"), "key"), "index");
    assert_string_equal(text_of(json_object_get(second, "decided_by"), "margin"), "-0.91"); // 0,909… rounded down
    json_decref(json);
    json_decref(extra);
}

// The plan with one key in the place of its own: `leaf` as a condition.
static bool with_condition(struct plan *plan, const char *leaf, struct rule_faults *faults,
                           struct rule_set_document *ret_document)
{
    json_t *copy = json_deep_copy(plan->criteria_set), *condition = json_loads(leaf, 0, NULL);
    assert_non_null(condition);
    json_object_set_new(json_object_get(copy, "standings"), "keys",
                        json_pack("[{s:s, s:{s:s, s:s}, s:[s], s:s, s:s, s:s, s:o}]", "id", "women", "text", "vi", "v",
                                  "en", "e", "citations", "III.1.a", "direction", "descending", "nulls", "last", "kind",
                                  "condition", "leaf", condition));
    bool good = rule_set_from_json(&plan->arena, copy, faults, ret_document);
    json_decref(copy);
    return good;
}

#define LEAF(members)                                                                                                  \
    "{\"id\": \"w\", \"text\": {\"vi\": \"v\", \"en\": \"e\"}, \"citations\": [\"III.1.a\"], " members "}"
#define SEVENTY                                                                                                        \
    LEAF("\"kind\": \"ratio\", \"part\": \"index_achieved\", \"whole\": \"index_maximum\", \"op\": \">=\", \"p\": 7, " \
         "\"q\": 10, \"whole_zero\": \"false\"")

// NĐ 98/2023 art. 4(6): a share of at least 70 % is a condition. 90 % does not beat 75 %.
static void a_condition_is_met_or_not(void **state)
{
    struct plan *plan = *state;
    struct rule_faults faults = {.arena = &plan->arena};
    struct rule_set_document document;
    static const char *const achieved[] = {"90.00", "75.00", "70.00", "69.99", NULL};
    bool good = with_condition(plan, SEVENTY, &faults, &document);
    print_faults(&faults);
    assert_true(good);
    struct contestant contestants[5];
    for (size_t i = 0; i < 5; i++) {
        json_t *value = achieved[i] ? json_string(achieved[i]) : json_null();
        struct situation situation =
            situation_of(plan, json_pack("{s:{s:s, s:{s:{s:o}, s:{s:s}}}}", "unit", "unit_id",
                                         (const char *[]){"a", "b", "c", "d", "e"}[i], "facts", "index_achieved",
                                         "value", value, "index_maximum", "value", "100.00"));
        contestants[i] = contestant_of(&plan->arena, document.standings, &situation.parameters, &situation.facts,
                                       i == 4 ? OVERALL_PENDING : OVERALL_ELIGIBLE);
        assert_int_equal(contestants[i].keys[0].known, achieved[i] != NULL);
    }
    struct standings_input input;
    assert_true(standings_input_from_json(&plan->arena, document.standings, contestants, 5, NULL, "", &faults, &input));
    struct standings standings = standings_compute(&plan->arena, &input);
    static const int64_t ranks[] = {1, 1, 1, 4, 5};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(standings.rows[i].rank, ranks[i]);
    assert_int_equal(standings.rows[0].tied_with_count, 2);
}

static void a_key_takes_only_a_leaf_that_it_can_show(void **state)
{
    struct plan *plan = *state;
    static const struct {
        const char *leaf, *pointer;
        enum rule_fault_kind kind;
    } refused[] = {
        {LEAF("\"kind\": \"flag\", \"fact\": \"nowhere\", \"value\": true"), "/standings/keys/0/leaf",
         FAULT_UNKNOWN_FACT},
        {LEAF("\"kind\": \"flag\", \"fact\": \"advises_par\", \"value\": true, \"more\": 1"),
         "/standings/keys/0/leaf/more", FAULT_UNKNOWN_MEMBER},
        {LEAF("\"kind\": \"flag\", \"fact\": \"advises_par\", \"value\": true, \"applies_when\": {\"kind\": \"all\", "
              "\"of\": []}"),
         "/standings/keys/0/leaf", FAULT_TOO_DEEP},
        {"{\"kind\": \"all\", \"of\": []}", "/standings/keys/0/leaf/of", FAULT_TOO_DEEP},
        {LEAF("\"kind\": \"nothing\""), "/standings/keys/0/leaf", FAULT_UNKNOWN_KIND},
        {LEAF("\"kind\": \"absence\", \"register\": \"discipline\""), "/standings/keys/0/leaf",
         FAULT_BAD_VALUE}, // who was disciplined is not public
        {LEAF("\"kind\": \"deadline\", \"fact\": \"dossier_received_at\", \"limit\": {\"param\": \"year_last_day\"}, "
              "\"bound\": \"not_after\", \"working_days\": -2"),
         "/standings/keys/0/leaf", FAULT_BAD_VALUE},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct rule_faults faults = {.arena = &plan->arena};
        struct rule_set_document document;
        assert_false(with_condition(plan, refused[i].leaf, &faults, &document));
        bool found = false;
        for (size_t k = 0; k < faults.count; k++)
            found |=
                faults.items[k].kind == refused[i].kind && strcmp(faults.items[k].pointer, refused[i].pointer) == 0;
        if (!found)
            print_faults(&faults);
        assert_true(found);
    }
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
            struct fact *facts = arena_array(&plan->arena, rules->source->fact_count, sizeof *facts);
            memcpy(facts, full.facts.facts, rules->source->fact_count * sizeof *facts);
            facts[forgotten].value.type = VALUE_UNKNOWN;
            less.facts.facts = facts;
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
        cmocka_unit_test(it_explains_with_figures),
        cmocka_unit_test(it_explains_in_the_words_of_the_country),
        cmocka_unit_test(it_says_of_guards_and_holds_whether_they_are_so),
        cmocka_unit_test(it_says_in_words_what_is_not_known),
        cmocka_unit_test(the_public_sees_clauses_only),
        cmocka_unit_test(the_same_verdict_gives_the_same_bytes),
        cmocka_unit_test(the_hash_is_of_the_meaning),
        cmocka_unit_test(standings_come_out_of_facts),
        cmocka_unit_test(a_condition_is_met_or_not),
        cmocka_unit_test(a_key_takes_only_a_leaf_that_it_can_show),
        cmocka_unit_test(one_more_fact_takes_nothing_back),
        cmocka_unit_test(the_law_table_gives_the_bonus),
    };
    return cmocka_run_group_tests(tests, load_plan, release_plan);
}
