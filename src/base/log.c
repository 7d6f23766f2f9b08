#include "base/log.h"

#include "base/poller.h"
#include "thidua/civil.h"
#include "thidua/decimal.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Room in a line that is reserved: for its end; for the end of a quoted value and of the line; for a whole field.
enum { LINE_END = 4, QUOTED_END = 64, FIELD_LEAST = 256 };

static bool as_json = true;

static struct {
    pthread_mutex_t mutex;
    unsigned lost; // lines dropped since the last log_lines_lost
} output = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local struct {
    bool holding;
    size_t used;
    char bytes[16384];
} held;

struct line {
    char bytes[2048]; // longer lines are cut, so that logging never allocates
    size_t length;
};

static size_t room_in(const struct line *line)
{
    return sizeof line->bytes - line->length;
}

// Adds all of it or nothing, so that an escape or a character is never cut in two.
static void add_bytes(struct line *line, const char *text, size_t length)
{
    if (length > room_in(line) - LINE_END)
        return;
    memcpy(line->bytes + line->length, text, length);
    line->length += length;
}

static void add_text(struct line *line, const char *text)
{
    add_bytes(line, text, strlen(text));
}

static size_t character_length(const char *text)
{
    size_t length = 1;
    while (((unsigned char)text[length] & 0xc0) == 0x80)
        length++;
    return length;
}

static bool needs_no_escape(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void add_escaped(struct line *line, const char *text, size_t length)
{
    char escaped[8] = "";
    unsigned char byte = (unsigned char)*text;
    if (byte < 0x20 || byte == 0x7f) {
        snprintf(escaped, sizeof escaped, "\\u%04x", byte);
        add_bytes(line, escaped, strlen(escaped));
    } else if (byte == '"' || byte == '\\') {
        add_bytes(line, (const char[]){'\\', (char)byte}, 2);
    } else {
        add_bytes(line, text, length);
    }
}

// A value that is too long is cut. Its quotes stay.
static void add_quoted(struct line *line, const char *text)
{
    add_text(line, "\"");
    while (*text && room_in(line) > QUOTED_END) {
        size_t length = 0, most = room_in(line) - QUOTED_END;
        while (length < most && needs_no_escape(text[length])) // nearly always the whole text
            length++;
        if (length) {
            add_bytes(line, text, length);
        } else {
            length = character_length(text);
            add_escaped(line, text, length);
        }
        text += length;
    }
    add_text(line, "\"");
}

// A name is a word of the program, and a whole field has room.
static void add_name(struct line *line, const char *name)
{
    size_t length = strlen(name);
    char *at = line->bytes + line->length;
    if (as_json) {
        memcpy(at, ",\"", 2);
        memcpy(at + 2, name, length);
        memcpy(at + 2 + length, "\":", 2);
        line->length += length + 4;
    } else {
        *at = ' ';
        memcpy(at + 1, name, length);
        at[1 + length] = '=';
        line->length += length + 2;
    }
}

static void add_field(struct line *line, const struct log_field *field)
{
    char number[DECIMAL_TEXT_SIZE];
    if ((field->kind == LOG_TEXT && !field->text) || room_in(line) < FIELD_LEAST)
        return;
    add_name(line, field->name);
    if (field->kind == LOG_TEXT)
        add_quoted(line, field->text);
    else
        add_bytes(line, number, decimal_format(field->number, 0, number));
}

// The date and time to the second, made once for all lines of that second. Not by gmtime_r(): it takes a lock, which in
// the child of a fork nobody may be left to release.
static void add_time(struct line *line)
{
    enum { DAY = 86400 };
    static _Thread_local char second[64];
    static _Thread_local time_t made_for = -1;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != made_for) {
        char date[DATE_TEXT_SIZE];
        int of_day = (int)(now.tv_sec % DAY);
        date_format((int32_t)(now.tv_sec / DAY), date);
        snprintf(second, sizeof second, "%sT%02d:%02d:%02d", date, of_day / 3600, of_day / 60 % 60, of_day % 60);
        made_for = now.tv_sec;
    }
    int thousandths = (int)(now.tv_nsec / 1000000);
    const char rest[] = {'.', (char)('0' + thousandths / 100), (char)('0' + thousandths / 10 % 10),
                         (char)('0' + thousandths % 10), 'Z'};
    add_text(line, second);
    add_bytes(line, rest, sizeof rest);
}

static void start_line(struct line *line, enum log_level level, const char *event)
{
    static const char *const levels[] = {"info", "warning", "error"};
    add_text(line, as_json ? "{\"time\":\"" : "");
    add_time(line);
    add_text(line, as_json ? "\",\"level\":\"" : " ");
    add_text(line, levels[level]);
    add_text(line, as_json ? "\",\"event\":\"" : " ");
    add_text(line, event);
    add_text(line, as_json ? "\"" : "");
}

static void end_line(struct line *line)
{
    if (as_json)
        line->bytes[line->length++] = '}';
    line->bytes[line->length++] = '\n';
}

static void hold_output(void)
{
    pthread_mutex_lock(&output.mutex);
}

static void release_output(void)
{
    pthread_mutex_unlock(&output.mutex);
}

// A fork may come while another thread writes, which in the child there is not: nobody would end its line.
static void stand_forks(void)
{
    pthread_atfork(hold_output, release_output, release_output);
}

void log_setup(bool json)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, stand_forks);
    as_json = json;
}

void log_hold(void)
{
    held.holding = true;
}

// The length of as many whole lines as a pipe takes at once. POSIX: a write of up to PIPE_BUF bytes is not mixed with
// the writes of others.
static size_t piece_of(const char *bytes, size_t length)
{
    if (length <= PIPE_BUF)
        return length;
    const char *end = memrchr(bytes, '\n', PIPE_BUF);
    return end ? (size_t)(end - bytes) + 1 : length;
}

static unsigned lines_in(const char *bytes, size_t length)
{
    unsigned lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

// Never waits for the reader of the log. A loop that waited here would make every client wait.
static bool write_piece(const char *bytes, size_t length)
{
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    return poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) && write(STDERR_FILENO, bytes, length) == (ssize_t)length;
}

static void report_lost_lines(void)
{
    struct line line;
    line.length = 0; // and its bytes as they are: they are many
    start_line(&line, LOG_WARNING, "log_lines_lost");
    add_field(&line, &log_number("lines", output.lost));
    end_line(&line);
    if (write_piece(line.bytes, line.length))
        output.lost = 0;
}

void log_flush(void)
{
    if (!held.used)
        return;
    pthread_mutex_lock(&output.mutex);
    if (output.lost)
        report_lost_lines();
    for (size_t done = 0, size; done < held.used; done += size) {
        size = piece_of(held.bytes + done, held.used - done);
        if (!write_piece(held.bytes + done, size))
            output.lost += lines_in(held.bytes + done, size);
    }
    pthread_mutex_unlock(&output.mutex);
    held.used = 0;
}

static void emit_line(const struct line *line)
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
    struct line line;
    line.length = 0;
    start_line(&line, level, event);
    for (; fields->kind != LOG_END; fields++)
        add_field(&line, fields);
    end_line(&line);
    emit_line(&line);
}

bool log_due(atomic_int_fast64_t *told_at)
{
    const int64_t minute = (int64_t)60 * 1000000000;
    int_fast64_t told = atomic_load(told_at);
    int64_t now = monotonic_ns();
    return (!told || now - told >= minute) && atomic_compare_exchange_strong(told_at, &told, now);
}
