// JSON in its canonical form: members by name, no blanks, texts as they are but for what must be escaped. Written in
// one pass over the value, for whole answers and all that is hashed go through here; a test holds it against jansson's
// own.
#include "engine/json/json_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_FIRST = 1024, MEMBERS_AT_HAND = 32, NUMBER_ROOM = 32 };

struct text {
    struct arena *arena;
    char *bytes;
    size_t length, room;
};

struct member {
    const char *name;
    size_t length;
    const json_t *value;
};

static char *room_for(struct text *text, size_t more)
{
    if (text->room - text->length < more) {
        size_t room = 2 * text->room > text->length + more ? 2 * text->room : text->length + more;
        char *bytes = arena_allocate(text->arena, room);
        if (text->length)
            memcpy(bytes, text->bytes, text->length);
        text->bytes = bytes;
        text->room = room;
    }
    return text->bytes + text->length;
}

static void put(struct text *text, const char *bytes, size_t length)
{
    memcpy(room_for(text, length), bytes, length);
    text->length += length;
}

static void put_byte(struct text *text, char byte)
{
    *room_for(text, 1) = byte;
    text->length++;
}

static void put_escape(struct text *text, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char named[] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (c < sizeof named && named[c])
        put(text, (char[]){'\\', named[c]}, 2);
    else
        put(text, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

static void put_string(struct text *text, const char *string, size_t length)
{
    size_t from = 0;
    put_byte(text, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)string[i];
        if (c >= ' ' && c != '"' && c != '\\')
            continue;
        put(text, string + from, i - from);
        put_escape(text, c);
        from = i + 1;
    }
    put(text, string + from, length - from);
    put_byte(text, '"');
}

static void put_real(struct text *text, const json_t *value)
{
    char *at = room_for(text, NUMBER_ROOM);
    text->length += json_dumpb(value, at, NUMBER_ROOM, JSON_ENCODE_ANY);
}

static void put_value(struct text *text, const json_t *value);

static void put_array(struct text *text, const json_t *array)
{
    size_t i;
    const json_t *item;
    put_byte(text, '[');
    json_array_foreach(array, i, item)
    {
        if (i)
            put_byte(text, ',');
        put_value(text, item);
    }
    put_byte(text, ']');
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

static void put_object(struct text *text, const json_t *object)
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
    put_byte(text, '{');
    for (i = 0; i < count; i++) {
        if (i)
            put_byte(text, ',');
        put_string(text, members[i].name, members[i].length);
        put_byte(text, ':');
        put_value(text, members[i].value);
    }
    put_byte(text, '}');
}

static void put_value(struct text *text, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(text, value);
        return;
    case JSON_ARRAY:
        put_array(text, value);
        return;
    case JSON_STRING:
        put_string(text, json_string_value(value), json_string_length(value));
        return;
    case JSON_INTEGER:
        text->length += (size_t)snprintf(room_for(text, NUMBER_ROOM), NUMBER_ROOM, "%" JSON_INTEGER_FORMAT,
                                         json_integer_value(value));
        return;
    case JSON_REAL:
        put_real(text, value);
        return;
    case JSON_TRUE:
        put(text, "true", 4);
        return;
    case JSON_FALSE:
        put(text, "false", 5);
        return;
    case JSON_NULL:
    default:
        put(text, "null", 4);
    }
}

const char *json_canonical(struct arena *arena, const json_t *value, size_t *ret_length)
{
    struct text text = {.arena = arena, .bytes = arena_allocate(arena, TEXT_FIRST), .room = TEXT_FIRST};
    if (value)
        put_value(&text, value);
    put_byte(&text, '\0');
    if (ret_length)
        *ret_length = text.length - 1;
    return text.bytes;
}
