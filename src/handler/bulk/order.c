// What an item is about, and so which of them repeat one another and in which order they are taken.
#include "handler/bulk/items.h"
#include "http/request.h"

#include <stdlib.h>
#include <string.h>

const char *const *items_key_members(const struct bulk *bulk, const char *only[static 2])
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

const char *listed_key(struct request *request, const char *const *members, const json_t *item)
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

void items_put_in_order(struct request *request, struct bulk_items *items)
{
    const struct bulk *bulk = items->bulk;
    size_t count = json_array_size(items->items);
    const char *only[2], **keys = arena_array(&request->arena, count, sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i] = listed_key(request, items_key_members(bulk, only), json_array_get(items->items, i));
    items->repeats = find_repeats(request, keys, count);
    const char *const subject[] = {bulk->subject, NULL};
    for (size_t i = 0; i < count; i++)
        keys[i] = bulk->in_order ? NULL : listed_key(request, subject, json_array_get(items->items, i));
    items->turns = find_turns(request, keys, count);
}
