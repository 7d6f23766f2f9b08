// An evaluation as a release stored it, judged again by the engine of now: the same bytes (tests/criteria/evaluations).
#include "engine/json/facts_json.h"
#include "engine/json/rule_set_json.h"
#include "engine/json/standings_json.h"
#include "testing.h"
#include "thidua/facts_pack.h"
#include "thidua/verdict_pack.h"

#include <string.h>

enum { HASH_BYTES = 32 }; // before a stored verdict: of its facts

struct evaluation {
    struct arena arena;
    struct rule_faults faults;
    json_t *stored;
    struct rule_set_document document;
    struct evaluation_parameters parameters;
    const struct register_facts *common;
};

static const char *bytes_of(struct arena *arena, const json_t *object, const char *member, size_t *ret_length)
{
    const char *hex = json_string_value(json_object_get(object, member));
    size_t length = strlen(hex) / 2;
    char *bytes = arena_allocate(arena, length + 1);
    for (size_t i = 0; i < length; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (char)strtol(digits, NULL, 16);
    }
    *ret_length = length;
    return bytes;
}

static void open_evaluation(struct evaluation *evaluation, const char *file)
{
    struct unit_facts common;
    *evaluation = (struct evaluation){.faults = {.arena = &evaluation->arena}};
    evaluation->stored = json_load_file(file, 0, NULL);
    assert_non_null(evaluation->stored);
    const json_t *stored = evaluation->stored, *inputs = json_object_get(stored, "inputs");
    assert_true(rule_set_from_json(&evaluation->arena, json_object_get(stored, "document"), &evaluation->faults,
                                   &evaluation->document));
    assert_string_equal(evaluation->document.hash, json_string_value(json_object_get(stored, "rule_set_hash")));
    const struct rule_set_source *source = evaluation->document.rules->source;
    assert_int_equal(source->semantics, json_integer_value(json_object_get(stored, "semantics")));
    assert_true(parameters_from_json(&evaluation->arena, source, json_object_get(stored, "parameters"), "",
                                     &evaluation->faults, &evaluation->parameters));
    json_t *snapshot = json_pack("{s:s, s:O}", "unit_id", "-", "registers", json_object_get(inputs, "registers"));
    assert_true(facts_from_json(&evaluation->arena, source, snapshot, "", &evaluation->faults, &common));
    json_decref(snapshot);
    evaluation->common = common.registers;
}

static void judge_again(struct evaluation *evaluation, const json_t *stored, struct contestant *ret_contestant)
{
    struct arena *arena = &evaluation->arena;
    const struct rule_set *rules = evaluation->document.rules;
    struct unit_facts facts;
    struct verdict verdict;
    size_t facts_length, results_length, length;
    const char *bytes = bytes_of(arena, stored, "facts", &facts_length);
    const char *results = bytes_of(arena, stored, "results", &results_length);
    assert_true(facts_unpack(arena, rules->source, evaluation->common, bytes, facts_length, &facts));
    assert_int_equal(criteria_evaluate(arena, rules, &evaluation->parameters, &facts, &verdict), EVALUATION_OK);
    assert_string_equal(overall_outcome_name(verdict.overall), json_string_value(json_object_get(stored, "overall")));
    const char *again = verdict_pack(arena, rules, &verdict, &length);
    assert_int_equal(length + HASH_BYTES, results_length);
    assert_memory_equal(again, results + HASH_BYTES, length);
    *ret_contestant =
        contestant_of(arena, evaluation->document.standings, &evaluation->parameters, &facts, verdict.overall);
}

static void an_evaluation_of_the_first_semantics_comes_out_the_same(void **state)
{
    (void)state;
    struct evaluation evaluation;
    struct contestant contestants[16];
    struct standings_input input;
    open_evaluation(&evaluation, CRITERIA_CASES "/evaluations/semantics-1.json");
    const json_t *verdicts = json_object_get(evaluation.stored, "verdicts");
    size_t count = json_array_size(verdicts), length, again_length;
    assert_in_range(count, 2, COUNT_OF(contestants));
    for (size_t i = 0; i < count; i++)
        judge_again(&evaluation, json_array_get(verdicts, i), &contestants[i]);
    assert_true(standings_input_from_json(&evaluation.arena, evaluation.document.standings, contestants, count,
                                          json_object_get(json_object_get(evaluation.stored, "inputs"), "standings"),
                                          "", &evaluation.faults, &input));
    struct standings standings = standings_compute(&evaluation.arena, &input);
    const char *again = standings_pack(&evaluation.arena, &input, &standings, &again_length);
    const char *bytes = bytes_of(&evaluation.arena, evaluation.stored, "standings", &length);
    assert_int_equal(again_length, length);
    assert_memory_equal(again, bytes, length);
    json_decref(evaluation.stored);
    arena_release(&evaluation.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_evaluation_of_the_first_semantics_comes_out_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
