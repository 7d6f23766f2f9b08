#include "engine/json/json_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_ROOM = 24, WORD = sizeof(uint64_t) };

struct json_text json_text_new(struct arena *arena, size_t room)
{
    return (struct json_text){.arena = arena, .bytes = arena_bytes(arena, room), .room = room};
}

void json_text_grow(struct json_text *text, size_t more)
{
    size_t room = 2 * text->room > text->length + more ? 2 * text->room : text->length + more;
    char *bytes = arena_bytes(text->arena, room);
    if (text->length)
        memcpy(bytes, text->bytes, text->length);
    text->bytes = bytes;
    text->room = room;
}

static void put_escape(struct json_text *text, unsigned char c)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char named[] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (c < sizeof named && named[c])
        json_put(text, (char[]){'\\', named[c]}, 2);
    else
        json_put(text, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

static bool must_escape(unsigned char c)
{
    return c < ' ' || c == '"' || c == '\\';
}

// Is there anything to escape among eight bytes?
static bool any_escape(const char *eight)
{
    const uint64_t ones = UINT64_MAX / 255;
    uint64_t word;
    memcpy(&word, eight, WORD);
    // The highest bit of a byte is set where it is taken from too little. Bytes of 0x80 and more have it anyway.
    uint64_t less = (word - ones * ' ') | ((word ^ ones * '"') - ones) | ((word ^ ones * '\\') - ones);
    return less & ~word & ones * 0x80;
}

// Nearly all texts have nothing to escape, so eight bytes are looked at together: of the last ones, some twice.
static size_t plain_length(const char *string, size_t length)
{
    size_t i = 0;
    while (length - i >= WORD && !any_escape(string + i))
        i += WORD;
    if (length >= WORD && length - i < WORD && !any_escape(string + length - WORD))
        return length;
    while (i < length && !must_escape((unsigned char)string[i]))
        i++;
    return i;
}

void json_put_string(struct json_text *text, const char *string, size_t length)
{
    json_put_byte(text, '"');
    for (;;) {
        size_t plain = plain_length(string, length);
        json_put(text, string, plain);
        if (plain == length)
            break;
        put_escape(text, (unsigned char)string[plain]);
        string += plain + 1;
        length -= plain + 1;
    }
    json_put_byte(text, '"');
}

void json_put_text(struct json_text *text, const char *string)
{
    if (string)
        json_put_string(text, string, strlen(string));
    else
        JSON_PUT(text, "null");
}

void json_put_integer(struct json_text *text, long long number)
{
    char digits[NUMBER_ROOM];
    size_t at = sizeof digits;
    unsigned long long left = number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number;
    do
        digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        digits[--at] = '-';
    json_put(text, digits + at, sizeof digits - at);
}

struct json_member json_text_member(struct arena *arena, const char *name, const char *string)
{
    struct json_text text = json_text_new(arena, string ? strlen(string) + 2 : WORD);
    json_put_text(&text, string);
    return (struct json_member){name, text.bytes, text.length};
}

static int by_member_name(const void *a, const void *b)
{
    return strcmp(((const struct json_member *)a)->name, ((const struct json_member *)b)->name);
}

char *json_object_text(struct arena *arena, struct json_member *members, size_t count, size_t *ret_length)
{
    size_t length = 4; // braces and the end
    for (size_t i = 0; i < count; i++)
        length += strlen(members[i].name) + members[i].length + 4;
    struct json_text text = json_text_new(arena, length);
    qsort(members, count, sizeof *members, by_member_name);
    for (size_t i = 0; i < count; i++) {
        json_put_byte(&text, i ? ',' : '{');
        json_put_text(&text, members[i].name);
        json_put_byte(&text, ':');
        json_put(&text, members[i].json, members[i].length);
    }
    if (!count)
        json_put_byte(&text, '{');
    json_put(&text, "}", 2);
    if (ret_length)
        *ret_length = text.length - 1;
    return text.bytes;
}
