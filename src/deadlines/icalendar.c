#include "deadlines/icalendar.h"

#include <string.h>

enum { LINE_MOST = 75, ROOM_LEAST = 4096 };

struct icalendar icalendar_new(struct arena *arena)
{
    return (struct icalendar){.arena = arena, .text = arena_allocate(arena, ROOM_LEAST), .room = ROOM_LEAST};
}

static void put(struct icalendar *calendar, const char *octets, size_t length)
{
    if (calendar->length + length + 1 > calendar->room) {
        calendar->room = 2 * (calendar->length + length + 1);
        char *wider = arena_allocate(calendar->arena, calendar->room);
        memcpy(wider, calendar->text, calendar->length);
        calendar->text = wider;
    }
    memcpy(calendar->text + calendar->length, octets, length);
    calendar->length += length;
    calendar->text[calendar->length] = '\0';
    calendar->column += length;
}

// What must not be cut: a character, or an escape with what it escapes. The blank that begins a folded line counts.
static void put_whole(struct icalendar *calendar, const char *octets, size_t length)
{
    if (calendar->column + length > LINE_MOST) {
        put(calendar, "\r\n ", 3);
        calendar->column = 1;
    }
    put(calendar, octets, length);
}

static void end_line(struct icalendar *calendar)
{
    put(calendar, "\r\n", 2);
    calendar->column = 0;
}

static size_t character_length(const char *text)
{
    size_t length = 1;
    while (((unsigned char)text[length] & 0xC0U) == 0x80U)
        length++;
    return length;
}

// Section 3.3.11. Control characters have no place in a text at all.
static void put_text(struct icalendar *calendar, const char *text)
{
    for (size_t length; *text; text += length) {
        length = character_length(text);
        const char escaped[] = {'\\', *text, '\0'};
        if (*text == '\n')
            put_whole(calendar, "\\n", 2);
        else if (*text == '\\' || *text == ';' || *text == ',')
            put_whole(calendar, escaped, 2);
        else if (((unsigned char)*text >= ' ' && *text != '\x7f') || *text == '\t')
            put_whole(calendar, text, length);
    }
}

static void begin_line(struct icalendar *calendar, const char *name)
{
    put(calendar, name, strlen(name));
    put(calendar, ":", 1);
}

void icalendar_line(struct icalendar *calendar, const char *name, const char *value)
{
    begin_line(calendar, name);
    for (size_t length; *value; value += length) {
        length = character_length(value);
        put_whole(calendar, value, length);
    }
    end_line(calendar);
}

void icalendar_text(struct icalendar *calendar, const char *name, const char *value)
{
    begin_line(calendar, name);
    put_text(calendar, value);
    end_line(calendar);
}
