// Standings out of facts, by the keys that a rule set declares, and as bytes.
#include "engine/json/standings_json.h"
#include "random_facts.h"
#include "thidua/verdict_pack.h"

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
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
    json_t *json = standings_to_json(&input, &standings, standings.count, AUDIENCE_RESTRICTED);
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

// Each of many may wait for a hundred things and tie with a hundred others.
static void standings_of_many_name_fewer_and_share_them(void **state)
{
    enum { MANY = 2000, TOGETHER = 100000 };
    struct plan *plan = *state;
    static struct contestant contestants[MANY];
    static struct standing rows[MANY];
    static size_t others[STANDING_MOST_LISTED];
    static const char *const open_facts[] = {"index_achieved", "discipline"};
    for (size_t i = 0; i < MANY; i++) {
        contestants[i] = (struct contestant){.unit_id = "unit", .open_facts = open_facts, .open_fact_count = 2};
        rows[i] = (struct standing){.contestant = i,
                                    .rank = 1,
                                    .against = SIZE_MAX,
                                    .waits_for = others,
                                    .waits_for_count = STANDING_MOST_LISTED,
                                    .tied_with = others,
                                    .tied_with_count = STANDING_MOST_LISTED};
        others[i % STANDING_MOST_LISTED] = i;
    }
    const struct standings_input input = {
        .policy = plan->document.standings, .contestants = contestants, .contestant_count = MANY};
    const struct standings standings = {.rows = rows, .count = MANY};
    json_t *json = standings_to_json(&input, &standings, standings.count, AUDIENCE_RESTRICTED),
           *items = json_object_get(json, "items");
    const json_t *first = json_array_get(items, 0), *last = json_array_get(items, MANY - 1);
    assert_int_equal(json_array_size(items), MANY);
    assert_int_equal(json_array_size(json_object_get(first, "waits_for")), TOGETHER / MANY);
    assert_int_equal(json_array_size(json_object_get(first, "tied_with")), TOGETHER / MANY);
    const json_t *waited = json_array_get(json_object_get(first, "waits_for"), 2);
    assert_ptr_equal(waited, json_array_get(json_object_get(last, "waits_for"), 2));
    json_decref(json);
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

static void standings_there_and_back(void **state)
{
    struct plan *plan = *state;
    const struct standing_policy *policy = plan->document.standings;
    struct contestant contestants[40];
    struct rule_faults faults = {.arena = &plan->arena};
    struct standings_input input;
    struct standings again;
    uint64_t seed = 6;
    size_t length;
    for (size_t i = 0; i < COUNT_OF(contestants); i++) {
        struct unit_facts facts = random_facts(plan, &seed);
        facts.unit_id = arena_format(&plan->arena, "unit-%02zu", i);
        contestants[i] =
            contestant_of(&plan->arena, policy, NULL, &facts, (enum overall_outcome)random_below(&seed, 4));
    }
    json_t *more = json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s}]}", "overrides", "unit_id", "unit-03", "decided",
                             "OUT", "by", "x", "at", "2025-01-02T08:00:00+07:00", "reason", "r", "legal_basis", "l");
    assert_true(
        standings_input_from_json(&plan->arena, policy, contestants, COUNT_OF(contestants), more, "", &faults, &input));
    struct standings standings = standings_compute(&plan->arena, &input);
    const char *bytes = standings_pack(&plan->arena, &input, &standings, &length);
    assert_true(standings_unpack(&plan->arena, &input, bytes, length, &again));
    json_t *first = standings_to_json(&input, &standings, standings.count, AUDIENCE_RESTRICTED);
    json_t *second = standings_to_json(&input, &again, again.count, AUDIENCE_RESTRICTED);
    assert_true(json_equal(first, second));
    for (size_t i = 0; i < length; i++)
        assert_false(standings_unpack(&plan->arena, &input, arena_copy(&plan->arena, bytes, i), i, &again));
    json_decref(more);
    json_decref(first);
    json_decref(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standings_come_out_of_facts), cmocka_unit_test(standings_of_many_name_fewer_and_share_them),
        cmocka_unit_test(a_condition_is_met_or_not),   cmocka_unit_test(a_key_takes_only_a_leaf_that_it_can_show),
        cmocka_unit_test(standings_there_and_back),
    };
    return cmocka_run_group_tests(tests, load_plan, release_plan);
}
