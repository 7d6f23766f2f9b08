// Facts and verdicts as bytes: there and back is the identity; broken bytes are refused or harmless.
#include "plan.h"

#include "base/pure/packing.h"
#include "engine/json/json_reader.h"
#include "engine/json/standings_json.h"
#include "thidua/civil.h"
#include "thidua/facts_pack.h"
#include "thidua/facts_translation.h"
#include "thidua/verdict_pack.h"

static struct value random_value(struct plan *plan, uint64_t *seed, enum value_type type)
{
    static const char *const texts[] = {"", "HUYEN", "Đồng Xoài", "ACCEPTED", "PROVINCIAL"};
    struct value value = {type, {(int64_t)next_random(seed)}};
    if (random_below(seed, 10) < 3)
        return (struct value){.type = VALUE_UNKNOWN};
    if (type == VALUE_TEXT)
        value =
            (struct value){.type = type, .text = arena_text(&plan->arena, texts[random_below(seed, COUNT_OF(texts))])};
    else if (type == VALUE_BOOLEAN)
        value.number = (int64_t)random_below(seed, 2);
    else if (type == VALUE_DATE)
        value.number = random_between(seed, DATE_FIRST, DATE_LAST);
    else if (type == VALUE_INSTANT)
        value.number = random_between(seed, date_start(DATE_FIRST), date_start(DATE_LAST) + INT64_C(86400000000) - 1);
    return value;
}

// Sometimes none at all, and sometimes one that says nothing.
static const struct source *random_source(struct plan *plan, uint64_t *seed)
{
    if (random_below(seed, 4) == 0)
        return NULL;
    struct source *source = arena_new(&plan->arena, struct source);
    source->version = (int64_t)random_below(seed, 3);
    if (random_below(seed, 2))
        source->source = arena_format(&plan->arena, "contestants/%zu", random_below(seed, 100));
    if (random_below(seed, 2))
        source->recorded_at = "2025-01-02T08:00:00.123456+07:00";
    return source;
}

static struct register_facts random_register(struct plan *plan, uint64_t *seed,
                                             const struct register_declaration *declared,
                                             const struct entry **ret_entries)
{
    struct register_facts facts = {.known = random_below(seed, 8) > 0, .complete_through = DATE_FIRST};
    facts.inherits = random_below(seed, 2);
    if (!facts.inherits && random_below(seed, 2)) {
        facts.complete = facts.has_complete_through = true;
        facts.complete_through = (int32_t)random_below(seed, 40000);
        facts.complete_source = "Sổ theo dõi";
    }
    facts.entry_count = random_below(seed, 4);
    struct entry *entries = arena_array(&plan->arena, facts.entry_count, sizeof *entries);
    struct value *fields = arena_array(&plan->arena, facts.entry_count * declared->field_count, sizeof *fields);
    for (size_t i = 0; i < facts.entry_count; i++) {
        for (size_t j = 0; j < declared->field_count; j++)
            fields[i * declared->field_count + j] = random_value(plan, seed, declared->fields[j].type);
        entries[i] = (struct entry){"4f6f…", random_source(plan, seed)};
    }
    facts.fields = fields;
    *ret_entries = entries;
    return facts;
}

static struct unit_facts random_facts(struct plan *plan, uint64_t *seed)
{
    const struct rule_set_source *source = plan->document.rules->source;
    struct value *values = arena_array(&plan->arena, source->fact_count, sizeof *values);
    const struct source **sources = arena_array(&plan->arena, source->fact_count, sizeof *sources);
    const struct source **of_findings = arena_array(&plan->arena, source->content_count, sizeof *of_findings);
    const struct entry **entries = arena_array(&plan->arena, source->register_count, sizeof *entries);
    struct unit_sources *all_sources = arena_new(&plan->arena, struct unit_sources);
    struct register_facts *registers = arena_array(&plan->arena, source->register_count, sizeof *registers);
    struct finding *findings = arena_array(&plan->arena, source->content_count, sizeof *findings);
    struct value *scores = arena_array(&plan->arena, source->content_count, sizeof *scores);
    const char **documents = arena_array(&plan->arena, source->document_count, sizeof *documents);
    for (size_t i = 0; i < source->fact_count; i++) {
        values[i] = random_value(plan, seed, source->facts[i].type);
        sources[i] = random_source(plan, seed);
    }
    for (size_t i = 0; i < source->register_count; i++)
        registers[i] = random_register(plan, seed, &source->registers[i], &entries[i]);
    for (size_t i = 0; i < source->content_count; i++) {
        findings[i] = (struct finding){.result = random_below(seed, 3) ? "OUTSTANDING_LEADING" : NULL,
                                       .found_by = random_below(seed, 3) ? "home_affairs" : NULL};
        scores[i] = random_value(plan, seed, VALUE_DECIMAL);
        of_findings[i] = random_source(plan, seed);
    }
    bool known = random_below(seed, 4) > 0;
    for (size_t i = 0; known && i < source->document_count; i++)
        documents[i] = random_below(seed, 2) ? "PRESENT" : NULL;
    *all_sources = (struct unit_sources){sources, of_findings, entries};
    return (struct unit_facts){.unit_id = "0b7cc6f2-5e0c-4f5e-8f0a-0d6a3c1e9b11",
                               .values = values,
                               .sources = all_sources,
                               .registers = registers,
                               .findings = findings,
                               .scores = scores,
                               .documents_known = known,
                               .documents = documents};
}

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

// Facts for other rules: to the same declarations nothing changes; to another plan's and back, what both declare is
// kept, and what one of them lacks is not known: never false, never zero.
static void facts_go_over_to_other_rules_by_name(void **state)
{
    struct plan *plan = *state;
    static struct plan other;
    void *its = &other;
    assert_int_equal(read_plan(&other, CAMPAIGNS "/79-KH-UBND-MAU.json"), 0);
    const struct rule_set_source *from = plan->document.rules->source, *to = other.document.rules->source;
    struct facts_translation same = facts_translation(&plan->arena, from, from);
    struct facts_translation there = facts_translation(&plan->arena, from, to);
    struct facts_translation back = facts_translation(&plan->arena, to, from);
    assert_int_equal(same.missing_count, 0);
    assert_true(there.missing_count > 0 && back.missing_count > 0);
    uint64_t seed = 79;
    for (int i = 0; i < 200; i++) {
        struct arena_mark mark = arena_mark(&plan->arena);
        struct unit_facts facts = random_facts(plan, &seed), again, theirs, returned;
        size_t length, length_again;
        facts_translate(&plan->arena, &same, &facts, &again);
        const char *bytes = facts_pack(&plan->arena, from, &facts, &length);
        const char *bytes_again = facts_pack(&plan->arena, from, &again, &length_again);
        assert_int_equal(length, length_again);
        assert_memory_equal(bytes, bytes_again, length);
        facts_translate(&plan->arena, &there, &facts, &theirs);
        facts_translate(&plan->arena, &back, &theirs, &returned);
        for (size_t k = 0; k < from->fact_count; k++) {
            bool kept = back.facts[k] != SIZE_MAX && there.facts[back.facts[k]] == k;
            assert_int_equal(returned.values[k].type, kept ? facts.values[k].type : VALUE_UNKNOWN);
            if (kept && facts.values[k].type != VALUE_TEXT)
                assert_int_equal(returned.values[k].number, facts.values[k].number);
        }
        for (size_t k = 0; k < from->content_count; k++)
            assert_null(returned.findings[k].result); // the plans have no content in common
        assert_false(returned.documents_known);       // the other plan knows of no minutes
        assert_false(theirs.documents_known);         // nor this one of a table of own scores
        arena_rewind(&plan->arena, mark);
    }
    release_plan(&its);
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
        cmocka_unit_test_setup_teardown(there_and_back, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(a_count_takes_no_more_room_than_its_bytes, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(facts_go_over_to_other_rules_by_name, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(registers_inherit, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(texts_of_the_rules_are_one, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(nothing_missing_nothing_more, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(broken_bytes_do_no_harm, load_plan, release_plan),
        cmocka_unit_test_setup_teardown(standings_there_and_back, load_plan, release_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
