// A round's contestants and what it adds to the policy of standings, read for the engine.
#include "engine/json/standings_json.h"

#include <stdlib.h>
#include <string.h>

#include "engine/private.h"
#include "thidua/award_forms.h"
#include "thidua/identifier.h"

struct contestant contestant_of(struct arena *arena, const struct standing_policy *policy,
                                const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                enum overall_outcome overall)
{
    size_t kind = standing_group(policy, facts);
    struct standing_keys of_kind = standing_keys_of(policy, kind);
    struct key_value *keys = arena_array(arena, of_kind.count, sizeof *keys);
    for (size_t i = 0; i < of_kind.count; i++)
        keys[i] = standing_key_value(&of_kind.items[i], parameters, facts);
    const struct value *cluster = policy->clustered ? &facts->values[policy->cluster_slot] : NULL;
    return (struct contestant){.unit_id = facts->unit_id,
                               .group = kind,
                               .overall = overall,
                               .keys = keys,
                               .kind = kind,
                               .cluster = cluster && cluster->type == VALUE_TEXT ? cluster->text : NULL};
}

static size_t slot_of_kind(const struct standing_policy *policy, const char *name)
{
    return find_name(policy->groups, policy->group_count, sizeof *policy->groups, name);
}

// Which quota a group is in. Together they have no more groups than there are, however many quotas.
struct takings {
    struct taking {
        size_t quota, group;
    } * items;
    size_t count;
    bool *taken; // by group
};

static void take_group(struct takings *takings, size_t quota, size_t group)
{
    takings->items[takings->count++] = (struct taking){quota, group};
    takings->taken[group] = true;
}

// To each quota its groups, in the order in which they were taken.
static void hand_out_groups(struct arena *arena, const struct takings *takings, struct quota *quotas, size_t count)
{
    size_t *groups = arena_array(arena, takings->count, sizeof *groups);
    for (size_t i = 0; i < takings->count; i++)
        quotas[takings->items[i].quota].group_count++;
    for (size_t i = 0; i < count; i++) {
        quotas[i].groups = groups;
        groups += quotas[i].group_count;
        quotas[i].group_count = 0;
    }
    for (size_t i = 0; i < takings->count; i++) {
        struct quota *quota = &quotas[takings->items[i].quota];
        ((size_t *)(uintptr_t)quota->groups)[quota->group_count++] = takings->items[i].group;
    }
}

// A cluster that nobody is in needs no place.
static void read_quota_clusters(const struct json_reader *json, const struct standing_policy *policy,
                                const json_t *value, const char *pointer, size_t quota, struct takings *takings)
{
    static const char *const members[] = {"group", "cluster", NULL};
    const json_t *list = member_of(json, value, pointer, "clusters", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, "clusters");
    for (size_t i = 0; list && i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const char *at = pointer_at(json->arena, here, i);
        if (!require_object(json, item, at))
            continue;
        refuse_other_members(json, item, at, members, NULL);
        const char *group = text_member(json, item, at, "group", REQUIRED);
        const char *cluster = text_member(json, item, at, "cluster", REQUIRED);
        if (!policy->clusters || slot_of_kind(policy, group) == policy->group_count)
            rule_fault_report(json->faults, at, FAULT_BAD_VALUE, group);
        for (size_t slot = 0; policy->clusters && slot < policy->group_count; slot++)
            if (policy->clusters[slot] && !takings->taken[slot] && strcmp(policy->groups[slot].name, group) == 0 &&
                strcmp(policy->clusters[slot], cluster) == 0)
                take_group(takings, quota, slot);
    }
}

// A group as a whole, less the clusters that have a quota of their own.
static void read_quota_groups(const struct json_reader *json, const struct standing_policy *policy, const json_t *value,
                              const char *pointer, size_t quota, struct takings *takings)
{
    size_t count;
    const char **names = texts_member(json, value, pointer, "groups", OPTIONAL, &count);
    for (size_t i = 0; i < count; i++) {
        size_t first = slot_of_kind(policy, names[i]);
        if (first == policy->group_count)
            rule_fault_report(json->faults, pointer_to(json->arena, pointer, "groups"), FAULT_BAD_VALUE, names[i]);
        else if (takings->taken[first])
            rule_fault_report(json->faults, pointer, FAULT_QUOTA_OVERLAP, names[i]);
        for (size_t slot = first; slot < policy->group_count; slot++)
            if (!takings->taken[slot] && strcmp(policy->groups[slot].name, names[i]) == 0)
                take_group(takings, quota, slot);
    }
}

static void read_quotas(const struct json_reader *json, const struct standing_policy *policy, const json_t *object,
                        const char *pointer, struct standings_input *input)
{
    static const char *const members[] = {"name", "places", "of", "taken", "parent", "groups", "clusters", NULL};
    const json_t *list = member_of(json, object, pointer, "quotas", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, "quotas");
    size_t count = list ? json_array_size(list) : 0;
    if (count > STANDING_MOST_QUOTAS) {
        rule_fault_report(json->faults, here, FAULT_TOO_MANY, NULL);
        return;
    }
    struct quota *quotas = arena_array(json->arena, count, sizeof *quotas);
    struct takings takings = {.items = arena_array(json->arena, policy->group_count, sizeof *takings.items),
                              .taken = arena_array(json->arena, policy->group_count, sizeof *takings.taken)};
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        const char *at = pointer_at(json->arena, here, i);
        quotas[i].name = "";
        if (!require_object(json, value, at))
            continue;
        refuse_other_members(json, value, at, members, NULL);
        quotas[i].name = text_member(json, value, at, "name", REQUIRED);
        quotas[i].of_eligible = json_object_get(value, "of");
        if (quotas[i].of_eligible)
            choice_member(json, value, at, "of", &places_of_names[PLACES_OF_ELIGIBLE], 1, 0);
        else
            quotas[i].places = integer_member(json, value, at, "places", 0, 1000000, REQUIRED);
        quotas[i].taken = integer_member(json, value, at, "taken", 0, 1000000, OPTIONAL);
        read_quota_clusters(json, policy, value, at, i, &takings);
        const char *parent = text_member(json, value, at, "parent", i ? REQUIRED : OPTIONAL);
        while (i && quotas[i].parent < i && strcmp(quotas[quotas[i].parent].name, parent) != 0)
            quotas[i].parent++; // i itself stands for "not found": standings_check_quotas() refuses it
    }
    for (size_t i = 0; i < count; i++)
        if (json_is_object(json_array_get(list, i)))
            read_quota_groups(json, policy, json_array_get(list, i), pointer_at(json->arena, here, i), i, &takings);
    hand_out_groups(json->arena, &takings, quotas, count);
    if (standings_check_quotas(policy, quotas, count, here, json->faults)) {
        input->quotas = quotas;
        input->quota_count = count;
    }
}

// Contestants in the order of their ids, for people may have decided on each of them.
struct by_unit {
    struct contestant **items;
    size_t count;
};

static int compare_units(const void *a, const void *b)
{
    struct contestant *const *left = a, *const *right = b;
    return strcmp((*left)->unit_id, (*right)->unit_id);
}

static struct by_unit order_by_unit(struct arena *arena, struct contestant *contestants, size_t count)
{
    struct by_unit by_unit = {arena_array(arena, count, sizeof *by_unit.items), count};
    for (size_t i = 0; i < count; i++)
        by_unit.items[i] = &contestants[i];
    if (count)
        qsort(by_unit.items, count, sizeof(struct contestant *), compare_units);
    return by_unit;
}

// NULL: the unit does not compete.
static struct contestant *find_unit(const struct by_unit *by_unit, const char *unit_id)
{
    char lower[UUID_TEXT_LENGTH + 1];
    if (uuid_text_is_valid(unit_id, strlen(unit_id))) {
        memcpy(lower, unit_id, sizeof lower);
        uuid_text_lower(lower);
        unit_id = lower;
    }
    const struct contestant wanted = {.unit_id = unit_id}, *key = &wanted;
    struct contestant **found =
        by_unit->count ? bsearch(&key, by_unit->items, by_unit->count, sizeof(struct contestant *), compare_units)
                       : NULL;
    return found ? *found : NULL;
}

static void read_tie_decisions(const struct json_reader *json, const json_t *object, const char *pointer,
                               const struct by_unit *by_unit)
{
    const json_t *list = member_of(json, object, pointer, "tie_decisions", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, "tie_decisions");
    for (size_t i = 0; list && i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        const char *at = pointer_at(json->arena, here, i);
        size_t count;
        if (!require_object(json, value, at))
            continue;
        const char *id = text_member(json, value, at, "id", REQUIRED);
        const char **order = texts_member(json, value, at, "order", REQUIRED, &count);
        for (size_t place = 0; place < count; place++) {
            struct contestant *contestant = find_unit(by_unit, order[place]);
            if (contestant) {
                contestant->tie_decision = id;
                contestant->tie_place = (int64_t)place + 1;
            }
        }
    }
}

static void read_awarded(const struct json_reader *json, const json_t *object, const char *pointer,
                         const struct by_unit *by_unit)
{
    size_t count;
    const char **units = texts_member(json, object, pointer, "awarded", OPTIONAL, &count);
    for (size_t i = 0; i < count; i++) {
        struct contestant *contestant = find_unit(by_unit, units[i]);
        if (contestant)
            contestant->awarded = true;
    }
}

static void read_overrides(const struct json_reader *json, const json_t *object, const char *pointer,
                           struct standings_input *input)
{
    static const char *const members[] = {"unit_id", "decided", "by", "at", "reason", "legal_basis", NULL};
    const json_t *list = member_of(json, object, pointer, "overrides", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, "overrides");
    size_t count = list ? json_array_size(list) : 0;
    struct standing_override *overrides = arena_array(json->arena, count, sizeof *overrides);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        const char *at = pointer_at(json->arena, here, i);
        overrides[i].unit_id = "";
        if (!require_object(json, value, at))
            continue;
        refuse_other_members(json, value, at, members, NULL);
        overrides[i] = (struct standing_override){
            .unit_id = unit_id_member(json, value, at),
            .decided = (enum standing_status)choice_member(json, value, at, "decided", decided_status_names, 4,
                                                           STANDING_TIE_TO_DECIDE),
            .by = text_member(json, value, at, "by", REQUIRED),
            .at = text_member(json, value, at, "at", REQUIRED),
            .reason = text_member(json, value, at, "reason", REQUIRED),
            .legal_basis = text_member(json, value, at, "legal_basis", REQUIRED),
        };
    }
    input->overrides = overrides;
    input->override_count = count;
}

bool standings_input_from_json(struct arena *arena, const struct standing_policy *policy,
                               struct contestant *contestants, size_t contestant_count, const json_t *value,
                               const char *pointer, struct rule_faults *faults, struct standings_input *ret_input)
{
    static const char *const members[] = {"quotas", "awarded", "tie_decisions", "overrides", NULL};
    const struct json_reader json = {arena, faults};
    size_t before = faults->total;
    policy = standings_by_cluster(arena, policy, contestants, contestant_count);
    *ret_input =
        (struct standings_input){.policy = policy, .contestants = contestants, .contestant_count = contestant_count};
    if (!value || json_is_null(value))
        return true;
    if (!require_object(&json, value, pointer))
        return false;
    refuse_other_members(&json, value, pointer, members, NULL);
    read_quotas(&json, policy, value, pointer, ret_input);
    const struct by_unit by_unit = order_by_unit(arena, contestants, contestant_count);
    read_awarded(&json, value, pointer, &by_unit);
    read_tie_decisions(&json, value, pointer, &by_unit);
    read_overrides(&json, value, pointer, ret_input);
    return faults->total == before;
}
