// Bytes as the facts or the verdict of a unit under plan 230: refused, or fit to be judged and told.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/json/rule_set_json.h"
#include "engine/json/verdict_json.h"
#include "thidua/facts_pack.h"
#include "thidua/verdict_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rule_set_document document;

static const struct rule_set_document *rules_once(void)
{
    static struct arena arena;
    struct rule_faults faults = {.arena = &arena};
    json_error_t error;
    if (document.rules)
        return &document;
    json_t *campaign = json_load_file(CAMPAIGNS "/230-KH-UBND.json", 0, &error);
    if (!rule_set_from_json(&arena, json_object_get(campaign, "criteria_set"), &faults, &document))
        abort();
    json_decref(campaign);
    return &document;
}

static void tell(struct arena *arena, const struct unit_facts *facts, const struct verdict *verdict)
{
    struct verdict_view view = {document.rules, document.cases[0].parameters, facts, verdict, AUDIENCE_RESTRICTED};
    if (!verdict_to_text(arena, &view, NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct unit_facts facts;
    struct verdict verdict;
    const struct rule_set *rules = rules_once()->rules;
    const struct rule_case *base = &document.cases[0];
    // An exact copy: reading one byte beyond it is seen by ASan.
    char *bytes = malloc(size ? size : 1);
    if (!bytes)
        return 0;
    memcpy(bytes, data, size);
    if (facts_unpack(&arena, rules->source, NULL, bytes, size, &facts) &&
        criteria_evaluate(&arena, rules, base->parameters, &facts, &verdict) == EVALUATION_OK)
        tell(&arena, &facts, &verdict);
    if (verdict_unpack(&arena, rules, "unit", bytes, size, &verdict))
        tell(&arena, base->facts, &verdict);
    free(bytes);
    arena_release(&arena);
    return 0;
}
