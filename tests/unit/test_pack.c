// Facts and verdicts as bytes: there and back is the identity; broken bytes are refused or harmless.
#include "random_facts.h"

#include "base/pure/packing.h"
#include "engine/json/json_reader.h"
#include "thidua/facts_pack.h"
#include "thidua/verdict_pack.h"

static struct evaluation_parameters parameters_of(struct plan *plan)
{
    return situation_of(plan, json_object()).parameters;
}

static const char *text_of(struct plan *plan, const struct evaluation_parameters *parameters,
                           const struct unit_facts *facts, const struct verdict *verdict)
{
    struct verdict_view view = {plan->document.rules, parameters, facts, verdict, AUDIENCE_RESTRICTED};
    return verdict_to_text(&plan->arena, &view, NULL);
}

// It is written without a tree of values, member by member.
static void assert_canonical(struct plan *plan, const char *text)
{
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    assert_string_equal(json_canonical(&plan->arena, json, NULL), text);
    json_decref(json);
}

// An answer of its own is the same verdict with places for its citations, and with what stands beside it.
static void assert_answer(struct plan *plan, const struct evaluation_parameters *parameters,
                          const struct unit_facts *facts, const struct verdict *verdict)
{
    struct verdict_view view = {plan->document.rules, parameters, facts, verdict, AUDIENCE_UNIT};
    struct citation_table cited = {.arena = &plan->arena};
    const struct json_member beside[] = {json_text_member(&plan->arena, "zone", "\"\n\\ế"),
                                         json_text_member(&plan->arena, "as_of", NULL)};
    size_t length;
    char *answer = verdict_to_answer(&plan->arena, &plan->arena, view, beside, COUNT_OF(beside), &length);
    assert_int_equal(length, strlen(answer));
    assert_canonical(plan, answer);
    view.cited = &cited;
    json_t *json = json_loads(answer, 0, NULL), *expected = verdict_to_json(&plan->arena, &view);
    json_object_set_new(expected, "citations", json_loads(citations_to_text(&cited, NULL), 0, NULL));
    json_object_set_new(expected, "zone", json_string("\"\n\\ế"));
    json_object_set_new(expected, "as_of", json_null());
    assert_true(json_equal(json, expected));
    json_decref(json);
    json_decref(expected);
}

// Without their sources facts are judged as with them.
static void assert_judged_alike(struct plan *plan, const struct evaluation_parameters *parameters, const char *bytes,
                                size_t length, const char *result, size_t result_length)
{
    const struct rule_set *rules = plan->document.rules;
    struct unit_facts facts;
    struct verdict verdict;
    size_t size;
    assert_true(facts_unpack_judged(&plan->arena, rules->source, NULL, bytes, length, &facts));
    assert_null(facts.sources);
    criteria_evaluate(&plan->arena, rules, parameters, &facts, &verdict);
    const char *packed = verdict_pack(&plan->arena, rules, &verdict, &size);
    assert_int_equal(size, result_length);
    assert_memory_equal(packed, result, size);
}

// The bytes come back as the facts they were made of: the same bytes again, and the same verdict to the last letter.
static void there_and_back(void **state)
{
    struct plan *plan = *state;
    const struct rule_set *rules = plan->document.rules;
    struct evaluation_parameters parameters = parameters_of(plan);
    uint64_t seed = 20241231;
    for (int i = 0; i < 300; i++) {
        struct arena_mark mark = arena_mark(&plan->arena);
        struct unit_facts facts = random_facts(plan, &seed), again;
        struct verdict verdict, verdict_again;
        size_t length, length_again, result_length;
        const char *bytes = facts_pack(&plan->arena, rules->source, &facts, &length);
        assert_true(facts_unpack(&plan->arena, rules->source, NULL, bytes, length, &again));
        const char *bytes_again = facts_pack(&plan->arena, rules->source, &again, &length_again);
        assert_int_equal(length, length_again);
        assert_memory_equal(bytes, bytes_again, length);
        criteria_evaluate(&plan->arena, rules, &parameters, &facts, &verdict);
        const char *result = verdict_pack(&plan->arena, rules, &verdict, &result_length);
        assert_true(verdict_unpack(&plan->arena, rules, facts.unit_id, result, result_length, &verdict_again));
        assert_judged_alike(plan, &parameters, bytes, length, result, result_length);
        assert_string_equal(text_of(plan, &parameters, &facts, &verdict),
                            text_of(plan, &parameters, &again, &verdict_again));
        assert_canonical(plan, text_of(plan, &parameters, &facts, &verdict));
        assert_answer(plan, &parameters, &facts, &verdict);
        arena_rewind(&plan->arena, mark);
    }
}

// A register without a declaration of the unit's own takes the round's; one with its own keeps it.
static void registers_inherit(void **state)
{
    struct plan *plan = *state;
    const struct rule_set_source *source = plan->document.rules->source;
    struct register_facts *common = arena_array(&plan->arena, source->register_count, sizeof *common);
    struct register_facts *own = arena_array(&plan->arena, source->register_count, sizeof *own);
    struct situation base = situation_of(plan, json_object());
    size_t length;
    for (size_t i = 0; i < source->register_count; i++) {
        common[i] = (struct register_facts){
            .complete = true, .has_complete_through = true, .complete_through = 20000, .complete_source = "Công văn"};
        own[i] = base.facts.registers[i];
        own[i].inherits = i % 2 == 0;
        own[i].complete = false;
    }
    base.facts.registers = own;
    const char *bytes = facts_pack(&plan->arena, source, &base.facts, &length);
    struct unit_facts facts;
    assert_true(facts_unpack(&plan->arena, source, common, bytes, length, &facts));
    for (size_t i = 0; i < source->register_count; i++)
        assert_int_equal(facts.registers[i].complete, i % 2 == 0);
    assert_string_equal(facts.registers[0].complete_source, "Công văn");
}

// A text that the rules compare with is read once: wherever it stands it is the rules' own copy. Others stay as they
// are.
static void texts_of_the_rules_are_one(void **state)
{
    struct plan *plan = *state;
    const struct rule_set_source *source = plan->document.rules->source;
    struct situation base = situation_of(plan, json_object());
    struct finding *findings = arena_array(&plan->arena, source->content_count, sizeof *findings);
    const char *documents[] = {"PRESENT", "PRESENT", "PRESENT "};
    const char *const results[] = {"OUTSTANDING_LEADING", "OUTSTANDING_LEADING", "OUTSTANDING_LEADINGS", ""};
    struct unit_facts facts;
    size_t length;
    assert_int_equal(source->content_count, COUNT_OF(results));
    assert_int_equal(source->document_count, COUNT_OF(documents));
    for (size_t i = 0; i < COUNT_OF(results); i++)
        findings[i] = (struct finding){.result = results[i], .found_by = "home_affairs"};
    base.facts.findings = findings;
    base.facts.documents = documents;
    base.facts.documents_known = true;
    const char *bytes = facts_pack(&plan->arena, source, &base.facts, &length);
    assert_true(facts_unpack(&plan->arena, source, NULL, bytes, length, &facts));
    for (size_t i = 0; i < COUNT_OF(results); i++) {
        assert_string_equal(facts.findings[i].result, results[i]);
        assert_ptr_equal(facts.findings[i].found_by, facts.findings[0].found_by);
    }
    assert_ptr_equal(facts.findings[0].result, facts.findings[1].result);
    assert_ptr_equal(facts.documents[0], facts.documents[1]);
    assert_string_equal(facts.documents[2], "PRESENT ");
}

// No prefix of the bytes is taken for the whole, nor anything behind it.
static void nothing_missing_nothing_more(void **state)
{
    struct plan *plan = *state;
    const struct rule_set *rules = plan->document.rules;
    struct situation base = situation_of(plan, json_object());
    struct verdict verdict = judge(plan, &base);
    struct unit_facts facts;
    size_t length, result_length;
    const char *bytes = facts_pack(&plan->arena, rules->source, &base.facts, &length);
    const char *result = verdict_pack(&plan->arena, rules, &verdict, &result_length);
    for (size_t i = 0; i < length; i++)
        assert_false(facts_unpack(&plan->arena, rules->source, NULL, arena_copy(&plan->arena, bytes, i), i, &facts));
    for (size_t i = 0; i < result_length; i++)
        assert_false(verdict_unpack(&plan->arena, rules, "", arena_copy(&plan->arena, result, i), i, &verdict));
    assert_false(
        facts_unpack(&plan->arena, rules->source, NULL, arena_copy(&plan->arena, bytes, length), length + 1, &facts));
}

// Whatever one flipped byte makes of them, what is unpacked can be judged and told.
static void broken_bytes_do_no_harm(void **state)
{
    struct plan *plan = *state;
    const struct rule_set *rules = plan->document.rules;
    struct evaluation_parameters parameters = parameters_of(plan);
    uint64_t seed = 7;
    size_t taken = 0;
    for (int i = 0; i < 1000; i++) {
        struct arena_mark mark = arena_mark(&plan->arena);
        struct unit_facts facts = random_facts(plan, &seed), broken;
        struct verdict verdict;
        size_t length;
        const char *bytes = facts_pack(&plan->arena, rules->source, &facts, &length);
        char *copy = arena_copy(&plan->arena, bytes, length);
        copy[random_below(&seed, length)] ^= (char)(1U << random_below(&seed, 8));
        bool good = facts_unpack(&plan->arena, rules->source, NULL, copy, length, &broken);
        assert_int_equal(facts_unpack_judged(&plan->arena, rules->source, NULL, copy, length, &facts), good);
        if (good) {
            taken++;
            criteria_evaluate(&plan->arena, rules, &parameters, &broken, &verdict);
            assert_non_null(text_of(plan, &parameters, &broken, &verdict));
        }
        arena_rewind(&plan->arena, mark);
    }
    assert_in_range(taken, 1, 999);
}

// Bytes that claim more entries than they can hold get no room for them.
static void a_count_takes_no_more_room_than_its_bytes(void **state)
{
    static char zeros[200000];
    struct plan *plan = *state;
    const struct rule_set_source *source = plan->document.rules->source;
    struct packer packer = {.arena = &plan->arena};
    struct arena arena = {0};
    struct unit_facts facts;
    pack_byte(&packer, 1); // the form
    pack_text(&packer, "u");
    for (size_t i = 0; i < 2 * source->fact_count + 1; i++)
        pack_byte(&packer, 0); // no value, no source; no flag of the first register
    pack_number(&packer, sizeof zeros / 2);
    size_t length = packer.length;
    memcpy(zeros, packer.bytes, length);
    assert_false(facts_unpack(&arena, source, NULL, zeros, sizeof zeros, &facts));
    assert_in_range(arena.total, 1, sizeof zeros);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(there_and_back, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(a_count_takes_no_more_room_than_its_bytes, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(registers_inherit, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(texts_of_the_rules_are_one, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(nothing_missing_nothing_more, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(broken_bytes_do_no_harm, load_plan, release_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
