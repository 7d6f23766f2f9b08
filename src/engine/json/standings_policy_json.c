// The policy of standings, as a rule set declares it.
#include <string.h>

#include "engine/json/standings_json.h"
#include "engine/private.h"

static size_t fact_slot(const struct rule_reader *reader, const struct rule_set_source *source, const json_t *object,
                        const char *pointer, const char *key, unsigned types)
{
    const char *name = text_member(&reader->json, object, pointer, key, REQUIRED);
    const char *here = pointer_to(reader->json.arena, pointer, key);
    for (size_t i = 0; i < source->fact_count; i++) {
        if (strcmp(source->facts[i].name, name) != 0)
            continue;
        if (!(types >> source->facts[i].type & 1))
            rule_fault_report(reader->json.faults, here, FAULT_TYPE_MISMATCH, name);
        return i;
    }
    rule_fault_report(reader->json.faults, here, FAULT_UNKNOWN_FACT, name);
    return 0;
}

static void read_contents(const struct rule_reader *reader, const struct rule_set_source *source, const json_t *object,
                          const char *pointer, struct standing_key *key)
{
    const char **names = texts_member(&reader->json, object, pointer, "contents", REQUIRED, &key->content_count);
    size_t *slots = arena_array(reader->json.arena, key->content_count, sizeof *slots);
    if (key->content_count == 0)
        rule_fault_report(reader->json.faults, pointer, FAULT_EMPTY, "contents");
    for (size_t i = 0; i < key->content_count; i++) {
        size_t slot = 0;
        while (slot < source->content_count && strcmp(source->contents[slot].name, names[i]) != 0)
            slot++;
        if (slot == source->content_count)
            rule_fault_report(reader->json.faults, pointer, FAULT_UNKNOWN_CONTENT, names[i]);
        slots[i] = slot;
    }
    key->contents = slots;
}

static void read_key_facts(const struct rule_reader *reader, const struct rule_set_source *source, const json_t *object,
                           const char *pointer, struct standing_key *key)
{
    const unsigned numbers = 1U << VALUE_INTEGER | 1U << VALUE_DECIMAL;
    if (key->kind == KEY_FACT) {
        key->slot = fact_slot(reader, source, object, pointer, "fact", numbers);
        key->decimals = source->fact_count ? source->facts[key->slot].decimals : 0;
        return;
    }
    key->slot = fact_slot(reader, source, object, pointer, "part", numbers);
    key->whole_slot = fact_slot(reader, source, object, pointer, "whole", numbers);
    key->decimals = 2;
    if (source->fact_count && source->facts[key->slot].decimals != source->facts[key->whole_slot].decimals)
        rule_fault_report(reader->json.faults, pointer, FAULT_TYPE_MISMATCH, "whole");
}

// A leaf as it stands in criteria, without a guard. It judges a unit by its own facts, so that a share of 90 % is no
// better than one of 75 % where 70 % are asked for (NĐ 98/2023 art. 4(6)).
static void read_condition(const struct rule_reader *reader, const struct rule_set_source *source, const json_t *object,
                           const char *pointer, struct standing_key *key)
{
    const struct json_reader *json = &reader->json;
    const json_t *value = member_of(json, object, pointer, "leaf", JSON_OBJECT, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, "leaf");
    size_t before = json->faults->total;
    if (!value)
        return;
    const struct expression *condition = read_expression(reader, value, here, RULES_MOST_DEPTH);
    if (json->faults->total != before)
        return;
    if (!condition->leaf) {
        rule_fault_report(json->faults, here, FAULT_UNKNOWN_KIND, NULL);
        return;
    }
    key->leaf = condition->leaf;
    check_single_leaf(json->arena, source, json->faults, key->leaf);
}

static struct standing_key read_key(const struct rule_reader *reader, const struct rule_set_source *source,
                                    const json_t *value, const char *pointer)
{
    static const char *const kinds[] = {"finding_count", "finding_score", "ratio", "fact", "condition"};
    static const char *const directions[] = {"descending", "ascending"};
    static const char *const nulls[] = {"last", "first"};
    static const char *const common[] = {"id", "text", "citations", "direction", "nulls", "kind", NULL};
    static const char *const own[][4] = {
        {"contents", "result", NULL}, {"contents", NULL}, {"part", "whole", NULL}, {"fact", NULL}, {"leaf", NULL}};
    const struct json_reader *json = &reader->json;
    struct standing_key key = {.pointer = pointer, .id = ""};
    if (!require_object(json, value, pointer))
        return key;
    key.kind = (enum standing_key_kind)choice_member(json, value, pointer, "kind", kinds, 5, KEY_FACT);
    refuse_other_members(json, value, pointer, common, own[key.kind]);
    key.id = text_member(json, value, pointer, "id", REQUIRED);
    key.ascending = choice_member(json, value, pointer, "direction", directions, 2, 0) == 1;
    key.nulls_first = choice_member(json, value, pointer, "nulls", nulls, 2, 0) == 1;
    key.text = bilingual_member(json, value, pointer, "text");
    key.citations = read_citations(reader, value, pointer, REQUIRED, &key.citation_count);
    if (key.citation_count == 0)
        rule_fault_report(json->faults, pointer, FAULT_NO_CITATION, key.id);
    if (key.kind == KEY_RATIO || key.kind == KEY_FACT)
        read_key_facts(reader, source, value, pointer, &key);
    else if (key.kind == KEY_CONDITION)
        read_condition(reader, source, value, pointer, &key);
    else
        read_contents(reader, source, value, pointer, &key);
    if (key.kind == KEY_FINDING_COUNT)
        key.result = text_member(json, value, pointer, "result", REQUIRED);
    if (key.kind == KEY_FINDING_SCORE)
        key.decimals = 2;
    return key;
}

static void read_keys(const struct rule_reader *reader, const struct rule_set_source *source, const json_t *value,
                      const char *pointer, struct standing_policy *policy)
{
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, value, pointer, "keys", JSON_ARRAY, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, "keys");
    size_t count = list ? json_array_size(list) : 0;
    if (count == 0 || count > STANDING_MOST_KEYS) {
        rule_fault_report(json->faults, here, count ? FAULT_TOO_MANY : FAULT_EMPTY, NULL);
        return;
    }
    struct standing_key *keys = arena_array(json->arena, count, sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        keys[i] = read_key(reader, source, json_array_get(list, i), pointer_at(json->arena, here, i));
        for (size_t k = 0; k < i; k++)
            if (strcmp(keys[k].id, keys[i].id) == 0)
                rule_fault_report(json->faults, keys[i].pointer, FAULT_ID_TWICE, keys[i].id);
    }
    policy->keys = keys;
    policy->key_count = count;
}

static void read_groups(const struct rule_reader *reader, const json_t *value, const char *pointer,
                        struct standing_policy *policy)
{
    const struct json_reader *json = &reader->json;
    const json_t *object = member_of(json, value, pointer, "groups", JSON_OBJECT, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, "groups");
    struct named *groups = arena_array(json->arena, json_object_size(object), sizeof *groups);
    json_t *open = (json_t *)(uintptr_t)object;
    if (json_object_size(object) == 0 || json_object_size(object) > RULES_MOST_DECLARED)
        rule_fault_report(json->faults, here, FAULT_BAD_NUMBER, NULL);
    for (void *at = open ? json_object_iter(open) : NULL; at; at = json_object_iter_next(open, at)) {
        const char *name = arena_text(json->arena, json_object_iter_key(at));
        groups[policy->group_count++] = (struct named){name, bilingual_member(json, object, here, name)};
    }
    policy->groups = groups;
}

const struct standing_policy *standing_policy_from_json(const struct rule_reader *reader,
                                                        const struct rule_set_source *source, const json_t *value,
                                                        const char *pointer)
{
    static const char *const members[] = {"group_by", "cluster_by", "groups", "keys", "cap", "ties", "note", NULL};
    static const char *const ties[] = {"admit_none", "admit_all", "decide"};
    const struct json_reader *json = &reader->json;
    size_t before = json->faults->total;
    struct standing_policy *policy = arena_new(json->arena, struct standing_policy);
    if (!require_object(json, value, pointer))
        return NULL;
    refuse_other_members(json, value, pointer, members, NULL);
    policy->group_slot = fact_slot(reader, source, value, pointer, "group_by", 1U << VALUE_TEXT);
    policy->clustered = json_object_get(value, "cluster_by") != NULL;
    if (policy->clustered)
        policy->cluster_slot = fact_slot(reader, source, value, pointer, "cluster_by", 1U << VALUE_TEXT);
    policy->cap = integer_member(json, value, pointer, "cap", 0, 1000000, REQUIRED);
    policy->ties = (enum tie_policy)choice_member(json, value, pointer, "ties", ties, 3, TIES_DECIDE);
    read_groups(reader, value, pointer, policy);
    read_keys(reader, source, value, pointer, policy);
    return json->faults->total == before ? policy : NULL;
}
