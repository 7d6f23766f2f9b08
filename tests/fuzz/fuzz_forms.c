// Bytes as what is stored of a round whose plan has forms of award, tiers, shares, clusters and balances: the facts of
// a unit, its verdict, the standings of all forms. Refused, or fit to be judged, ranked and told.
#include <stdint.h>
#include <string.h>

#include "engine/json/verdict_json.h"
#include "ranked.h"
#include "thidua/facts_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rule_set_document document;
static struct ranked_cases round_of_cases;

static void rank_once(void)
{
    static struct arena arena;
    struct rule_faults faults = {.arena = &arena};
    if (document.rules)
        return;
    json_t *json = json_load_file(FORMS, 0, NULL);
    if (!rule_set_from_json(&arena, json, &faults, &document) || !rank_cases(&arena, &document, &round_of_cases))
        abort();
    json_decref(json);
}

static void judge(struct arena *arena, const struct unit_facts *facts)
{
    struct ranked_cases ranked = round_of_cases;
    const struct evaluation_parameters *parameters = ranked.parameters[0];
    struct verdict verdict;
    if (criteria_evaluate(arena, document.rules, parameters, facts, &verdict) != EVALUATION_OK)
        return;
    struct verdict_view view = {document.rules, parameters, facts, &verdict, AUDIENCE_RESTRICTED};
    if (!verdict_to_text(arena, &view, NULL))
        abort();
    ranked.facts[0] = facts;
    ranked.verdicts[0] = verdict;
    rank_units(arena, &ranked, false, ranked.all);
    show_ranked(&ranked, ranked.all);
}

// What was read can be shown, and stored again.
static void read_standings(struct arena *arena, const char *bytes, size_t size)
{
    struct form_standings all[MOST_FORMS], again[MOST_FORMS];
    size_t length;
    if (!unpack_ranked(arena, &round_of_cases, bytes, size, all))
        return;
    show_ranked(&round_of_cases, all);
    const char *packed = pack_ranked(arena, &round_of_cases, all, &length);
    if (!unpack_ranked(arena, &round_of_cases, packed, length, again))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct unit_facts facts;
    struct verdict verdict;
    rank_once();
    char *bytes = malloc(size ? size : 1); // an exact copy: reading one byte beyond it is seen by ASan
    if (!bytes)
        return 0;
    memcpy(bytes, data, size);
    if (facts_unpack(&arena, document.rules->source, NULL, bytes, size, &facts))
        judge(&arena, &facts);
    if (verdict_unpack(&arena, document.rules, "unit", bytes, size, &verdict)) {
        struct verdict_view view = {document.rules, round_of_cases.parameters[0], round_of_cases.facts[0], &verdict,
                                    AUDIENCE_RESTRICTED};
        if (!verdict_to_text(&arena, &view, NULL))
            abort();
    }
    read_standings(&arena, bytes, size);
    free(bytes);
    arena_release(&arena);
    return 0;
}
