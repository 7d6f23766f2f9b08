// What a verdict says of a unit, in words and figures, and to whom.
#include "plan.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_explains_with_figures),
        cmocka_unit_test(it_explains_in_the_words_of_the_country),
        cmocka_unit_test(it_says_of_guards_and_holds_whether_they_are_so),
        cmocka_unit_test(it_says_in_words_what_is_not_known),
        cmocka_unit_test(the_public_sees_clauses_only),
        cmocka_unit_test(the_same_verdict_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, load_plan, release_plan);
}
