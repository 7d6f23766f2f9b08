// Groups whose units have no index, under rules that ask for one: what is asked would stay open for ever.
#include "app/command/load/plan_shape.h"

#include "engine/json/rule_set_json.h"
#include "thidua/arena.h"

#include <stdio.h>
#include <string.h>

// Those that a frame of scores measures (scorecard_tier() of the schema). Units of another kind have no index, ever.
static bool has_index(const char *kind)
{
    return is_word_of("PROVINCIAL_BODY PROVINCIAL_SUBUNIT DISTRICT DISTRICT_SUBUNIT COMMUNE", kind);
}

static const char *const index_facts[] = {"index_achieved", "index_maximum", NULL};

static bool is_index(const char *fact)
{
    return strcmp(fact, index_facts[0]) == 0 || strcmp(fact, index_facts[1]) == 0;
}

// The first criterion that the index alone leaves open for a unit of the group of which all else is as in `case_base`;
// "" if there is none.
static const char *open_criterion(struct arena *arena, const json_t *criteria_set, const char *group)
{
    struct rule_faults faults = {.arena = arena};
    struct rule_set_document document;
    struct verdict verdict;
    json_t *change = json_pack("{s:{s:s}}", "contestant_kind", "value", group);
    for (const char *const *fact = index_facts; *fact; fact++)
        if (json_object_get(json_object_get(criteria_set, "facts"), *fact))
            json_object_set_new(change, *fact, json_null());
    json_t *tried = json_copy((json_t *)(uintptr_t)criteria_set);
    json_object_set_new(tried, "cases",
                        json_pack("[{s:s, s:{s:{s:o}}, s:{s:s}}]", "name", group, "change", "unit", "facts", change,
                                  "expect", "overall", "ELIGIBLE"));
    bool read = rule_set_from_json(arena, tried, &faults, &document);
    json_decref(tried);
    if (!read || criteria_evaluate(arena, document.rules, document.cases->parameters, document.cases->facts,
                                   &verdict) != EVALUATION_OK)
        return "";
    const struct rule_set_source *source = document.rules->source;
    for (size_t c = 0; c < source->criterion_count; c++) {
        if (verdict.criteria[c].outcome != OUTCOME_PENDING)
            continue;
        struct evidence_list read_by = criteria_evidence(arena, document.rules, document.cases->parameters,
                                                         document.cases->facts, verdict.criteria[c].principal);
        for (size_t i = 0; i < read_by.count; i++)
            if (read_by.items[i].kind == EVIDENCE_FACT && is_index(source->facts[read_by.items[i].slot].name))
                return source->criteria[c].id;
    }
    return "";
}

// A key with `only_if` is never open where that is false.
static bool asks_for_index(const json_t *keys)
{
    const char *name;
    size_t i;
    json_t *member;
    if (json_is_string(keys))
        return is_index(json_string_value(keys));
    if (json_object_get(keys, "only_if"))
        return false;
    json_array_foreach(keys, i, member) if (asks_for_index(member)) return true;
    json_object_foreach((json_t *)(uintptr_t)keys, name, member) if (asks_for_index(member)) return true;
    return false;
}

static bool ranked_by_index(const json_t *criteria_set, const char *group)
{
    const json_t *standings = json_object_get(criteria_set, "standings"), *form;
    const json_t *own = json_object_get(json_object_get(standings, "keys_by_group"), group);
    size_t i;
    json_array_foreach(json_object_get(criteria_set, "forms"), i,
                       form) if (asks_for_index(json_object_get(form, "keys"))) return true;
    return asks_for_index(own ? own : json_object_get(standings, "keys"));
}

static void warn(const char *file, const char *place, const char *criterion, bool ranked)
{
    static const struct bilingual what = {
        "cảnh báo: đơn vị loại này không được chấm chỉ số; hãy giới hạn bằng \"applies_when\", \"keys_by_group\" hoặc "
        "\"only_if\", hoặc dùng điểm của nội dung; nếu không, sẽ mãi để ngỏ",
        "warning: no index is kept of units of this kind; keep what asks for it to other groups by \"applies_when\", "
        "\"keys_by_group\" or \"only_if\", or ask for scores of contents; else this stays open for ever"};
    static const struct bilingual standings = {"xếp hạng", "the standings"};
    const char *comma = *criterion && ranked ? ", " : "";
    fprintf(stderr, "thidua load: %s: %s: %s: %s%s%s / %s: %s%s%s\n", file, place, what.vi, criterion, comma,
            ranked ? standings.vi : "", what.en, criterion, comma, ranked ? standings.en : "");
}

void plan_warn_of_index(const char *file, const json_t *plan)
{
    const json_t *criteria_set = json_object_get(plan, "criteria_set"), *group, *kind;
    size_t g, k;
    json_array_foreach(json_object_get(plan, "groups"), g, group)
    {
        const char *code = json_string_value(json_object_get(group, "code"));
        json_array_foreach(json_object_get(group, "unit_kinds"), k, kind)
        {
            struct arena arena = {0};
            if (has_index(json_string_value(kind)))
                continue;
            const char *criterion = open_criterion(&arena, criteria_set, code);
            bool ranked = ranked_by_index(criteria_set, code);
            if (*criterion || ranked)
                warn(file, arena_format(&arena, "/groups/%zu/unit_kinds/%zu: %s", g, k, json_string_value(kind)),
                     criterion, ranked);
            arena_release(&arena);
        }
    }
}
