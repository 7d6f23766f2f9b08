#include "http/input/cursor.h"

#include "base/sha256.h"
#include "http/request.h"
#include "http/route.h"

#include <string.h>

enum { DIGEST_TEXT = 16 }; // 64 bits: enough to tell queries apart, which is all it is for

// What may change from page to page.
static bool is_of_page(const char *parameter)
{
    return strcmp(parameter, "cursor") == 0 || strcmp(parameter, "limit") == 0;
}

// Everything that decides which items a list has, and in which order: what is asked, and what the caller may see.
static const char *query_text(struct request *request, const char *place)
{
    struct arena *arena = &request->arena;
    const char *text = arena_format(arena, "%s\n%s", place, request->route->path);
    for (size_t i = 0; i < PATH_PARAMETERS_MAX && request->path[i].name; i++)
        text = arena_format(arena, "%s\n%s", text, request->path[i].value);
    for (const struct query_field *field = request->route->query; field->name; field++) {
        const char *value = is_of_page(field->name) ? NULL : query_value(request, field->name);
        if (value)
            text = arena_format(arena, "%s\n%s=%s", text, field->name, value);
    }
    const char *sort = request->route->orders ? query_value(request, "sort") : NULL;
    if (sort)
        text = arena_format(arena, "%s\nsort=%s", text, sort);
    if (!route_answers_all(request))
        text = arena_format(arena, "%s\n%u %s", text, request->caller.roles, request->caller.unit_id);
    return text;
}

static bool is_bound(const struct route *route)
{
    for (const struct query_field *field = route->query; field && field->name; field++)
        if (strcmp(field->name, "cursor") == 0)
            return field->type == FIELD_TEXT; // a number is a place in the journal, the same for every query
    return false;
}

const char *cursor_shown(struct request *request, const char *place)
{
    if (!place || !is_bound(request->route))
        return place;
    char hex[SHA256_HEX_LENGTH + 1];
    const char *text = query_text(request, place);
    sha256_hex(text, strlen(text), hex);
    return arena_format(&request->arena, "%s.%.*s", place, DIGEST_TEXT, hex);
}

const char *cursor_place(struct request *request, const char *shown)
{
    const char *dot = strrchr(shown, '.');
    return dot ? arena_copy(&request->arena, shown, (size_t)(dot - shown)) : shown;
}

bool cursor_open(struct request *request)
{
    const char *given = query_value(request, "cursor");
    if (!given || !is_bound(request->route))
        return true;
    const char *place = cursor_place(request, given);
    if (strcmp(cursor_shown(request, place), given) != 0)
        return violate(request, PROBLEM_INVALID_QUERY, "cursor", "of_another_query",
                       say(request,
                           "Con trỏ không thuộc truy vấn này (đường dẫn, bộ lọc, người gọi); hãy đọc lại từ đầu, không "
                           "có cursor.",
                           "The cursor does not belong to this query (path, filters, caller): read the list from its "
                           "start, without cursor."));
    for (size_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query[i].name, "cursor") == 0)
            request->query[i].value = place;
    return true;
}

// The last place where `text` stands between quotation marks.
static const char *last_quoted(const char *body, size_t length, const char *text)
{
    size_t size = strlen(text);
    for (const char *at = body + length - size; at > body; at--)
        if (at[-1] == '"' && memcmp(at, text, size) == 0 && at[size] == '"')
            return at;
    return NULL;
}

void cursor_seal(struct request *request, struct reply *reply)
{
    if (!reply->next || !is_bound(request->route) || reply->length < strlen(reply->next))
        return;
    const char *at = last_quoted(reply->body, reply->length, reply->next), *shown = cursor_shown(request, reply->next);
    if (at) {
        size_t before = (size_t)(at - reply->body), old = strlen(reply->next), new = strlen(shown);
        char *body = arena_allocate(&request->arena, reply->length - old + new + 1);
        memcpy(body, reply->body, before);
        memcpy(body + before, shown, new);
        memcpy(body + before + new, at + old, reply->length - before - old + 1);
        reply->body = body;
        reply->length += new - old;
    }
    reply->next = shown;
}
