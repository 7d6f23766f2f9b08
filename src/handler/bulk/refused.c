// The refusal of a single write as what is wrong with an item.
#include "handler/bulk/items.h"
#include "handler/bulk/whole.h"
#include "http/route.h"

#include <string.h>

// Is it the member of that name, or within it?
static bool points_at(const char *pointer, const char *name)
{
    size_t length = strlen(name);
    return strncmp(pointer + 1, name, length) == 0 && (!pointer[length + 1] || pointer[length + 1] == '/');
}

static bool points_into(const char *pointer, const struct field *fields)
{
    while (fields->name && !points_at(pointer, fields->name))
        fields++;
    return fields->name;
}

static bool is_judged(const struct bulk *bulk, const char *pointer)
{
    const char *const *name = bulk->judged;
    while (name && *name && !points_at(pointer, *name))
        name++;
    return name && *name;
}

static bool is_given(const json_t *object, const char *pointer)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) if (points_at(pointer, name)) return true;
    return false;
}

// "/decision_number" of something that all items share stays; else it is a member of the item. NULL: the item itself.
static const char *member_of(const struct request *request, const struct bulk_items *items, const json_t *item,
                             const char *pointer)
{
    if (pointer[0] != '/')
        return *pointer ? pointer : NULL;
    if (is_given(item, pointer))
        return pointer + 1;
    if (is_judged(items->bulk, pointer))
        return NULL;
    if (is_given(items->shared, pointer))
        return pointer;
    bool shared = points_into(pointer, request->route->body) && !points_into(pointer, items->item->fields);
    return shared ? pointer : pointer + 1;
}

// What the single write says of its path or its If-Match stands in members of the item.
static const char *member_behind(const struct bulk_items *items, enum problem_kind kind)
{
    if (kind == PROBLEM_VERSION_REQUIRED || kind == PROBLEM_STALE_VERSION)
        return items->bulk->versions ? "version" : NULL;
    return kind == PROBLEM_NOT_FOUND ? items->bulk->subject : NULL;
}

static const char *words_of(struct request *request, const struct bulk *bulk, const struct problem *refused)
{
    if (refused->kind == PROBLEM_VERSION_REQUIRED && bulk->versions)
        return say(request, "Bản ghi đã có; ghi ETag của bản đã đọc vào \"version\" của phần tử.",
                   "It exists already: give the ETag of what you read as \"version\" of the item.");
    return refused->detail ? refused->detail : problem_title(request, refused->kind);
}

// What 404, 412 and 428 say is of the path and of header fields; those of a list are there, whatever an item names.
static enum problem_kind kind_of(enum problem_kind refused)
{
    switch ((int)refused) {
    case PROBLEM_NOT_FOUND:
        return PROBLEM_INVALID;
    case PROBLEM_VERSION_REQUIRED:
    case PROBLEM_STALE_VERSION:
        return PROBLEM_CONFLICT;
    default:
        return refused;
    }
}

bool items_name_refused(struct request *request, void *context, size_t index, const struct problem *refused)
{
    struct bulk_items *items = context;
    size_t place = items->turns[index];
    const char *list = items->bulk->list;
    struct whole_fault fault = {
        .kind = kind_of(refused->kind),
        .clause = refused->clause,
        .number = (long long)place,
    };
    bool named = false;
    for (size_t i = 0; i < refused->violations_count; i++) {
        const struct violation *violation = &refused->violations[i];
        fault.member = member_of(request, items, json_array_get(items->items, place), violation->pointer);
        fault.code = violation->code;
        fault.detail = with_clause(request, refused->clause, violation->detail);
        fault.unit_id = violation->unit_id;
        fault.unit_label = violation->unit_label;
        named |= whole_fault(request, list, &fault);
    }
    request->problem.violations_left_out += refused->violations_left_out;
    if (refused->violations_count)
        return named;
    fault.member = member_behind(items, refused->kind);
    fault.code = problem_type(refused->kind);
    fault.detail = with_clause(request, refused->clause, words_of(request, items->bulk, refused));
    return whole_fault(request, list, &fault);
}
