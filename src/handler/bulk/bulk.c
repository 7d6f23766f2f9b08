#include "handler/bulk/items.h"
#include "handler/bulk/whole.h"
#include "handler/duty.h"
#include "handler/run.h"
#include "http/route.h"
#include "thidua/identifier.h"

#include <stdlib.h>
#include <string.h>

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
    const char *name, *subject = bulk->subject ? member_text(item, bulk->subject) : NULL;
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
                           .version = member_text(item, "version"),
                           .body = body};
}

static bool is_first(struct request *request, const struct bulk_items *items, size_t place)
{
    const char *only[2];
    if (items->repeats[place] < 0)
        return true;
    return violate(request, PROBLEM_INVALID,
                   arena_format(&request->arena, "/%s", items_key_members(items->bulk, only)[0]), "repeated",
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
        const char *unit = member_text(json_array_get(items->items, i), items->bulk->subject);
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
    items_put_in_order(request, &items);
    const struct whole whole = {.list = bulk->list,
                                .count = json_array_size(items.items),
                                .context = &items,
                                .make = make_item,
                                .name = items_name_refused,
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
