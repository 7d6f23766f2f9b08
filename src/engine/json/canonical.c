// JSON in its canonical form: members by name, no blanks, texts as they are but for what must be escaped. Written in
// one pass over the value, for whole answers and all that is hashed go through here; a test holds it against jansson's
// own.
#include "engine/json/json_reader.h"
#include "engine/json/json_text.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_FIRST = 1024, MEMBERS_AT_HAND = 32, NUMBER_ROOM = 32 };

struct member {
    const char *name;
    size_t length;
    const json_t *value;
};

static void put_real(struct json_text *text, const json_t *value)
{
    char *at = json_text_room(text, NUMBER_ROOM);
    text->length += json_dumpb(value, at, NUMBER_ROOM, JSON_ENCODE_ANY);
}

static void put_value(struct json_text *text, const json_t *value);

static void put_array(struct json_text *text, const json_t *array)
{
    size_t i;
    const json_t *item;
    json_put_byte(text, '[');
    json_array_foreach(array, i, item)
    {
        if (i)
            json_put_byte(text, ',');
        put_value(text, item);
    }
    json_put_byte(text, ']');
}

static int by_name(const void *a, const void *b)
{
    const struct member *one = a, *other = b;
    size_t both = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->name, other->name, both);
    return order ? order : (one->length > other->length) - (one->length < other->length);
}

// Most objects have few members, nearly in order.
static void sort_members(struct member *members, size_t count)
{
    if (count > MEMBERS_AT_HAND) {
        qsort(members, count, sizeof *members, by_name);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct member member = members[i];
        size_t at = i;
        for (; at > 0 && by_name(&members[at - 1], &member) > 0; at--)
            members[at] = members[at - 1];
        members[at] = member;
    }
}

static void put_object(struct json_text *text, const json_t *object)
{
    struct member at_hand[MEMBERS_AT_HAND];
    size_t count = json_object_size(object), i = 0;
    struct member *members =
        count > MEMBERS_AT_HAND ? arena_array(text->arena, count, sizeof *members) : (struct member *)at_hand;
    json_t *own = (json_t *)(uintptr_t)object; // jansson's iterators ask for it, and change nothing
    for (void *at = json_object_iter(own); at && i < count; at = json_object_iter_next(own, at), i++)
        members[i] =
            (struct member){json_object_iter_key(at), json_object_iter_key_len(at), json_object_iter_value(at)};
    count = i;
    sort_members(members, count);
    json_put_byte(text, '{');
    for (i = 0; i < count; i++) {
        if (i)
            json_put_byte(text, ',');
        json_put_string(text, members[i].name, members[i].length);
        json_put_byte(text, ':');
        put_value(text, members[i].value);
    }
    json_put_byte(text, '}');
}

static void put_value(struct json_text *text, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(text, value);
        return;
    case JSON_ARRAY:
        put_array(text, value);
        return;
    case JSON_STRING:
        json_put_string(text, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        json_put_integer(text, json_integer_value(value));
        return;
    case JSON_REAL:
        put_real(text, value);
        return;
    case JSON_TRUE:
        JSON_PUT(text, "true");
        return;
    case JSON_FALSE:
        JSON_PUT(text, "false");
        return;
    case JSON_NULL:
    default:
        JSON_PUT(text, "null");
    }
}

const char *json_canonical(struct arena *arena, const json_t *value, size_t *ret_length)
{
    struct json_text text = json_text_new(arena, TEXT_FIRST);
    if (value)
        put_value(&text, value);
    json_put_byte(&text, '\0');
    if (ret_length)
        *ret_length = text.length - 1;
    return text.bytes;
}
