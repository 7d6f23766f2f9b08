#include "http/exchange.h"

#include "http/body.h"
#include "http/metrics.h"
#include "http/route.h"
#include "log.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uuid/uuid.h>

enum {
    SWALLOW_MOST = 8 * 1024 * 1024, // closing on a client that still sends could lose the refusal
    BODY_BYTES_A_SECOND = 65536,    // a body gets a second more for each of these
};

static const char *header(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->client->connection, MHD_HEADER_KIND, name);
}

// ---- beginning ----

struct exchange *exchange_start(struct client *client, const char *target)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    const struct server_limits *limits = server_limits();
    exchange->client = client;
    exchange->stage = STAGE_HEADERS;
    exchange->request.transport = exchange;
    exchange->request.spool.descriptor = -1;
    exchange->request.started = monotonic_ns();
    exchange->request.target = arena_text(&exchange->request.arena, target);
    client->idle = false;
    client_deadline(client, limits->header_ms);
    return exchange;
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
    const char *given = header(exchange, "X-Request-Id");
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

// The first language of Accept-Language that we have, by order (RFC 9110 section 12.5.4; weights below 1 come later in
// every client met). Vietnamese is the default.
static enum language choose_language(const char *accepted)
{
    for (const char *part = accepted; part && *part; part += strcspn(part, ",") + (part[strcspn(part, ",")] == ',')) {
        part += strspn(part, " \t");
        if (strncasecmp(part, "vi", 2) == 0)
            return VIETNAMESE;
        if (strncasecmp(part, "en", 2) == 0)
            return ENGLISH;
    }
    return VIETNAMESE;
}

static const char *known_method(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(method, methods[i]) == 0)
            return methods[i];
    return "OTHER";
}

static void read_headers(struct exchange *exchange, const char *method)
{
    struct request *request = &exchange->request;
    request->method = known_method(method);
    request->head = strcmp(request->method, "HEAD") == 0;
    if (request->head)
        request->method = "GET";
    request->language = choose_language(header(exchange, "Accept-Language"));
    request->if_match = header(exchange, "If-Match");
    request->if_none_match = header(exchange, "If-None-Match");
    request->content_type = header(exchange, "Content-Type");
    request->accept = header(exchange, "Accept");
    request->authorization = header(exchange, "Authorization");
    request->traceparent = header(exchange, "traceparent");
    request->last_event_id = header(exchange, "Last-Event-ID");
    request->accept_encoding = header(exchange, "Accept-Encoding");
    request->origin = header(exchange, "Origin");
    request->idempotency_key = header(exchange, "Idempotency-Key");
    request->prefer = header(exchange, "Prefer");
    request->digest = header(exchange, "Repr-Digest");
    if (!request->digest)
        request->digest = header(exchange, "Digest");
    if (!is_traceparent(request->traceparent))
        request->traceparent = NULL;
    name_request(exchange);
}

static bool split_query(struct request *request)
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

static struct reply tell_methods(struct request *request)
{
    (void)request; // add_headers adds Allow
    return reply_no_content();
}

// RFC 9110 section 9.3.7: which methods a path has, asked of any path.
static const struct route options_route = {
    .method = "OPTIONS", .path = "*", .roles = ANYONE, .lane = LANE_LOOP, .answer = tell_methods};

static bool find_route(struct request *request)
{
    const char *allow = NULL;
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

// ---- the caller is known: may they, and is what they announce acceptable? ----

static bool allowed(struct request *request)
{
    unsigned roles = request->route->roles;
    if (roles & ANYONE)
        return true;
    if (!request->caller.known)
        return refuse(request, PROBLEM_UNAUTHENTICATED,
                      say(request, "Gửi khóa trong trường Authorization: Bearer thd_….",
                          "Send a key in the field Authorization: Bearer thd_…."));
    if (request->caller.roles & roles)
        return true;
    const char *names = "";
    for (unsigned role = 1; role <= ROLES_ALL; role <<= 1)
        if (roles & role)
            names = arena_format(&request->arena, "%s%s%s", names, *names ? ", " : "", role_name(role));
    return refuse(request, PROBLEM_FORBIDDEN, say(request, "Cần vai trò: %s.", "A role is needed: %s.", names));
}

static const struct {
    const char *type, *also;
    uint64_t most;
} body_kinds[] = {
    [BODY_NONE] = {NULL, NULL, 0},
    [BODY_JSON] = {"application/json", NULL, JSON_BODY_MAX},
    [BODY_MERGE_PATCH] = {"application/merge-patch+json", "application/json", JSON_BODY_MAX},
    [BODY_CSV] = {"text/csv", NULL, CSV_BODY_MAX},
    [BODY_PDF] = {"application/pdf", NULL, PDF_BODY_MAX},
};

static bool media_type_is(const char *given, const char *wanted)
{
    size_t length = wanted ? strlen(wanted) : 0;
    return length && given && strncasecmp(given, wanted, length) == 0 && strchr("; \t", given[length]);
}

static uint64_t announced_length(const struct exchange *exchange)
{
    const char *length = header(exchange, "Content-Length");
    return length ? strtoull(length, NULL, 10) : 0;
}

static bool has_body(const struct exchange *exchange)
{
    return header(exchange, "Transfer-Encoding") || announced_length(exchange) > 0;
}

static bool too_large(struct request *request, uint64_t most)
{
    return refuse(request, PROBLEM_BODY_TOO_LARGE,
                  say(request, "Nhiều nhất %llu byte.", "At most %llu bytes.", (unsigned long long)most));
}

static bool body_acceptable(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    enum body_kind kind = request->route->body_kind;
    exchange->body_most = body_kinds[kind].most;
    if (!has_body(exchange))
        return true;
    if (kind == BODY_NONE)
        return refuse(request, PROBLEM_BODY_TOO_LARGE,
                      say(request, "Yêu cầu này không có nội dung.", "This request takes no body."));
    if (!media_type_is(request->content_type, body_kinds[kind].type) &&
        !media_type_is(request->content_type, body_kinds[kind].also))
        return violate(request, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Type", "media_type",
                       say(request, "Cần Content-Type: %s.", "Content-Type: %s is needed.", body_kinds[kind].type));
    if (announced_length(exchange) > exchange->body_most)
        return too_large(request, exchange->body_most);
    if (kind == BODY_PDF)
        return spool_open(exchange);
    return true;
}

// ---- body ----

static bool buffer_room(struct exchange *exchange, size_t size)
{
    if (size <= exchange->buffer_size)
        return true;
    size_t grown = exchange->buffer_size ? exchange->buffer_size * 2 : 1024;
    if (grown < size)
        grown = size;
    char *buffer = realloc(exchange->buffer, grown);
    if (!buffer)
        return refuse(&exchange->request, PROBLEM_UNAVAILABLE, NULL);
    exchange->buffer = buffer;
    exchange->buffer_size = grown;
    return true;
}

static bool take_body(struct exchange *exchange, const char *data, size_t size)
{
    struct request *request = &exchange->request;
    uint64_t have = request->spool.descriptor >= 0 ? request->spool.size : request->body_length;
    if (have + size > exchange->body_most)
        return too_large(request, exchange->body_most);
    if (request->spool.descriptor >= 0)
        return spool_write(exchange, data, size);
    if (!buffer_room(exchange, request->body_length + size + 1))
        return false;
    memcpy(exchange->buffer + request->body_length, data, size);
    request->body_length += size;
    exchange->buffer[request->body_length] = '\0';
    return true;
}

static bool body_complete(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    request->body = exchange->buffer;
    if (request->spool.descriptor >= 0)
        return spool_close(exchange);
    return true;
}

// ---- steps ----

// As long as it keeps the pace, a body may take its time, announced or chunked.
static void body_deadline(struct exchange *exchange, uint64_t size)
{
    client_deadline(exchange->client, server_limits()->body_ms + (int64_t)(size * 1000 / BODY_BYTES_A_SECOND));
}

static void body_kept_pace(struct exchange *exchange, size_t size)
{
    if (!announced_length(exchange))
        exchange->client->deadline += (int64_t)size * 1000000000 / BODY_BYTES_A_SECOND;
}

static enum MHD_Result answer_now(struct exchange *exchange)
{
    exchange->reply = refusal(&exchange->request);
    exchange->stage = STAGE_ANSWERED;
    return respond(exchange);
}

// A refusal is only sure to be received when the client is not still sending, and libmicrohttpd closes the connection
// of every answer that is queued before the end of the request: so the end is awaited where it is near.
static enum MHD_Result refuse_before_body(struct exchange *exchange)
{
    bool waits = header(exchange, "Expect") && has_body(exchange); // RFC 9110 section 10.1.1: no need to send it
    if (waits || announced_length(exchange) > SWALLOW_MOST)
        return answer_now(exchange);
    exchange->stage = STAGE_SWALLOW;
    body_deadline(exchange, announced_length(exchange));
    return MHD_YES;
}

// The peer's; of IPv6 the network part, for one client has all the rest of it.
static const void *address_of(const struct exchange *exchange, size_t *ret_length)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->client->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr)
        return NULL;
    bool six = info->client_addr->sa_family == AF_INET6;
    *ret_length = six ? 8 : sizeof(struct in_addr);
    return six ? (const void *)&((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr
               : (const void *)&((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr;
}

// Who keeps asking with a wrong key counts as an address. Probes and scrapers of the operator are not counted.
static bool within_rate(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const struct server_rates *rates = server_rates();
    bool known = request->caller.known;
    unsigned quota = known ? rates->key : rates->address;
    size_t length = sizeof request->caller.key_id - 1;
    const void *who = request->caller.key_id;
    if (!quota || strncmp(request->route->path, "/v1/", 4) != 0 || (!known && !(who = address_of(exchange, &length))) ||
        rate_take(who, length, quota, request->started, &exchange->rate))
        return true;
    request->problem = (struct problem){.retry_after = (int)exchange->rate.seconds};
    return refuse(request, PROBLEM_TOO_MANY_REQUESTS,
                  say(request, "Nhiều nhất %u yêu cầu một phút; hãy đợi %u giây.",
                      "At most %u requests a minute: wait for %u seconds.", quota, exchange->rate.seconds));
}

static enum MHD_Result admit(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (!within_rate(exchange) || request->problem.kind != PROBLEM_NONE || !allowed(request) ||
        !body_acceptable(exchange) || !read_query(request, request->route->query))
        return refuse_before_body(exchange);
    exchange->stage = STAGE_BODY;
    body_deadline(exchange, announced_length(exchange));
    return MHD_YES;
}

static enum MHD_Result take_headers(struct exchange *exchange, const char *method)
{
    struct request *request = &exchange->request;
    read_headers(exchange, method);
    if (!headers_are_clean(exchange) || !target_is_clean(request)) {
        exchange->close = true;
        return answer_now(exchange);
    }
    if (!find_route(request) || !split_query(request))
        return refuse_before_body(exchange);
    if (server_hooks()->identify(request, loop_context(exchange->client->loop)))
        return admit(exchange);
    exchange->stage = STAGE_IDENTIFY;
    exchange->suspended = true;
    client_deadline(exchange->client, 0);
    MHD_suspend_connection(exchange->client->connection);
    return MHD_YES;
}

static enum MHD_Result dispatch(struct exchange *exchange)
{
    if (!body_complete(exchange))
        return answer_now(exchange);
    exchange->stage = STAGE_WORKING;
    client_deadline(exchange->client, 0);
    server_hooks()->dispatch(&exchange->request, loop_context(exchange->client->loop));
    if (exchange->stage == STAGE_ANSWERED)
        return respond(exchange);
    exchange->suspended = true;
    MHD_suspend_connection(exchange->client->connection);
    return MHD_YES;
}

static enum MHD_Result swallow(struct exchange *exchange, size_t *size)
{
    if (*size == 0)
        return answer_now(exchange);
    exchange->swallowed += *size;
    if (exchange->swallowed > SWALLOW_MOST) // a chunked body without end
        return MHD_NO;
    *size = 0;
    return MHD_YES;
}

enum MHD_Result exchange_step(struct exchange *exchange, const char *method, const char *data, size_t *size)
{
    switch (exchange->stage) {
    case STAGE_HEADERS:
        return take_headers(exchange, method);
    case STAGE_KNOWN:
        return admit(exchange);
    case STAGE_BODY:
        if (*size == 0)
            return dispatch(exchange);
        if (!take_body(exchange, data, *size))
            exchange->stage = STAGE_SWALLOW;
        else
            body_kept_pace(exchange, *size);
        *size = 0;
        return MHD_YES;
    case STAGE_SWALLOW:
        return swallow(exchange, size);
    case STAGE_ANSWERED:
        return respond(exchange);
    case STAGE_IDENTIFY:
    case STAGE_WORKING:
    case STAGE_SENDING:
    default:
        return MHD_YES;
    }
}

// ---- answers from the service ----

static void resume(struct exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    MHD_resume_connection(exchange->client->connection);
}

void request_known(struct request *request)
{
    struct exchange *exchange = request->transport;
    exchange->stage = STAGE_KNOWN;
    resume(exchange);
}

void request_answer(struct request *request, struct reply reply)
{
    struct exchange *exchange = request->transport;
    exchange->reply = reply;
    exchange->stage = STAGE_ANSWERED;
    resume(exchange);
}

void request_finish(struct request *request, struct reply reply)
{
    struct exchange *exchange = request->transport;
    exchange->reply = reply;
    loop_hand_over(exchange->client->loop, exchange);
}

// ---- end ----

static void log_exchange(const struct exchange *exchange, int64_t duration)
{
    const struct request *r = &exchange->request;
    enum log_level level = exchange->reply.status >= 500 ? LOG_ERROR : LOG_INFO;
    log_event(level, "request", log_text("request_id", r->id), log_text("method", r->method ? r->method : "-"),
              log_text("route", r->route ? r->route->path : "-"), log_number("status", exchange->reply.status),
              log_number("us", duration / 1000), log_text("key", r->caller.known ? r->caller.key_id : NULL),
              log_text("problem", r->problem.kind ? problem_type(r->problem.kind) : NULL),
              log_text("traceparent", r->traceparent));
}

void exchange_end(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    int64_t duration = monotonic_ns() - request->started;
    metrics_count(request->route, exchange->reply.status, duration);
    log_exchange(exchange, duration);
    exchange->client->idle = true;
    if (exchange->digest)
        gnutls_hash_deinit(exchange->digest, NULL);
    for (struct deferred *d = request->deferred; d; d = d->next)
        d->release(d->thing);
    free(exchange->buffer);
    arena_release(&request->arena);
    free(exchange);
}
