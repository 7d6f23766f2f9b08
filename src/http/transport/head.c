#include "http/transport/exchange.h"

#include "http/route.h"

#include <string.h>
#include <sys/random.h>
#include <uuid/uuid.h>

static const char *known_method(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(method, methods[i]) == 0)
            return methods[i];
    return "OTHER";
}

void head_method(struct request *request, const char *method)
{
    request->method = known_method(method);
    request->head = strcmp(request->method, "HEAD") == 0;
    if (request->head)
        request->method = "GET";
}

// libuuid seeds a generator of its own for every id, which takes longer than all else that is done with a head. So
// random bytes are drawn for many at once, on each loop's thread, and set as RFC 9562 section 5.4 says.
static void draw_id(uuid_t ret_id)
{
    static _Thread_local uuid_t drawn[16];
    static _Thread_local size_t left;
    if (left == 0 && getrandom(drawn, sizeof drawn, 0) == sizeof drawn)
        left = sizeof drawn / sizeof *drawn;
    if (left == 0) {
        uuid_generate_random(ret_id);
        return;
    }
    memcpy(ret_id, drawn[--left], sizeof(uuid_t));
    ret_id[6] = (unsigned char)((ret_id[6] & 0x0f) | 0x40);
    ret_id[8] = (unsigned char)((ret_id[8] & 0x3f) | 0x80);
}

void head_name(struct request *request)
{
    if (request->client_id) {
        memcpy(request->id, request->client_id, strlen(request->client_id) + 1);
        return;
    }
    uuid_t uuid;
    draw_id(uuid);
    uuid_unparse_lower(uuid, request->id);
}

static struct reply tell_methods(struct request *request)
{
    (void)request; // add_headers adds Allow
    return reply_no_content();
}

// RFC 9110 section 9.3.7: which methods a path has, asked of any path.
static const struct route options_route = {
    .method = "OPTIONS", .path = "*", .roles = ANYONE, .lane = LANE_LOOP, .answer = tell_methods};

static bool offer_methods(struct request *request, const char *allow)
{
    request->problem.allow = allow;
    request->route = &options_route;
    return true;
}

// A browser asks before a page may (WHATWG Fetch, CORS-preflight fetch). Only a 2xx lets the page go on and see what is
// wrong with its URL, so it is given whatever the URL.
static bool is_preflight(const struct request *request)
{
    return request->origin && request->preflight_method && strcmp(request->method, "OPTIONS") == 0;
}

static const char *no_such_path(struct request *request, const char *misfit)
{
    size_t length = misfit ? strlen(misfit) : 0;
    if (!misfit)
        return say(request, "Dịch vụ không có đường dẫn này; xem /docs.", "The service has no such path: see /docs.");
    if (length >= 2 && strcmp(misfit + length - 2, "id") == 0)
        return say(request, "Trong đường dẫn này, \"{%s}\" phải là một UUID.", "In this path \"{%s}\" must be a UUID.",
                   misfit);
    return say(request, "Trong đường dẫn này, \"{%s}\" không thể như đã gửi; xem /docs.",
               "In this path \"{%s}\" cannot be what was sent: see /docs.", misfit);
}

bool head_route(struct request *request)
{
    static const char all[] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
    const char *allow = NULL, *misfit = NULL;
    if (strcmp(request->target, "*") == 0) // asks of the service as a whole
        return offer_methods(request, all);
    switch (route_find(request, &allow, &misfit)) {
    case ROUTE_FOUND:
        return true;
    case ROUTE_NO_METHOD:
        allow = arena_format(&request->arena, "%s, OPTIONS", allow);
        if (strcmp(request->method, "OPTIONS") == 0)
            return offer_methods(request, allow);
        request->problem.allow = allow;
        return refuse(request, PROBLEM_METHOD_NOT_ALLOWED, say(request, "Dùng được: %s.", "Allowed: %s.", allow));
    case ROUTE_NO_PATH:
    default:
        return is_preflight(request) ? offer_methods(request, all)
                                     : refuse(request, PROBLEM_NOT_FOUND, no_such_path(request, misfit));
    }
}

bool head_query(struct request *request)
{
    // OPTIONS asks of a path: the query is that of the request to come.
    const char *part = request->route == &options_route ? NULL : strchr(request->target, '?');
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
