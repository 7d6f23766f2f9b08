// A rule set from text: parse, check, compile, then its own cases through evaluation, explanation, JSON and standings.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/json/rule_set_json.h"
#include "engine/json/standings_json.h"
#include "engine/json/verdict_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct arena *arena, const struct rule_set_document *document, const struct rule_case *each)
{
    struct verdict verdict;
    if (criteria_evaluate(arena, document->rules, each->parameters, each->facts, &verdict) != EVALUATION_OK)
        return;
    for (enum audience audience = AUDIENCE_RESTRICTED; audience <= AUDIENCE_PUBLIC; audience++) {
        struct verdict_view view = {document->rules, each->parameters, each->facts, &verdict, audience};
        const char *first = verdict_to_text(arena, &view, NULL), *second = verdict_to_text(arena, &view, NULL);
        if (strcmp(first, second) != 0)
            abort();
    }
    if (!document->standings)
        return;
    struct contestant twice[2];
    twice[0] = twice[1] = contestant_of(arena, document->standings, each->parameters, each->facts, verdict.overall);
    struct standings_input input = {.policy = document->standings, .contestants = twice, .contestant_count = 2};
    struct standings standings = standings_compute(arena, &input);
    json_decref(standings_to_json(&input, &standings, AUDIENCE_RESTRICTED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    struct rule_set_document document;
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    bool good = rule_set_from_json(&arena, json, &faults, &document);
    json_decref(json);
    if (good != (document.rules != NULL) || good != (faults.total == 0))
        abort();
    for (size_t i = 0; good && i < document.case_count; i++)
        judge(&arena, &document, &document.cases[i]);
    if (good)
        criteria_gate(document.rules, document.cases, document.case_count, &faults);
    json_decref(rule_faults_to_json(&faults));
    arena_release(&arena);
    return 0;
}
