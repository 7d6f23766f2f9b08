// A unit's snapshot and an evaluation's parameters as JSON, under a rule set that has every kind of leaf: read, judged,
// explained to every audience, ranked. {"parameters": …, "unit": …}
//
// What must hold: the same facts, reordered or packed and unpacked, give the same bytes; only what is undetermined is
// decisive; the changes told are of leaves that are not as wished.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/json/facts_json.h"
#include "engine/json/json_reader.h"
#include "engine/json/rule_set_json.h"
#include "engine/json/standings_json.h"
#include "engine/json/verdict_json.h"
#include "thidua/facts_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rule_set_document document;

static const struct rule_set *rules_once(void)
{
    static struct arena arena;
    struct rule_faults faults = {.arena = &arena};
    if (document.rules)
        return document.rules;
    json_t *json = json_load_file(RULES, 0, NULL);
    if (!rule_set_from_json(&arena, json, &faults, &document))
        abort();
    json_decref(json);
    return document.rules;
}

static const char *tell(struct arena *arena, const struct evaluation_parameters *parameters,
                        const struct unit_facts *facts, enum audience audience)
{
    struct verdict verdict;
    if (criteria_evaluate(arena, document.rules, parameters, facts, &verdict) != EVALUATION_OK)
        return "";
    for (size_t i = 0; i < document.rules->node_count; i++)
        if (verdict.nodes[i].decisive && verdict.nodes[i].truth != TRUTH_UNDETERMINED)
            abort();
    for (size_t i = 0; i < verdict.change_count; i++)
        if (verdict.nodes[verdict.changes[i].node].truth == verdict.changes[i].to)
            abort();
    struct verdict_view view = {document.rules, parameters, facts, &verdict, audience};
    return verdict_to_text(arena, &view, NULL);
}

static void judge(struct arena *arena, const struct evaluation_parameters *parameters, const struct unit_facts *facts)
{
    const struct rule_set_source *source = document.rules->source;
    struct unit_facts unpacked;
    size_t length, length_again;
    const char *bytes = facts_pack(arena, source, facts, &length);
    if (!facts_unpack(arena, source, NULL, bytes, length, &unpacked))
        abort();
    const char *again = facts_pack(arena, source, &unpacked, &length_again);
    if (length != length_again || memcmp(bytes, again, length) != 0)
        abort();
    for (enum audience audience = AUDIENCE_RESTRICTED; audience <= AUDIENCE_PUBLIC; audience++)
        if (strcmp(tell(arena, parameters, facts, audience), tell(arena, parameters, &unpacked, audience)) != 0)
            abort();
    struct contestant contestants[2];
    contestants[0] = contestant_of(arena, document.standings, parameters, facts, OVERALL_PENDING);
    contestants[1] = contestant_of(arena, document.standings, parameters, &unpacked, OVERALL_ELIGIBLE);
    struct standings_input input = {.policy = document.standings, .contestants = contestants, .contestant_count = 2};
    struct standings standings = standings_compute(arena, &input);
    json_decref(standings_to_json(&input, &standings, standings.count, AUDIENCE_RESTRICTED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct rule_faults faults = {.arena = &arena};
    const struct rule_set_source *source = rules_once()->source;
    struct evaluation_parameters parameters;
    struct unit_facts facts, again;
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *unit = json_object_get(json, "unit");
    bool good = parameters_from_json(&arena, source, json_object_get(json, "parameters"), "/parameters", &faults,
                                     &parameters) &&
                facts_from_json(&arena, source, unit, "/unit", &faults, &facts);
    if (good != (faults.total == 0))
        abort();
    if (good) {
        judge(&arena, &parameters, &facts);
        json_t *sorted = json_loads(json_canonical(&arena, unit, NULL), 0, NULL);
        if (!facts_from_json(&arena, source, sorted, "/unit", &faults, &again) ||
            strcmp(tell(&arena, &parameters, &facts, AUDIENCE_RESTRICTED),
                   tell(&arena, &parameters, &again, AUDIENCE_RESTRICTED)) != 0)
            abort();
        json_decref(sorted);
    }
    json_decref(rule_faults_to_json(&faults));
    json_decref(json);
    arena_release(&arena);
    return 0;
}
