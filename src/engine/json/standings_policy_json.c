// The policy of standings, as a rule set declares it.
#include <string.h>

#include "engine/json/forms/forms_json.h"
#include "engine/private.h"

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
    policy->declared_count = policy->group_count;
}

static void read_keys_by_group(const struct rule_reader *reader, const json_t *value, const char *pointer,
                               struct standing_policy *policy)
{
    const struct json_reader *json = &reader->json;
    const char *here = pointer_to(json->arena, pointer, "keys_by_group");
    json_t *object = (json_t *)(uintptr_t)member_of(json, value, pointer, "keys_by_group", JSON_OBJECT, OPTIONAL);
    if (!object || !needs_semantics(reader, here, 2, "keys_by_group"))
        return;
    struct standing_keys *keys = arena_array(json->arena, policy->group_count, sizeof *keys);
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        const char *name = json_object_iter_key(at);
        size_t slot = find_name(policy->groups, policy->group_count, sizeof *policy->groups, name);
        if (slot == policy->group_count)
            rule_fault_report(json->faults, pointer_to(json->arena, here, name), FAULT_UNKNOWN_GROUP, name);
        else
            keys[slot] = read_keys(reader, object, here, name);
    }
    policy->keys_of_group = keys;
}

const struct standing_policy *standing_policy_from_json(const struct rule_reader *reader, const json_t *value,
                                                        const char *pointer, bool has_forms)
{
    static const char *const members[] = {"group_by", "cluster_by",    "groups", "keys", "cap",
                                          "ties",     "keys_by_group", "note",   NULL};
    static const char *const ties[] = {"admit_none", "admit_all", "decide"};
    const struct json_reader *json = &reader->json;
    size_t before = json->faults->total;
    struct standing_policy *policy = arena_new(json->arena, struct standing_policy);
    if (!require_object(json, value, pointer))
        return NULL;
    refuse_other_members(json, value, pointer, members, NULL);
    policy->group_slot = fact_slot(reader, value, pointer, "group_by", 1U << VALUE_TEXT);
    policy->clustered = json_object_get(value, "cluster_by") != NULL;
    policy->keeps_clusters = policy->clustered && reader->source->semantics >= 2;
    if (policy->clustered)
        policy->cluster_slot = fact_slot(reader, value, pointer, "cluster_by", 1U << VALUE_TEXT);
    policy->cap = integer_member(json, value, pointer, "cap", 0, 1000000, has_forms ? OPTIONAL : REQUIRED);
    if (has_forms)
        policy->cap = FORM_MOST_PLACES;
    if (has_forms && json_object_get(value, "cap"))
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "cap"), FAULT_CAP_BESIDE_FORMS, NULL);
    policy->ties = (enum tie_policy)choice_member(json, value, pointer, "ties", ties, 3, TIES_DECIDE);
    read_groups(reader, value, pointer, policy);
    struct standing_keys keys = read_keys(reader, value, pointer, "keys");
    policy->keys = keys.items;
    policy->key_count = keys.count;
    read_keys_by_group(reader, value, pointer, policy);
    return json->faults->total == before ? policy : NULL;
}
