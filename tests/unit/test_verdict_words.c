// What a verdict says of a unit, in words and figures, and to whom.
#include "requirement.h"

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

static const json_t *leaf_named(const json_t *criterion, const char *id)
{
    size_t i;
    json_t *leaf;
    json_array_foreach(json_object_get(criterion, "leaves"), i, leaf)
    {
        if (strcmp(text_of(leaf, "id"), id) == 0)
            return leaf;
    }
    fail_msg("no leaf %s", id);
    return NULL;
}

// II.1 asks of a sub-unit that it advises. Of a department that is neither asked nor missed.
static void it_says_of_a_part_that_does_not_apply_that_it_does_not(void **state)
{
    struct plan *plan = *state;
    struct situation situation =
        situation_of(plan, json_pack("{s:{s:{s:{s:s}, s:{s:b}}}}", "unit", "facts", "contestant_kind", "value",
                                     "SO_BAN_NGANH", "advises_par", "value", 0));
    struct verdict verdict = judge(plan, &situation);
    struct verdict_view view = {plan->document.rules, &situation.parameters, &situation.facts, &verdict,
                                AUDIENCE_RESTRICTED};
    json_t *json = verdict_to_json(&plan->arena, &view);
    const json_t *contestant = criterion_named(json, "II.1");
    assert_string_equal(text_of(contestant, "result"), "PASS");
    const json_t *guard = leaf_named(contestant, "sub_unit_kind"), *advises = leaf_named(contestant, "advises_par");
    assert_string_equal(text_of(guard, "role"), "APPLIES_WHEN");
    assert_string_equal(text_of(json_object_get(guard, "explanation"), "en"),
                        "Is a sub-unit: no. Observed: Provincial departments; condition: Units under departments | "
                        "Units under districts. What hangs on it does not apply.");
    assert_non_null(strstr(text_of(json_object_get(guard, "explanation"), "vi"), ": không. Thực tế: Khối sở"));
    assert_string_equal(text_of(advises, "role"), "REQUIRES");
    assert_string_equal(text_of(json_object_get(advises, "explanation"), "en"),
                        "The sub-unit advises on administrative reform: not applicable. Observed: false; required: "
                        "true.");
    assert_non_null(strstr(text_of(json_object_get(advises, "explanation"), "vi"), ": không áp dụng. Thực tế: không"));
    json_decref(json);
}

// What one requirement says of a unit: in English, of the node of that number.
static const char *said(struct bench *bench, const char *requires, const char *unit, const char *parameters,
                        uint16_t node)
{
    struct evaluation_parameters read_parameters;
    struct unit_facts facts;
    assert_true(build(bench, requires));
    const struct rule_set_source *source = bench->document.rules->source;
    json_t *of_unit = json_of_text(&bench->arena, unit), *of_round = json_of_text(&bench->arena, parameters);
    assert_true(facts_from_json(&bench->arena, source, of_unit, "", &bench->faults, &facts));
    assert_true(parameters_from_json(&bench->arena, source, of_round, "", &bench->faults, &read_parameters));
    struct verdict verdict = judge_text(bench, unit, parameters);
    const char *text =
        criteria_explanation(&bench->arena, bench->document.rules, &read_parameters, &facts, &verdict, node, true);
    json_decref(of_unit);
    json_decref(of_round);
    return text;
}

// What must not be is neither met nor missed: it is so or not.
static void it_says_of_what_must_not_be_whether_it_is(void **state)
{
    (void)state;
    struct bench bench;
    const char *none_of = "{'kind':'not','of':[" FLAG("a") "]}";
    assert_string_equal(said(&bench, none_of, "{'unit_id':'u','facts':{'a':{'value':true}}}", PARAMETERS, 1),
                        "e: yes. Observed: true; condition: true. It must not be so.");
    arena_release(&bench.arena);
    assert_string_equal(said(&bench, none_of, "{'unit_id':'u','facts':{'a':{'value':false}}}", PARAMETERS, 1),
                        "e: no. Observed: false; condition: true.");
    arena_release(&bench.arena);
    const char *twice = "{'kind':'not','of':[{'kind':'not','of':[" FLAG("a") "]}]}";
    assert_string_equal(said(&bench, twice, "{'unit_id':'u','facts':{'a':{'value':false}}}", PARAMETERS, 2),
                        "e: not met. Observed: false; required: true.");
    arena_release(&bench.arena);
}

// A day that the round does not have yet is no fault of an entry, though that day has no words of its own.
static void it_blames_no_entry_for_a_day_that_is_not_fixed(void **state)
{
    (void)state;
    struct bench bench;
    const char *entered = "{'unit_id':'u','registers':{'awards':{'complete':true,'complete_through':'2025-12-31',"
                          "'entries':[{'id':'e','on':'2024-03-01'}]}}}";
    const char *requires = "{'kind':'count','id':'n','register':'awards','where':[{'field':'on','op':'<=','value':"
                           "{'param':'conference'}}],'op':'>=','n':1," WORDS "}";
    const char *text = said(&bench, requires, entered, "{'as_of':'2025-01-10T00:00:00+07:00','award_year':2024}", 0);
    assert_non_null(strstr(text, "The limit is not known yet."));
    assert_null(strstr(text, "An entry lacks"));
    arena_release(&bench.arena);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_explains_with_figures),
        cmocka_unit_test(it_explains_in_the_words_of_the_country),
        cmocka_unit_test(it_says_of_guards_and_holds_whether_they_are_so),
        cmocka_unit_test(it_says_of_a_part_that_does_not_apply_that_it_does_not),
        cmocka_unit_test(it_says_of_what_must_not_be_whether_it_is),
        cmocka_unit_test(it_blames_no_entry_for_a_day_that_is_not_fixed),
        cmocka_unit_test(it_says_in_words_what_is_not_known),
        cmocka_unit_test(the_public_sees_clauses_only),
        cmocka_unit_test(the_same_verdict_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, load_plan, release_plan);
}
