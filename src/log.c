#include "log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Room that is kept: for the end of a line; for the end of a quoted value and the line; for a field's name and value.
enum { LINE_END = 4, QUOTED_END = 64, FIELD_LEAST = 256 };

static bool as_json = true;

static _Thread_local struct {
    bool holding;
    size_t used;
    char bytes[16384];
} held;

struct line {
    char bytes[2048]; // longer lines are cut: a log line is never worth an allocation
    size_t length;
};

static size_t room_in(const struct line *line)
{
    return sizeof line->bytes - line->length;
}

// Takes all or nothing, so that an escape or a character is never cut in two.
static void add(struct line *line, const char *text, size_t length)
{
    if (length > room_in(line) - LINE_END)
        return;
    memcpy(line->bytes + line->length, text, length);
    line->length += length;
}

static void add_text(struct line *line, const char *text)
{
    add(line, text, strlen(text));
}

static size_t character_length(const char *text)
{
    size_t length = 1;
    while (((unsigned char)text[length] & 0xc0) == 0x80)
        length++;
    return length;
}

// A value that is too long is cut, its quotes are not.
static void add_quoted(struct line *line, const char *text)
{
    add_text(line, "\"");
    for (size_t length; *text && room_in(line) > QUOTED_END; text += length) {
        length = character_length(text);
        unsigned char byte = (unsigned char)*text;
        char escaped[8] = "";
        snprintf(escaped, sizeof escaped, "\\u%04x", byte);
        if (byte < 0x20 || byte == 0x7f)
            add_text(line, escaped);
        else if (byte == '"' || byte == '\\')
            add(line, (const char[]){'\\', (char)byte}, 2);
        else
            add(line, text, length);
    }
    add_text(line, "\"");
}

static void add_field(struct line *line, const struct log_field *field)
{
    char number[24];
    if ((field->kind == LOG_TEXT && !field->text) || room_in(line) < FIELD_LEAST)
        return;
    add_text(line, as_json ? ",\"" : " ");
    add_text(line, field->name);
    add_text(line, as_json ? "\":" : "=");
    if (field->kind == LOG_TEXT)
        add_quoted(line, field->text);
    else
        add(line, number, (size_t)snprintf(number, sizeof number, "%lld", (long long)field->number));
}

static void start(struct line *line, enum log_level level, const char *event)
{
    static const char *const levels[] = {"info", "warning", "error"};
    struct timespec now;
    struct tm parts;
    char stamp[64];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t length = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(stamp + length, sizeof stamp - length, ".%03ldZ", now.tv_nsec / 1000000);
    add_text(line, as_json ? "{\"time\":\"" : "");
    add_text(line, stamp);
    add_text(line, as_json ? "\",\"level\":\"" : " ");
    add_text(line, levels[level]);
    add_text(line, as_json ? "\",\"event\":\"" : " ");
    add_text(line, event);
    add_text(line, as_json ? "\"" : "");
}

void log_setup(bool json)
{
    as_json = json;
}

void log_hold(void)
{
    held.holding = true;
}

void log_flush(void)
{
    if (!held.used)
        return;
    ssize_t written = write(STDERR_FILENO, held.bytes, held.used);
    (void)written; // there is nobody left to tell
    held.used = 0;
}

// Whole lines in one write, so that lines of different threads do not mix.
static void emit(const struct line *line)
{
    if (held.used + line->length > sizeof held.bytes)
        log_flush();
    memcpy(held.bytes + held.used, line->bytes, line->length);
    held.used += line->length;
    if (!held.holding)
        log_flush();
}

void log_fields(enum log_level level, const char *event, const struct log_field *fields)
{
    struct line line = {.length = 0};
    start(&line, level, event);
    for (; fields->kind != LOG_END; fields++)
        add_field(&line, fields);
    if (as_json)
        line.bytes[line.length++] = '}';
    line.bytes[line.length++] = '\n';
    emit(&line);
}
