#include "http/request.h"

#include "base/pure/json_spelling.h"
#include "base/sha256.h"
#include "http/gzip.h"
#include "http/input/accept.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define GZIP_SUFFIX "-gzip"

struct reply reply_json(struct request *request, unsigned status, const char *body, size_t length)
{
    char *text = arena_bytes(&request->arena, length + 2);
    size_t size = json_spell(body, length, text);
    text[size++] = '\n';
    text[size] = '\0';
    return (struct reply){.status = status, .body = text, .length = size};
}

struct reply reply_no_content(void)
{
    return (struct reply){.status = 204};
}

void defer(struct request *request, void (*release)(void *), void *thing)
{
    struct deferred *deferred = arena_new(&request->arena, struct deferred);
    *deferred = (struct deferred){release, thing, request->deferred};
    request->deferred = deferred;
}

static void release_json(void *json)
{
    json_decref(json);
}

json_t *defer_json(struct request *request, json_t *json)
{
    defer(request, release_json, json);
    return json;
}

void defer_free(struct request *request, void *memory)
{
    defer(request, free, memory);
}

void release_deferred(struct request *request, const struct deferred *kept)
{
    for (; request->deferred != kept; request->deferred = request->deferred->next)
        request->deferred->release(request->deferred->thing);
}

const char *path_part(const struct request *request, const char *name)
{
    for (size_t i = 0; i < PATH_PARAMETERS_MAX && request->path[i].name; i++)
        if (strcmp(request->path[i].name, name) == 0)
            return request->path[i].value;
    return NULL;
}

const char *path_value(const struct request *request, const char *name)
{
    const char *value = path_part(request, name);
    return value ? value : "";
}

const char *query_value(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++)
        if (strcmp(request->query[i].name, name) == 0)
            return request->query[i].value;
    return NULL;
}

bool prefers(const struct request *request, const char *preference)
{
    size_t length = strlen(preference);
    const char *list = request->prefer ? request->prefer : "", *end = list + strlen(list);
    while (*list) {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, " \t,;=");
        const char *after = list + item + strspn(list + item, " \t");
        bool valued = *after == '=' && strncmp(after + 1 + strspn(after + 1, " \t"), "\"\"", 2) != 0;
        if (item == length && strncasecmp(list, preference, length) == 0 && !valued)
            return true;
        list += unquoted_span(list, end, ",");
    }
    return false;
}

bool has_role(const struct request *request, unsigned roles)
{
    return (request->caller.roles & roles) != 0;
}

enum naming { NAMES_IT, NAMES_OTHERS, NAMES_NOTHING };

// "7-0f1e2d3c4b5a6978" or "7": the version is what stands before the dash, the rest digests the bytes shown.
static bool tag_means(const char *tag, size_t length, const char *version)
{
    size_t digits = strlen(version);
    return length >= digits && memcmp(tag, version, digits) == 0 && (length == digits || tag[digits] == '-');
}

// Does a list of entity tags name the version? Tags without quotes are taken too: people forget them. What is no list
// names nothing: half of it may not be what its sender meant.
static enum naming version_listed(const char *list, const char *version, bool weak_too)
{
    enum naming found = NAMES_OTHERS;
    while (*(list += strspn(list, " \t,"))) {
        bool weak = strncmp(list, "W/\"", 3) == 0;
        bool quoted = weak || *list == '"';
        list += weak ? 3 : quoted;
        size_t length = strcspn(list, quoted ? "\"" : " \t,\"");
        if ((list[length] == '"') != quoted)
            return NAMES_NOTHING;
        if ((weak_too || !weak) && tag_means(list, length, version))
            found = NAMES_IT;
        list += length + quoted;
        list += strspn(list, " \t");
        if (*list && *list != ',')
            return NAMES_NOTHING;
    }
    return found;
}

const char *bearer_of(const struct request *request)
{
    const char *field = request->authorization;
    return field && strncasecmp(field, "Bearer ", 7) == 0 ? field + 7 + strspn(field + 7, " ") : NULL;
}

bool if_match_any(const struct request *request)
{
    return request->if_match && strcmp(request->if_match, "*") == 0;
}

bool if_match_names(const struct request *request, const char *version)
{
    return request->if_match && version_listed(request->if_match, version, false) == NAMES_IT;
}

bool if_none_match_fails(const struct request *request, const char *version)
{
    const char *list = request->if_none_match;
    return list && (strcmp(list, "*") == 0 || version_listed(list, version, true) != NAMES_OTHERS);
}

const char *etag_of(struct request *request, const char *version, const char *body, size_t length)
{
    char hex[SHA256_HEX_LENGTH + 1];
    sha256_hex(body, length, hex);
    return arena_format(&request->arena, "%s%s%.16s", version ? version : "", version ? "-" : "", hex);
}

static bool listed(const char *list, const char *etag, const char *suffix)
{
    size_t length = strlen(etag), rest = strlen(suffix);
    for (const char *found = strstr(list, etag); found; found = strstr(found + 1, etag))
        if (found > list && found[-1] == '"' && strncmp(found + length, suffix, rest) == 0 &&
            found[length + rest] == '"')
            return true;
    return false;
}

bool etag_gzip_known(const struct request *request, const char *etag)
{
    return etag && request->if_none_match && gzip_accepted(request->accept_encoding) &&
           listed(request->if_none_match, etag, GZIP_SUFFIX);
}

bool etag_wanted(const struct request *request, const char *etag)
{
    return !request->if_match || if_match_any(request) || if_match_names(request, etag);
}

bool etag_known(const struct request *request, const char *etag)
{
    const char *list = request->if_none_match;
    if (!list || !etag)
        return false;
    return strcmp(list, "*") == 0 || listed(list, etag, "") || etag_gzip_known(request, etag);
}

const char *etag_gzip(struct request *request, const char *etag)
{
    return arena_format(&request->arena, "%s" GZIP_SUFFIX, etag);
}
