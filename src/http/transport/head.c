#include "http/transport/exchange.h"

#include "http/route.h"

#include <string.h>
#include <uuid/uuid.h>

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->client->connection, MHD_HEADER_KIND, name);
}

static bool is_safe_id(const char *id)
{
    size_t length = id ? strlen(id) : 0;
    for (size_t i = 0; i < length; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", id[i]))
            return false;
    return length >= 1 && length <= 64;
}

static void name_request(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const char *given = exchange_header(exchange, "X-Request-Id");
    if (is_safe_id(given)) {
        memcpy(request->id, given, strlen(given) + 1);
        return;
    }
    uuid_t uuid;
    uuid_generate_random(uuid);
    uuid_unparse_lower(uuid, request->id);
}

// W3C Trace Context, section 3.2: version, trace, parent and flags in lower-case hexadecimal. Anything else is ignored.
static bool is_traceparent(const char *text)
{
    static const char form[] = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
    if (!text || strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '-' ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
            return false;
    return true;
}

static const char *known_method(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(method, methods[i]) == 0)
            return methods[i];
    return "OTHER";
}

void head_read(struct exchange *exchange, const char *method)
{
    struct request *request = &exchange->request;
    request->method = known_method(method);
    request->head = strcmp(request->method, "HEAD") == 0;
    if (request->head)
        request->method = "GET";
    request->language = language_preferred(exchange_header(exchange, "Accept-Language"));
    request->if_match = exchange_header(exchange, "If-Match");
    request->if_none_match = exchange_header(exchange, "If-None-Match");
    request->content_type = exchange_header(exchange, "Content-Type");
    request->accept = exchange_header(exchange, "Accept");
    request->authorization = exchange_header(exchange, "Authorization");
    request->traceparent = exchange_header(exchange, "traceparent");
    request->last_event_id = exchange_header(exchange, "Last-Event-ID");
    request->accept_encoding = exchange_header(exchange, "Accept-Encoding");
    request->origin = exchange_header(exchange, "Origin");
    request->idempotency_key = exchange_header(exchange, "Idempotency-Key");
    request->prefer = exchange_header(exchange, "Prefer");
    request->digest = exchange_header(exchange, "Repr-Digest");
    if (!request->digest)
        request->digest = exchange_header(exchange, "Digest");
    if (!is_traceparent(request->traceparent))
        request->traceparent = NULL;
    name_request(exchange);
}

static struct reply tell_methods(struct request *request)
{
    (void)request; // add_headers adds Allow
    return reply_no_content();
}

// RFC 9110 section 9.3.7: which methods a path has, asked of any path.
static const struct route options_route = {
    .method = "OPTIONS", .path = "*", .roles = ANYONE, .lane = LANE_LOOP, .answer = tell_methods};

// "OPTIONS *" asks of the service as a whole.
static bool asks_of_all(struct request *request)
{
    if (strcmp(request->target, "*") != 0)
        return false;
    request->problem.allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    request->route = &options_route;
    return true;
}

bool head_route(struct request *request)
{
    const char *allow = NULL;
    if (asks_of_all(request))
        return true;
    switch (route_find(request, &allow)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_NO_METHOD:
        allow = arena_format(&request->arena, "%s, OPTIONS", allow);
        request->problem.allow = allow;
        if (strcmp(request->method, "OPTIONS") == 0) {
            request->route = &options_route;
            return true;
        }
        return refuse(request, PROBLEM_METHOD_NOT_ALLOWED, say(request, "Dùng được: %s.", "Allowed: %s.", allow));
    case ROUTE_NO_PATH:
    default:
        return refuse(request, PROBLEM_NOT_FOUND, NULL);
    }
}

bool head_query(struct request *request)
{
    const char *part = strchr(request->target, '?');
    for (part = part ? part + 1 : ""; *part;) {
        size_t length = strcspn(part, "&");
        const char *equals = memchr(part, '=', length);
        size_t name_length = equals ? (size_t)(equals - part) : length;
        const char *name = percent_decode(&request->arena, part, name_length, true);
        const char *value = equals ? percent_decode(&request->arena, equals + 1, length - name_length - 1, true) : "";
        if (!name || !value || request->query_count >= QUERY_PARAMETERS_MAX / 2)
            return violate(request, PROBLEM_INVALID_QUERY, "query", "syntax",
                           say(request, "Chuỗi truy vấn sai mã hóa %%XX, sai UTF-8 hoặc có quá nhiều tham số.",
                               "The query has malformed escapes, bad UTF-8 or too many parameters."));
        if (length)
            request->query[request->query_count++] = (struct pair){name, value};
        part += length + (part[length] == '&');
    }
    return true;
}
