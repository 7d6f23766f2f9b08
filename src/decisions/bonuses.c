#include "decisions/bonuses.h"

#include "decisions/decisions.sql.h"
#include "decisions/law.h"
#include "evaluations/stored/stored.h"
#include "handler/run.h"

#include <string.h>

// What a condition asks is kept as letters beside the verdict.
static struct criterion_result *results_of_letters(struct arena *arena, const char *letters)
{
    static const char known[] = {[OUTCOME_PASS] = 'P',
                                 [OUTCOME_FAIL] = 'F',
                                 [OUTCOME_PENDING] = 'O',
                                 [OUTCOME_NOT_APPLICABLE] = 'N',
                                 [OUTCOME_DEFERRED] = 'D'};
    size_t count = strlen(letters);
    struct criterion_result *results = arena_array(arena, count, sizeof *results);
    for (size_t i = 0; i < count; i++)
        for (enum criterion_outcome outcome = OUTCOME_PASS; outcome <= OUTCOME_DEFERRED; outcome++)
            if (known[outcome] == letters[i])
                results[i].outcome = outcome;
    return results;
}

// In hundredths; -1: the plan's own table says.
static int64_t coefficient_of(const struct award_form *form, const char *tier, const struct criterion_result *criteria,
                              size_t count)
{
    for (size_t t = 0; tier && t < form->tier_count; t++)
        if (strcmp(form->tiers[t].name, tier) == 0 && form->tiers[t].coefficient >= 0)
            return form->tiers[t].coefficient;
    for (size_t i = 0; i < form->bonus_count; i++)
        if (!form->bonuses[i].when || form_outcome(form->bonuses[i].when, criteria, count) == OVERALL_ELIGIBLE)
            return form->bonuses[i].coefficient;
    return -1;
}

bool decision_bonuses(struct request *request, struct session *session, const char *decision, const char *evaluation,
                      const char *campaign, const char *date, const char **ret_json)
{
    const struct decision_bonus_units *units;
    struct stored_evaluation stored;
    size_t count;
    if (!stored_open(request, session, evaluation, &stored) ||
        !decision_bonus_units(request, session, decision, evaluation, &units, &count))
        return false;
    const struct rule_set_document *document = &stored.rules->document;
    json_t *all = defer_json(request, json_object());
    for (size_t i = 0; i < count; i++) {
        const struct award_form *form = form_named(&document->forms, units[i].form);
        int64_t coefficient =
            form ? coefficient_of(form, units[i].tier, results_of_letters(&request->arena, units[i].outcomes),
                                  document->rules->source->criterion_count)
                 : -1;
        long long vnd;
        const char *basis;
        if (!bonus_in_force(request, session, campaign, date, coefficient, &vnd, &basis))
            return false;
        json_object_set_new(all, units[i].unit_id,
                            json_pack("{s:I, s:o}", "vnd", (json_int_t)vnd, "basis", json_loads(basis, 0, NULL)));
    }
    *ret_json = json_canonical(&request->arena, all, NULL);
    return true;
}
