#include "criteria_sets/document.h"

#include "criteria_sets/criteria_sets.sql.h"
#include "criteria_sets/served.h"
#include "handler/run.h"

#include <stdlib.h>

bool sees_drafts(const struct request *request)
{
    return has_role(request, ROLE_ADMIN | ROLE_HOME_AFFAIRS | ROLE_AUDITOR);
}

bool document_publishable(const struct rule_set_document *document, const json_t *json, struct rule_faults *faults)
{
    bool is_served = rules_served(document, json, faults);
    return criteria_gate(document->rules, document->cases, document->case_count, faults) && is_served;
}

bool document_check(struct request *request, const json_t *json, bool gate, struct rule_faults *ret_faults,
                    struct rule_set_document *ret_document)
{
    *ret_faults = (struct rule_faults){.arena = &request->arena};
    if (!rule_set_from_json(&request->arena, json, ret_faults, ret_document))
        return false;
    return !gate || document_publishable(ret_document, json, ret_faults);
}

static bool refuse_faults(struct request *request, enum problem_kind kind, const struct rule_faults *faults,
                          const char *pointer)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct rule_fault *fault = &faults->items[i];
        violate(request, kind, arena_format(&request->arena, "%s%s", pointer, fault->pointer), fault->code,
                request->language == ENGLISH ? fault->detail.en : fault->detail.vi);
    }
    if (faults->total > VIOLATIONS_MAX)
        request->problem.detail = say(request, "Có %zu lỗi; chỉ nêu %d lỗi đầu.",
                                      "There are %zu faults; the first %d are named.", faults->total, VIOLATIONS_MAX);
    return false;
}

bool document_refuse(struct request *request, const struct rule_faults *faults, const char *pointer)
{
    return refuse_faults(request, PROBLEM_RULE_REFUSED, faults, pointer);
}

bool judged_refuse(struct request *request, const struct rule_faults *faults)
{
    return refuse_faults(request, PROBLEM_INVALID, faults, "");
}

bool document_stored(struct request *request, struct session *session, const char *name, const char *version,
                     const json_t **ret_json)
{
    struct criteria_set_document stored;
    if (!criteria_set_document(request, session, name, version, sees_drafts(request), &stored))
        return false;
    json_t *json = defer_json(request, json_loads(stored.document, JSON_DECODE_ANY, NULL));
    *ret_json = json;
    return true;
}

// ---- differences ----

// Criteria by id, and leaves by id of all of them: wherever an object has a kind and an id.
static void gather_leaves(const json_t *value, json_t *leaves)
{
    const char *name;
    json_t *member;
    size_t i;
    if (json_object_get(value, "kind") && json_object_get(value, "id"))
        json_object_set((json_t *)leaves, json_string_value(json_object_get(value, "id")), (json_t *)(uintptr_t)value);
    json_object_foreach((json_t *)(uintptr_t)value, name, member) gather_leaves(member, leaves);
    json_array_foreach(value, i, member) gather_leaves(member, leaves);
}

static json_t *by_id(const json_t *list)
{
    json_t *found = json_object(), *item;
    size_t i;
    json_array_foreach(list, i, item)
    {
        const char *id = json_string_value(json_object_get(item, "id"));
        if (id)
            json_object_set(found, id, item);
    }
    return found;
}

static void add_change(json_t *changes, const char *key, const char *name, const char *change, json_t *before,
                       json_t *after)
{
    json_array_append_new(
        changes, json_pack("{s:s, s:s, s:O?, s:O?}", key, name, "change", change, "before", before, "after", after));
}

// Members of `from` and `to` that are not the same, each with both sides.
static json_t *changes_of(const char *key, json_t *from, json_t *to)
{
    json_t *changes = json_array(), *value;
    const char *name;
    json_object_foreach(from, name, value)
    {
        json_t *after = json_object_get(to, name);
        if (!after)
            add_change(changes, key, name, "REMOVED", value, NULL);
        else if (!json_equal(value, after))
            add_change(changes, key, name, "CHANGED", value, after);
    }
    json_object_foreach(to, name, value) if (!json_object_get(from, name))
        add_change(changes, key, name, "ADDED", NULL, value);
    return changes;
}

// Of a changed criterion or leaf also which members: a threshold of 90 that became 85.
static json_t *changes_inside(json_t *changes)
{
    json_t *item;
    size_t i;
    json_array_foreach(changes, i, item)
    {
        json_t *before = json_object_get(item, "before"), *after = json_object_get(item, "after");
        if (json_is_object(before) && json_is_object(after))
            json_object_set_new(item, "members", changes_of("member", before, after));
    }
    return changes;
}

// The ids of `names`, in its order, that are in `others` too.
static json_t *ids_shared(json_t *names, json_t *others)
{
    json_t *ids = json_array(), *value;
    const char *id;
    json_object_foreach(names, id, value) if (json_object_get(others, id)) json_array_append_new(ids, json_string(id));
    return ids;
}

// Verdicts list criteria in the order of the document, so that their order is a part of it, also where none changed.
static void add_order(json_t *changes, json_t *from, json_t *to)
{
    json_t *before = ids_shared(from, to), *after = ids_shared(to, from);
    if (!json_equal(before, after))
        add_change(changes, "member", "criteria", "CHANGED", before, after);
    json_decref(before);
    json_decref(after);
}

json_t *document_diff(const json_t *from, const json_t *to)
{
    json_t *old_leaves = json_object(), *new_leaves = json_object();
    gather_leaves(json_object_get(from, "criteria"), old_leaves);
    gather_leaves(json_object_get(to, "criteria"), new_leaves);
    json_t *old_criteria = by_id(json_object_get(from, "criteria"));
    json_t *new_criteria = by_id(json_object_get(to, "criteria"));
    json_t *old_rest = json_copy((json_t *)(uintptr_t)from), *new_rest = json_copy((json_t *)(uintptr_t)to);
    json_object_del(old_rest, "criteria");
    json_object_del(new_rest, "criteria");
    json_t *members = changes_of("member", old_rest, new_rest);
    add_order(members, old_criteria, new_criteria);
    json_t *diff =
        json_pack("{s:o, s:o, s:o}", "criteria", changes_inside(changes_of("id", old_criteria, new_criteria)), "leaves",
                  changes_inside(changes_of("id", old_leaves, new_leaves)), "members", members);
    json_t *used[] = {old_leaves, new_leaves, old_criteria, new_criteria, old_rest, new_rest};
    for (size_t i = 0; i < sizeof used / sizeof *used; i++)
        json_decref(used[i]);
    return diff;
}
