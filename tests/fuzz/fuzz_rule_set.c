// A rule set from text: parse, check, compile, then its own cases through evaluation, explanation and JSON, and all of
// them together through the standings of every form.
#include <stdint.h>
#include <string.h>

#include "engine/json/verdict_json.h"
#include "ranked.h"

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
}

static const struct standing *row_of(const struct form_standings *list, const char *unit)
{
    const struct standing *row = list->standings.rows;
    while (strcmp(list->input.contestants[row->contestant].unit_id, unit) != 0)
        row++;
    return row;
}

// What is stored reads back the same, and the order in which units come decides nothing.
static void rank(struct arena *arena, const struct rule_set_document *document)
{
    struct ranked_cases ranked;
    struct form_standings again[MOST_FORMS], turned[MOST_FORMS] = {0};
    size_t length, length_again;
    if (!rank_cases(arena, document, &ranked))
        return;
    show_ranked(&ranked, ranked.all);
    const char *bytes = pack_ranked(arena, &ranked, ranked.all, &length), *bytes_again = "";
    if (unpack_ranked(arena, &ranked, bytes, length, again))
        bytes_again = pack_ranked(arena, &ranked, again, &length_again);
    if (!*bytes_again || length != length_again || memcmp(bytes, bytes_again, length) != 0)
        abort();
    rank_units(arena, &ranked, true, turned);
    for (size_t list = 0; list < ranked.lists; list++)
        for (size_t i = 0; i < ranked.units; i++) {
            const char *unit = ranked.all[list].input.contestants[i].unit_id;
            const struct standing *one = row_of(&ranked.all[list], unit), *other = row_of(&turned[list], unit);
            if (one->status != other->status || one->rank != other->rank || one->tier != other->tier)
                abort();
        }
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
        rank(&arena, &document);
    if (good)
        criteria_gate(document.rules, document.cases, document.case_count, &faults);
    json_decref(rule_faults_to_json(&faults));
    arena_release(&arena);
    return 0;
}
