#include "handler/bulk/bulk.h"

#include "handler/bulk/whole.h"
#include "handler/duty.h"
#include "handler/run.h"
#include "http/route.h"
#include "thidua/identifier.h"

#include <stdlib.h>
#include <string.h>

struct bulk_items {
    const struct bulk *bulk;
    const struct field *item; // of the route's body
    json_t *shared;           // what stands beside the list
    const json_t *items;      // as they came
    const size_t *turns;      // in which order they are taken
    const long long *repeats; // the item before that has the same key; -1: none
    struct listing listing;   // where they bear on one another
    json_t *made;             // what is answered, by place
    bool is_new;              // some of it
};

static const char *item_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

// ---- keys: what an item is about ----

static const char *const *key_members(const struct bulk *bulk, const char *only[static 2])
{
    only[0] = bulk->subject;
    only[1] = NULL;
    return bulk->once ? bulk->once : only;
}

// UUIDs are alike whatever their case (FIELD_UUID); that of other members does not matter here.
static const char *in_lower_case(struct request *request, const char *text)
{
    char *lower = arena_text(&request->arena, text);
    for (char *at = lower; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return lower;
}

// As it came, and so only as good as its members are; NULL: there is none.
static const char *key_of(struct request *request, const char *const *members, const json_t *item)
{
    const char *key = NULL;
    for (const char *const *name = members; *name; name++) {
        const json_t *value = json_object_get(item, *name);
        if (!json_is_string(value) && !json_is_integer(value))
            return NULL;
        const char *text = json_is_string(value)
                               ? json_string_value(value)
                               : arena_format(&request->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        key = arena_format(&request->arena, "%s %s", key ? key : "", in_lower_case(request, text));
    }
    return key;
}

static const long long *find_repeats(struct request *request, const char *const *keys, size_t count)
{
    long long *repeats = arena_array(&request->arena, count, sizeof *repeats);
    json_t *seen = json_object();
    for (size_t i = 0; i < count; i++) {
        const json_t *before = keys[i] ? json_object_get(seen, keys[i]) : NULL;
        repeats[i] = before ? json_integer_value(before) : -1;
        if (keys[i] && !before)
            json_object_set_new(seen, keys[i], json_integer((json_int_t)i));
    }
    json_decref(seen);
    return repeats;
}

struct turn {
    const char *key; // NULL: by the place alone
    size_t place;
};

static int by_key(const void *one, const void *other)
{
    const struct turn *a = one, *b = other;
    int order = strcmp(a->key ? a->key : "", b->key ? b->key : "");
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

static const size_t *find_turns(struct request *request, const char *const *keys, size_t count)
{
    struct turn *turns = arena_array(&request->arena, count, sizeof *turns);
    size_t *places = arena_array(&request->arena, count, sizeof *places);
    for (size_t i = 0; i < count; i++)
        turns[i] = (struct turn){keys[i], i};
    qsort(turns, count, sizeof *turns, by_key);
    for (size_t i = 0; i < count; i++)
        places[i] = turns[i].place;
    return places;
}

static void put_in_order(struct request *request, struct bulk_items *items)
{
    const struct bulk *bulk = items->bulk;
    size_t count = json_array_size(items->items);
    const char *only[2], **keys = arena_array(&request->arena, count, sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = key_of(request, key_members(bulk, only), json_array_get(items->items, i));
    items->repeats = find_repeats(request, keys, count);
    const char *const subject[] = {bulk->subject, NULL};
    for (size_t i = 0; i < count; i++)
        keys[i] = bulk->in_order ? NULL : key_of(request, subject, json_array_get(items->items, i));
    items->turns = find_turns(request, keys, count);
}

// ---- an item → what its single write would be given ----

static bool is_about(const struct bulk *bulk, const char *name)
{
    return (bulk->subject && strcmp(name, bulk->subject) == 0) || strcmp(name, "version") == 0;
}

static const char *year_of(struct request *request, const struct bulk_items *items)
{
    const json_t *year = items->bulk->yearly ? json_object_get(items->shared, "year") : NULL;
    return year ? arena_format(&request->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(year))
                : path_part(request, "year");
}

static struct listed listed_of(struct request *request, const struct bulk_items *items, json_t *item)
{
    const struct bulk *bulk = items->bulk;
    json_t *body = defer_json(request, json_object()), *value;
    const char *name, *subject = bulk->subject ? item_text(item, bulk->subject) : NULL;
    bool unit = bulk->subject && strcmp(bulk->subject, "unit_id") == 0;
    json_object_update(body, items->shared);
    const char *year = year_of(request, items);
    if (bulk->yearly)
        json_object_del(body, "year");
    json_object_foreach(item, name, value) if (!is_about(bulk, name)) json_object_set(body, name, value);
    return (struct listed){.unit_id = unit ? subject : NULL,
                           .subject = subject,
                           .campaign = path_part(request, "code"),
                           .year = year,
                           .version = item_text(item, "version"),
                           .body = body};
}

static bool is_first(struct request *request, const struct bulk_items *items, size_t place)
{
    const char *only[2];
    if (items->repeats[place] < 0)
        return true;
    return violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/%s", key_members(items->bulk, only)[0]),
                   "repeated",
                   say(request, "Phần tử %lld đã nói về cùng việc này; chỉ giữ một.",
                       "Item %lld is about the same thing: keep one of the two.", items->repeats[place]));
}

static json_t *answer_of(struct request *request, const struct listed_made *made)
{
    json_t *shown = json_loads(made->json, 0, NULL);
    // What a dry run would have made is not there, and has no tag.
    if (request->dry_run || !made->version)
        return shown;
    const struct reply alone = reply_json(request, 200, made->json, strlen(made->json));
    json_object_set_new(shown, "version", json_string(etag_of(request, made->version, alone.body, alone.length)));
    return shown;
}

static bool make_item(struct request *request, struct session *session, void *context, size_t index)
{
    struct bulk_items *items = context;
    size_t place = items->turns[index];
    json_t *item = defer_json(request, read_listed(request, items->item, json_array_get(items->items, place)));
    struct listed_made made = {0};
    bool readable = request->problem.kind == PROBLEM_NONE;
    if (!is_first(request, items, place) || !readable)
        return false;
    struct listed listed = listed_of(request, items, item);
    request->if_match = listed.version;
    request->json = listed.body;
    if (!listed_duty_kept(request, session, items->bulk->duty, &listed) ||
        !items->bulk->enter(request, session, &listed, &made))
        return false;
    if (!items->bulk->show && !items->bulk->together)
        json_array_set_new(items->made, place, answer_of(request, &made));
    items->is_new |= made.is_new;
    return true;
}

// The items are readable: all of them are written.
static bool show_item(struct request *request, struct session *session, const struct bulk_items *items, size_t place)
{
    const struct deferred *kept = request->deferred;
    struct arena_mark mark = arena_mark(&request->arena);
    struct listed_made made = {0};
    json_t *item = defer_json(request, read_listed(request, items->item, json_array_get(items->items, place)));
    const struct listed listed = listed_of(request, items, item);
    if (!within_budget(request) || !items->bulk->show(request, session, &listed, &made))
        return false; // the refusal lies in the memory that is else given back
    json_array_set_new(items->made, place, answer_of(request, &made));
    release_deferred(request, kept);
    arena_rewind(&request->arena, mark);
    return true;
}

static bool show_items(struct request *request, struct session *session, const struct bulk_items *items)
{
    for (size_t place = 0; items->bulk->show && place < json_array_size(items->items); place++)
        if (!show_item(request, session, items, place))
            return false;
    return true;
}

// ---- items that bear on one another ----

static bool begin_together(struct request *request, struct session *session, struct bulk_items *items)
{
    size_t count = json_array_size(items->items);
    const char **units = arena_array(&request->arena, count, sizeof *units);
    for (size_t i = 0; i < count; i++) {
        const char *unit = item_text(json_array_get(items->items, i), items->bulk->subject);
        units[i] = unit && uuid_text_is_valid(unit, strlen(unit)) ? unit : NULL;
    }
    items->listing = (struct listing){
        .campaign = path_part(request, "code"), .year = path_part(request, "year"), .units = units, .count = count};
    return items->bulk->together->begin(request, session, &items->listing);
}

static bool end_together(struct request *request, struct session *session, const struct bulk_items *items)
{
    struct listed_made *made = arena_array(&request->arena, items->listing.count, sizeof *made);
    if (!items->bulk->together->end(request, session, &items->listing, made))
        return false;
    for (size_t place = 0; place < items->listing.count; place++)
        json_array_set_new(items->made, place, answer_of(request, &made[place]));
    return true;
}

static void forget_items(void *context)
{
    struct bulk_items *items = context;
    items->is_new = false;
}

// ---- the refusal of a single write as what is wrong with an item ----

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

static bool name_refused(struct request *request, void *context, size_t index, const struct problem *refused)
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
        fault.detail = by_clause(request, refused->clause, violation->detail);
        fault.unit_id = violation->unit_id;
        fault.unit_label = violation->unit_label;
        named |= whole_fault(request, list, &fault);
    }
    request->problem.violations_left_out += refused->violations_left_out;
    if (refused->violations_count)
        return named;
    fault.member = member_behind(items, refused->kind);
    fault.code = problem_type(refused->kind);
    fault.detail = by_clause(request, refused->clause, words_of(request, items->bulk, refused));
    return whole_fault(request, list, &fault);
}

// ---- the whole ----

static struct reply answer(struct request *request, const struct bulk_items *items)
{
    json_t *document = json_pack("{s:O}", "items", items->made);
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    defer_free(request, text);
    if (!text) {
        refuse(request, PROBLEM_UNAVAILABLE, NULL);
        return refusal(request);
    }
    struct reply reply = reply_json(request, items->is_new ? 201 : 200, text, strlen(text));
    reply.cache_control = "private, no-cache";
    if (items->is_new)
        reply.location = items->bulk->location
                             ? items->bulk->location
                             : arena_copy(&request->arena, request->target, strcspn(request->target, "?"));
    return reply;
}

struct reply bulk_write(struct request *request, struct session *session, const struct bulk *bulk)
{
    struct bulk_items items = {.bulk = bulk};
    request->if_match = NULL; // it can be about none of the items
    if (!read_listing(request, request->route->body, bulk->list, &items.item, &items.items))
        return refusal(request);
    items.shared = request->json;
    items.made = defer_json(request, json_array());
    for (size_t i = 0; i < json_array_size(items.items); i++)
        json_array_append_new(items.made, json_null());
    put_in_order(request, &items);
    const struct whole whole = {.list = bulk->list,
                                .count = json_array_size(items.items),
                                .context = &items,
                                .make = make_item,
                                .name = name_refused,
                                .forget = forget_items};
    if (bulk->ready && !bulk->ready(request, session, path_part(request, "code"), path_part(request, "year")))
        return refusal(request);
    request->item_fields = items.item->fields;
    bool good = (!bulk->together || begin_together(request, session, &items)) && whole_make(request, session, &whole) &&
                (!bulk->together || end_together(request, session, &items)) && show_items(request, session, &items);
    request->item_fields = NULL;
    request->if_match = NULL;
    request->json = items.shared; // those of the items are released
    return good ? answer(request, &items) : refusal(request);
}
