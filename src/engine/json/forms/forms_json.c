#include "engine/json/forms/forms_reading.h"

#include <string.h>

static void read_form_policy(const struct rule_reader *reader, const json_t *value, const char *pointer,
                             const struct standing_policy *base, struct award_form *form)
{
    static const char *const ties[] = {"admit_none", "admit_all", "decide"};
    const struct json_reader *json = &reader->json;
    struct standing_policy *policy = arena_new(json->arena, struct standing_policy);
    *policy = *base;
    policy->cap = FORM_MOST_PLACES;
    policy->clustered = base->clustered && form->places.per != PLACES_PER_GROUP; // who shares places is compared
    if (json_object_get(value, "keys")) {
        struct standing_keys keys = read_keys(reader, value, pointer, "keys");
        policy->keys = keys.items;
        policy->key_count = keys.count;
        policy->keys_of_group = NULL;
    }
    if (json_object_get(value, "ties"))
        policy->ties = (enum tie_policy)choice_member(json, value, pointer, "ties", ties, 3, TIES_DECIDE);
    form->policy = policy;
}

static struct award_form read_form(const struct rule_reader *reader, const json_t *value, const char *pointer,
                                   const struct standing_policy *base)
{
    static const char *const members[] = {"form",   "text",     "citations", "category", "exclusive", "ties", "keys",
                                          "places", "eligible", "tiers",     "bonus",    "note",      NULL};
    const struct json_reader *json = &reader->json;
    struct award_form form = {.pointer = pointer, .code = "", .text = {"", ""}, .category = "thematic"};
    size_t citations;
    form.policy = base;
    form.exclusive = true;
    if (!require_object(json, value, pointer))
        return form;
    refuse_other_members(json, value, pointer, members, NULL);
    form.code = code_member(json, value, pointer, "form");
    form.text = bilingual_member(json, value, pointer, "text");
    read_citations(reader, value, pointer, REQUIRED, &citations);
    if (citations == 0)
        rule_fault_report(json->faults, pointer, FAULT_NO_CITATION, form.code);
    if (json_object_get(value, "category"))
        form.category = text_member(json, value, pointer, "category", REQUIRED);
    const json_t *exclusive = member_of(json, value, pointer, "exclusive", JSON_TRUE, OPTIONAL);
    form.exclusive = !exclusive || json_is_true(exclusive);
    form.places = read_places(reader, value, pointer);
    if (form.places.per == PLACES_PER_CLUSTER && !base->clustered)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer_to(json->arena, pointer, "places"), "per"),
                          FAULT_CLUSTERS_NEED_KEY, NULL);
    form.eligible = condition_member(reader, value, pointer, "eligible");
    read_form_policy(reader, value, pointer, base, &form);
    read_tiers(reader, value, pointer, &form);
    read_bonus(reader, value, pointer, &form);
    return form;
}

struct award_forms award_forms_from_json(const struct rule_reader *reader, const json_t *root,
                                         const struct standing_policy *policy)
{
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, root, "", "forms", JSON_ARRAY, OPTIONAL);
    struct award_forms forms = {0};
    size_t count = list ? json_array_size(list) : 0;
    read_balances(reader, root, policy, &forms);
    if (!list || !needs_semantics(reader, "/forms", 2, "forms"))
        return forms;
    if (count == 0 || count > FORMS_MOST || !policy) {
        if (policy || !json_object_get(root, "standings")) // else its own faults are told
            rule_fault_report(json->faults, policy ? "/forms" : "/standings",
                              !policy ? FAULT_MISSING_MEMBER
                              : count ? FAULT_TOO_MANY
                                      : FAULT_EMPTY,
                              NULL);
        return forms;
    }
    struct award_form *items = arena_array(json->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = read_form(reader, json_array_get(list, i), pointer_at(json->arena, "/forms", i), policy);
        for (size_t k = 0; k < i; k++)
            if (*items[i].code && strcmp(items[k].code, items[i].code) == 0)
                rule_fault_report(json->faults, items[i].pointer, FAULT_NAME_TWICE, items[i].code);
    }
    find_counted_forms(reader, list, items, count);
    forms.items = items;
    forms.count = count;
    size_t own_keys = 0;
    while (own_keys < count && !items[own_keys].policy->keys_of_group)
        own_keys++;
    if (policy->keys_of_group && own_keys == count)
        rule_fault_report(json->faults, "/standings/keys_by_group", FAULT_NEVER_READ, NULL);
    return forms;
}
