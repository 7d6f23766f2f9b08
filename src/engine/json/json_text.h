// JSON written as text, without a tree of it first. Who writes sees to it that members stand in the order of their
// names: then it is the canonical form, of which hashes are made (json_canonical()).
#ifndef THIDUA_ENGINE_JSON_JSON_TEXT_H
#define THIDUA_ENGINE_JSON_JSON_TEXT_H

#include "thidua/arena.h"

#include <string.h>

struct json_text {
    struct arena *arena;
    char *bytes; // what is written so far; moves as it grows
    size_t length, room;
};

struct json_text json_text_new(struct arena *arena, size_t room);

// For json_text_room().
void json_text_grow(struct json_text *text, size_t more);
// Room for so many bytes at the end.
static inline char *json_text_room(struct json_text *text, size_t more)
{
    if (text->room - text->length < more)
        json_text_grow(text, more);
    return text->bytes + text->length;
}

// JSON as it is. Here, where the length of a literal is known: it is put by a move or two.
static inline void json_put(struct json_text *text, const char *json, size_t length)
{
    memcpy(json_text_room(text, length), json, length);
    text->length += length;
}

static inline void json_put_byte(struct json_text *text, char byte)
{
    *json_text_room(text, 1) = byte;
    text->length++;
}

#define JSON_PUT(text, literal) json_put((text), (literal), sizeof(literal) - 1)
// In quotation marks, with what must be escaped escaped.
void json_put_string(struct json_text *text, const char *string, size_t length);
// NULL is null.
void json_put_text(struct json_text *text, const char *string);
void json_put_integer(struct json_text *text, long long number);

// Members of an object that are written one by one, in any order.
struct json_member {
    const char *name, *json;
    size_t length;
};
struct json_member json_text_member(struct arena *arena, const char *name, const char *string);
// The object that they make, with room for one more byte behind it; their array is sorted.
char *json_object_text(struct arena *arena, struct json_member *members, size_t count, size_t *ret_length);

#endif
