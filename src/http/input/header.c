#include "http/input/header.h"

#include "http/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { IDEMPOTENCY_KEY_MOST = 255, EVENT_NUMBER_MOST = 18, REQUEST_ID_MOST = 64 };

enum header_rule {
    SINGLE, // a second line of the same name is refused
    LIST,   // lines of the same name are joined by commas (RFC 9110 section 5.3)
};

enum header_author {
    BY_CLIENT, // set by the client's own HTTP library; a script on a page may not
    BY_PAGE,
};

struct header_field {
    const char *name;
    enum header_rule rule;
    enum header_author author;
    size_t offset; // of a `const char *` in struct request
    // Checks the value and may replace it. False with a problem recorded.
    bool (*check)(struct request *request, const char **value);
};

static bool unreadable(struct request *request, const char *name, const char *code, const char *detail)
{
    return violate(request, PROBLEM_MALFORMED_REQUEST, name, code, detail);
}

// RFC 9110 section 7.2: a host and perhaps a port. Blanks, slashes and users would mean another host to somebody else.
static bool check_host(struct request *request, const char **value)
{
    return is_visible_without(*value, "/?#@\\\"<>^`{|}") ||
           unreadable(request, "Host", "syntax",
                      say(request, "Host phải là tên máy chủ, có thể kèm cổng.",
                          "Host must be the name of a host, perhaps with a port."));
}

static bool is_digits(const char *text, size_t most)
{
    size_t length = strlen(text);
    return length >= 1 && length <= most && strspn(text, "0123456789") == length;
}

static bool check_last_event(struct request *request, const char **value)
{
    return is_digits(*value, EVENT_NUMBER_MOST) ||
           unreadable(request, "Last-Event-ID", "syntax",
                      say(request, "Phải là số của sự kiện cuối cùng đã nhận, như trong trường id của luồng.",
                          "Must be the number of the last event received, as in the stream's field id."));
}

// RFC 9110 section 10.1.1: nothing but 100-continue is defined.
static bool check_expect(struct request *request, const char **value)
{
    return list_holds_only(*value, "100-continue") ||
           violate(request, PROBLEM_EXPECTATION_FAILED, "Expect", "unknown",
                   say(request, "Chỉ nhận Expect: 100-continue.", "Only Expect: 100-continue is taken."));
}

// The draft has a quoted string of RFC 8941; the bare text that many clients send is taken for the same.
static bool check_idempotency_key(struct request *request, const char **value)
{
    const char *given = *value;
    size_t length = strlen(given);
    if (length >= 2 && given[0] == '"' && given[length - 1] == '"') {
        given++;
        length -= 2;
    }
    bool visible = length >= 1 && length <= IDEMPOTENCY_KEY_MOST;
    for (size_t i = 0; visible && i < length; i++)
        visible = given[i] > ' ' && given[i] <= '~' && given[i] != '"' && given[i] != '\\';
    *value = arena_copy(&request->arena, given, length);
    return visible ||
           unreadable(request, "Idempotency-Key", "syntax",
                      say(request, "Cần từ 1 đến %d ký tự ASCII nhìn thấy được, không có \" và \\.",
                          "1 to %d visible ASCII characters without \" and \\ are needed.", IDEMPOTENCY_KEY_MOST));
}

// An id that cannot be written into logs and answers as it is gives way to one of our own.
static bool check_request_id(struct request *request, const char **value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    (void)request;
    size_t length = strlen(*value);
    if (length < 1 || length > REQUEST_ID_MOST || strspn(*value, letters) != length)
        *value = NULL;
    return true;
}

// W3C Trace Context, section 3.2: version, trace, parent and flags in lower-case hexadecimal. Zeros are no trace and no
// parent, ff is no version, and later versions may go on behind what is known (section 4.3). Anything else is ignored.
static bool check_traceparent(struct request *request, const char **value)
{
    static const char form[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    enum { KNOWN = sizeof form - 1, TRACE = 3, PARENT = 36 };
    const char *given = *value;
    bool good = strlen(given) == KNOWN || (strlen(given) > KNOWN && given[KNOWN] == '-' && memcmp(given, "00", 2) != 0);
    for (size_t i = 0; good && form[i]; i++)
        good = form[i] == '-' ? given[i] == '-' : strchr("0123456789abcdef", given[i]) != NULL;
    good = good && memcmp(given, "ff", 2) != 0 && given[TRACE + strspn(given + TRACE, "0")] != '-' &&
           given[PARENT + strspn(given + PARENT, "0")] != '-';
    *value = good ? arena_copy(&request->arena, given, KNOWN) : NULL;
    return true;
}

#define INTO(member) offsetof(struct request, member)
static const struct header_field header_fields[] = {
    {"Accept", LIST, BY_PAGE, INTO(accept), NULL},
    {"Accept-Encoding", LIST, BY_CLIENT, INTO(accept_encoding), NULL},
    {"Accept-Language", LIST, BY_PAGE, INTO(accept_language), NULL},
    {"Access-Control-Request-Method", SINGLE, BY_CLIENT, INTO(preflight_method), NULL},
    {"Authorization", SINGLE, BY_PAGE, INTO(authorization), NULL},
    {"Content-Encoding", LIST, BY_PAGE, INTO(content_encoding), NULL},
    {"Content-Length", SINGLE, BY_CLIENT, INTO(content_length), NULL},
    {"Content-Range", SINGLE, BY_PAGE, INTO(content_range), NULL},
    {"Content-Type", SINGLE, BY_PAGE, INTO(content_type), NULL},
    {"Digest", LIST, BY_PAGE, INTO(digest), NULL},
    {"Expect", LIST, BY_CLIENT, INTO(expect), check_expect},
    {"Forwarded", LIST, BY_CLIENT, INTO(forwarded), NULL},
    {"Host", SINGLE, BY_CLIENT, INTO(host), check_host},
    {"Idempotency-Key", SINGLE, BY_PAGE, INTO(idempotency_key), check_idempotency_key},
    {"If-Match", LIST, BY_PAGE, INTO(if_match), NULL},
    {"If-None-Match", LIST, BY_PAGE, INTO(if_none_match), NULL},
    {"Last-Event-ID", SINGLE, BY_PAGE, INTO(last_event_id), check_last_event},
    {"Origin", SINGLE, BY_CLIENT, INTO(origin), NULL},
    {"Prefer", LIST, BY_PAGE, INTO(prefer), NULL},
    {"Repr-Digest", LIST, BY_PAGE, INTO(digest), NULL},
    {"traceparent", SINGLE, BY_PAGE, INTO(traceparent), check_traceparent},
    {"Transfer-Encoding", SINGLE, BY_CLIENT, INTO(transfer_encoding), NULL},
    {"X-Forwarded-For", LIST, BY_CLIENT, INTO(x_forwarded_for), NULL},
    {"X-Request-Id", SINGLE, BY_PAGE, INTO(client_id), check_request_id},
};
enum { FIELDS = sizeof header_fields / sizeof *header_fields };

static const char **header_place(struct request *request, const struct header_field *field)
{
    return (const char **)(void *)((char *)request + field->offset);
}

// RFC 9110 section 5.5: blanks around a value are no part of it.
static const char *trimmed(struct arena *arena, const char *value)
{
    value += strspn(value, " \t");
    size_t length = strlen(value);
    while (length && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        length--;
    return arena_copy(arena, value, length);
}

void header_take(struct request *request, const char *name, const char *value)
{
    for (const struct header_field *field = header_fields; field < header_fields + FIELDS; field++) {
        if ((field->name[0] | 0x20) != (*name | 0x20) || strcasecmp(field->name, name) != 0) // mostly the first letter
            continue;
        const char **place = header_place(request, field), *text = trimmed(&request->arena, value);
        if (*place && field->rule == SINGLE)
            request->repeated_header = field->name;
        else
            *place = *place ? arena_format(&request->arena, "%s, %s", *place, text) : text;
        return;
    }
}

bool headers_are_good(struct request *request)
{
    bool good = true;
    for (const struct header_field *field = header_fields; field < header_fields + FIELDS; field++) {
        const char **place = header_place(request, field);
        good = (!*place || !field->check || field->check(request, place)) && good;
    }
    return good;
}

size_t header_names_for_pages(char *ret_text, size_t size)
{
    size_t length = 0;
    for (const struct header_field *field = header_fields; field < header_fields + FIELDS; field++)
        if (field->author == BY_PAGE && length < size)
            length += (size_t)snprintf(ret_text + length, size - length, "%s%s", length ? ", " : "", field->name);
    return length;
}

bool is_visible_without(const char *text, const char *without)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c >= 0x7f)
            return false;
    return !strpbrk(text, without);
}

bool list_holds_only(const char *list, const char *item)
{
    size_t length = strlen(item);
    while (*(list += strspn(list, " \t,"))) {
        if (strcspn(list, " \t,") != length || strncasecmp(list, item, length) != 0)
            return false;
        list += length;
        if (!strchr(",", list[strspn(list, " \t")])) // also true of the end
            return false;
    }
    return true;
}
