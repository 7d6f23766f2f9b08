// A reply by value becomes a response of libmicrohttpd: headers, conditional requests, streamed bodies.
#include "http/gzip.h"
#include "http/route.h"
#include "http/transport/cors.h"
#include "http/transport/exchange.h"
#include "thidua/decimal.h"

#include <stdio.h>
#include <string.h>

enum {
    PIECE_SIZE = 64 * 1024,
    // Of an event stream, which thousands may listen to. Chunks do not go through it: only HTTP/1.0 gets no larger
    // ones.
    SMALL_PIECE_SIZE = 1024,
};

enum answer_field {
#define ANSWER_FIELD(identifier, name, visibility) ANSWER_##identifier,
#include "http/transport/answer_fields.def"
#undef ANSWER_FIELD
};
static const char *const field_names[] = {
#define ANSWER_FIELD(identifier, name, visibility) [ANSWER_##identifier] = (name),
#include "http/transport/answer_fields.def"
#undef ANSWER_FIELD
};

static void add_response(struct MHD_Response *response, enum answer_field field, const char *value)
{
    if (value)
        MHD_add_response_header(response, field_names[field], value);
}

static ssize_t read_source(void *context, uint64_t position, char *buffer, size_t most)
{
    (void)position;
    struct body_source *source = context;
    struct exchange *exchange = source->request->transport;
    if (source->piece_used == source->piece_length && !source->failed && !source->ended && !source->waiting) {
        source->piece = NULL;
        source->piece_length = source->piece_used = 0;
        source->waiting = true;
        source->fetch(source);
    }
    if (source->waiting) {
        if (source->size == BODY_WITHOUT_END && !exchange->waited)
            loop_client_waits(exchange->client);
        exchange->waited = exchange->suspended = true;
        MHD_suspend_connection(exchange->client->connection);
        return 0;
    }
    bool in_chunks = source->size == BODY_WITHOUT_END && !exchange->hostless;
    if (source->ended && in_chunks)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (source->ended || source->failed || !source->piece_length) {
        // Told of the end, libmicrohttpd 0.9.75 frees the connection's memory, and forgets to close the connection
        // until it times out. So it has to find out by sending: this byte leaves nowhere.
        client_hang_up(exchange->client);
        *buffer = '\0';
        return 1;
    }
    size_t size = source->piece_length - source->piece_used;
    if (size > most)
        size = most;
    memcpy(buffer, source->piece + source->piece_used, size);
    source->piece_used += size;
    if (source->size == BODY_WITHOUT_END) // it may take for ever as a whole, but not to read what is there
        client_deadline(exchange->client, CLIENT_TO_WAIT, server_limits()->send_ms);
    return (ssize_t)size;
}

void body_source_take(struct body_source *source, const char *piece, size_t length)
{
    struct exchange *exchange = source->request->transport;
    source->piece = piece;
    source->piece_length = length;
    source->piece_used = 0;
    source->failed = !piece;
    source->waiting = false;
    if (exchange->suspended) {
        exchange->suspended = false;
        MHD_resume_connection(exchange->client->connection);
    }
}

void body_source_end(struct body_source *source)
{
    source->ended = true;
    body_source_take(source, NULL, 0);
}

// libmicrohttpd 0.9.75 ends the head of a body in chunks by the last chunk, also where HEAD asked for the head alone.
// The client would read that as the next answer. So such an answer has no chunks and ends the connection (RFC 9112,
// section 6.3).
static struct MHD_Response *create_stream(const struct reply *reply, bool head)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        reply->source->size, reply->unbuffered ? SMALL_PIECE_SIZE : PIECE_SIZE, read_source, reply->source, NULL);
    if (response && head && reply->source->size == MHD_SIZE_UNKNOWN)
        MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return response;
}

static struct MHD_Response *create_response(const struct reply *reply, bool head)
{
    if (reply->source)
        return create_stream(reply, head);
    // The body lives as long as the request, which ends after the response has been sent: nothing is copied.
    return MHD_create_response_from_buffer(reply->length, (void *)(uintptr_t)reply->body, MHD_RESPMEM_PERSISTENT);
}

static bool may_come_again(enum problem_kind kind)
{
    return kind == PROBLEM_UNAVAILABLE || kind == PROBLEM_INSUFFICIENT_STORAGE || kind == PROBLEM_TOO_MANY_REQUESTS;
}

static void add_problem_headers(struct MHD_Response *response, const struct request *request)
{
    char seconds[12];
    const struct problem *problem = &request->problem;
    if (problem->kind == PROBLEM_UNAUTHENTICATED) // RFC 6750 section 3.1: no error where no token was sent
        add_response(response, ANSWER_WWW_AUTHENTICATE,
                     bearer_of(request) ? "Bearer realm=\"thidua\", error=\"invalid_token\""
                                        : "Bearer realm=\"thidua\"");
    if (problem->kind == PROBLEM_UNSUPPORTED_MEDIA_TYPE && request->content_encoding)
        add_response(response, ANSWER_ACCEPT_ENCODING, "identity"); // RFC 9110 section 15.5.16
    if (problem->kind == PROBLEM_UNSUPPORTED_MEDIA_TYPE && request->route &&
        request->route->body_kind == BODY_MERGE_PATCH)
        add_response(response, ANSWER_ACCEPT_PATCH, "application/merge-patch+json"); // RFC 5789 section 2.2
    if (may_come_again(problem->kind)) {
        snprintf(seconds, sizeof seconds, "%d", problem->retry_after ? problem->retry_after : 1);
        add_response(response, ANSWER_RETRY_AFTER, seconds);
    }
}

static void add_next_link(struct MHD_Response *response, struct request *request, const char *cursor)
{
    if (!cursor)
        return;
    size_t path = strcspn(request->target, "?");
    const char *link = arena_format(&request->arena, "<%.*s?", (int)path, request->target);
    // Every parameter as it was sent, but for the cursor, however that is written.
    for (const char *part = request->target + path; *part; part += 1 + strcspn(part + 1, "&")) {
        size_t length = strcspn(part + 1, "&");
        const char *name = percent_decode(&request->arena, part + 1, strcspn(part + 1, "=&"), true);
        if (length && !(name && strcmp(name, "cursor") == 0))
            link = arena_format(&request->arena, "%s%.*s&", link, (int)length, part + 1);
    }
    add_response(response, ANSWER_LINK, arena_format(&request->arena, "%scursor=%s>; rel=\"next\"", link, cursor));
}

// draft-ietf-httpapi-ratelimit-headers-09.
static void add_rate(struct MHD_Response *response, const struct exchange *exchange)
{
    char text[64];
    const struct rate *rate = &exchange->rate;
    const char *policy = exchange->request.caller.known ? "key" : "address";
    if (!rate->quota)
        return;
    snprintf(text, sizeof text, "\"%s\";q=%u;w=%d", policy, rate->quota, RATE_WINDOW_SECONDS);
    add_response(response, ANSWER_RATE_LIMIT_POLICY, text);
    snprintf(text, sizeof text, "\"%s\";r=%u;t=%u", policy, rate->remaining, rate->seconds);
    add_response(response, ANSWER_RATE_LIMIT, text);
}

// "name;dur=1.2", in milliseconds.
static const char *stage(struct request *request, const char *name, int64_t from, int64_t to)
{
    char text[DECIMAL_TEXT_SIZE];
    decimal_format((to - from + 50000) / 100000, 1, text); // tenths
    return arena_join(&request->arena, (const char *const[]){name, ";dur=", text, NULL});
}

// W3C Server Timing: of work on a worker also what its client, and those before it in the queue, took of the time.
static void add_timing(struct MHD_Response *response, struct request *request)
{
    int64_t now = monotonic_ns();
    const char *total = stage(request, "total", request->started, now);
    if (!request->begun) {
        add_response(response, ANSWER_SERVER_TIMING, total);
        return;
    }
    const char *receive = stage(request, "receive", request->started, request->queued);
    const char *queue = stage(request, "queue", request->queued, request->begun);
    const char *work = stage(request, "work", request->begun, now);
    add_response(
        response, ANSWER_SERVER_TIMING,
        arena_join(&request->arena, (const char *const[]){receive, ", ", queue, ", ", work, ", ", total, NULL}));
}

static void add_headers_response(struct exchange *exchange, struct MHD_Response *response)
{
    struct request *request = &exchange->request;
    const struct reply *reply = &exchange->reply;
    if (reply->status != 204 && reply->status != 304)
        add_response(response, ANSWER_CONTENT_TYPE, reply->content_type ? reply->content_type : "application/json");
    add_response(response, ANSWER_CONTENT_LANGUAGE, reply->in_language ? language_tag(request->language) : NULL);
    if (reply->etag)
        add_response(response, ANSWER_ETAG,
                     arena_join(&request->arena, (const char *const[]){"\"", reply->etag, "\"", NULL}));
    add_response(response, ANSWER_LOCATION, reply->location);
    add_response(response, ANSWER_IDEMPOTENCY_REPLAYED, reply->replayed ? "true" : NULL);
    add_response(response, ANSWER_CONTENT_DISPOSITION, reply->disposition);
    add_response(response, ANSWER_PREFERENCE_APPLIED, reply->preference_applied);
    const char *cache = reply->cache_control;
    if (!cache && request->route)
        cache = request->route->cache_control;
    // Who asks decides what is shown, unless the table says otherwise: kept by the caller alone, and asked for again.
    if (!cache)
        cache = request->route && route_answers_all(request) ? "public, no-cache" : "private, no-cache";
    add_response(response, ANSWER_CACHE_CONTROL, cache);
    add_response(response, ANSWER_CONTENT_ENCODING, exchange->packed ? "gzip" : NULL);
    // In one field: of several nginx 1.22 heeds only the last.
    add_response(response, ANSWER_VARY,
                 cors_is_on() ? "Authorization, Accept, Accept-Language, Accept-Encoding, Origin"
                              : "Authorization, Accept, Accept-Language, Accept-Encoding");
    cors_headers(response, request->origin,
                 request->method && strcmp(request->method, "OPTIONS") == 0 ? request->problem.allow : NULL);
    add_response(response, ANSWER_X_CONTENT_TYPE_OPTIONS, "nosniff");
    add_response(response, ANSWER_CONTENT_SECURITY_POLICY, reply->content_security_policy);
    add_response(response, ANSWER_X_ACCEL_BUFFERING, reply->unbuffered ? "no" : NULL);
    add_response(response, ANSWER_X_REQUEST_ID, request->id);
    add_timing(response, request);
    add_response(response, ANSWER_ALLOW, request->problem.allow);
    add_rate(response, exchange);
    add_next_link(response, request, reply->next);
    if (request->problem.kind != PROBLEM_NONE)
        add_problem_headers(response, request);
    if (exchange->close || server_lame())
        add_response(response, ANSWER_CONNECTION, "close");
}

static bool is_never_kept(const struct request *request, const struct reply *reply)
{
    const char *cache = reply->cache_control || !request->route ? reply->cache_control : request->route->cache_control;
    return cache && strcmp(cache, "no-store") == 0;
}

static bool pack_body(struct request *request, struct reply *reply)
{
    if (!reply->gzip)
        return gzip_body(request, reply);
    reply->body = reply->gzip;
    reply->length = reply->gzip_length;
    return true;
}

// RFC 9110 section 13.1.1 is of every method: who goes on with what they began to read gets no part of something else.
static void refuse_unwanted(struct request *request, struct reply *reply)
{
    refuse(request, PROBLEM_STALE_VERSION,
           say(request, "Bản hiện tại có ETag khác với If-Match; bỏ trường này để đọc bản đó.",
               "What is there now has another ETag than If-Match names: leave that field out to read it."));
    *reply = refusal(request);
}

// What a read answers gets a validator, 304 where the caller has it already, and gzip where that is worth it.
static void fit_to_caller(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct reply *reply = &exchange->reply;
    if (reply->status != 200 || !request->method || strcmp(request->method, "GET") != 0 ||
        is_never_kept(request, reply))
        return;
    if (!reply->etag && !reply->source)
        reply->etag = etag_of(request, NULL, reply->body, reply->length);
    if (reply->etag && !etag_wanted(request, reply->etag)) {
        refuse_unwanted(request, reply);
    } else if (etag_known(request, reply->etag)) {
        if (etag_gzip_known(request, reply->etag))
            reply->etag = etag_gzip(request, reply->etag);
        reply->status = 304;
        reply->length = 0;
        reply->source = NULL;
    } else if (gzip_accepted(request->accept_encoding) && pack_body(request, reply)) {
        exchange->packed = true;
        reply->etag = etag_gzip(request, reply->etag);
    }
}

enum MHD_Result respond(struct exchange *exchange)
{
    struct reply *reply = &exchange->reply;
    intake_forget(exchange);
    fit_to_caller(exchange);
    struct MHD_Response *response = create_response(reply, exchange->request.head);
    if (!response)
        return MHD_NO;
    add_headers_response(exchange, response);
    exchange->stage = STAGE_SENDING;
    client_deadline(exchange->client, CLIENT_TO_WAIT, server_limits()->send_ms);
    enum MHD_Result queued = MHD_queue_response(exchange->client->connection, reply->status, response);
    MHD_destroy_response(response);
    return queued;
}
