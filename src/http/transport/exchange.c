#include "http/transport/exchange.h"

#include "base/log.h"
#include "http/input/header.h"
#include "http/metrics.h"
#include "http/route.h"
#include "http/transport/forwarded.h"

#include <string.h>

enum {
    SWALLOW_MOST = 8 * 1024 * 1024, // of a refused body: behind a larger one the connection ends
    BODY_BYTES_A_SECOND = 65536,    // a body gets a second more for each of these
    ASKED_AGAIN_NS = 1000000000,    // who takes longer to send a request is asked for once more
};

// ---- beginning ----

struct exchange *exchange_start(struct client *client, const char *target)
{
    struct exchange *exchange = exchange_take();
    if (!exchange)
        return NULL;
    const struct server_limits *limits = server_limits();
    exchange->client = client;
    client->exchange = exchange;
    exchange->stage = STAGE_HEADERS;
    exchange->request.transport = exchange;
    exchange->request.spool.file.descriptor = -1;
    exchange->request.started = monotonic_ns();
    exchange->request.at = server_now();
    exchange->request.target = arena_text(&exchange->request.arena, target);
    client->idle = false;
    client_deadline(client, CLIENT_TO_SEND, limits->header_ms);
    return exchange;
}

// ---- steps ----

// As long as it keeps the pace, a body may take its time, announced or chunked.
static void body_deadline(struct exchange *exchange, uint64_t size)
{
    client_deadline(exchange->client, CLIENT_TO_SEND,
                    server_limits()->body_ms + (int64_t)(size * 1000 / BODY_BYTES_A_SECOND));
}

static void body_kept_pace(struct exchange *exchange, size_t size)
{
    if (!announced_length(&exchange->request))
        exchange->client->deadline += (int64_t)size * 1000000000 / BODY_BYTES_A_SECOND;
}

static enum MHD_Result answer_now(struct exchange *exchange)
{
    exchange->reply = refusal(&exchange->request);
    exchange->stage = STAGE_ANSWERED;
    return respond(exchange);
}

// A refusal is only sure to be received when the client is not still sending, and libmicrohttpd closes the connection
// of every answer that is queued before the end of the request: so the end is awaited where it is near. Where it is
// far, linger.c reads past what still comes.
static enum MHD_Result refuse_before_body(struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    // RFC 9110 section 10.1.1: who waits for leave need not send the body, and gets none for what cannot be met.
    bool unmet = request->problem.kind == PROBLEM_EXPECTATION_FAILED;
    if ((request->expect && has_body(request)) || unmet || announced_length(request) > SWALLOW_MOST)
        return answer_now(exchange);
    exchange->stage = STAGE_SWALLOW;
    body_deadline(exchange, announced_length(request));
    return MHD_YES;
}

static enum MHD_Result admit(struct exchange *exchange)
{
    if (!exchange_admitted(exchange))
        return refuse_before_body(exchange);
    exchange->stage = STAGE_BODY;
    body_deadline(exchange, announced_length(&exchange->request));
    return MHD_YES;
}

static enum MHD_Result dispatch(struct exchange *exchange)
{
    if (exchange->request.problem.kind != PROBLEM_NONE || !intake_end(exchange))
        return answer_now(exchange);
    exchange->stage = STAGE_WORKING;
    client_deadline(exchange->client, CLIENT_TO_WAIT, 0);
    server_hooks()->dispatch(&exchange->request, loop_context(exchange->client->loop));
    if (exchange->stage == STAGE_ANSWERED)
        return respond(exchange);
    exchange->suspended = true;
    MHD_suspend_connection(exchange->client->connection);
    return MHD_YES;
}

static enum MHD_Result go_on(struct exchange *exchange)
{
    return exchange->received ? dispatch(exchange) : admit(exchange);
}

static enum MHD_Result identify_caller(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (server_hooks()->identify(request, loop_context(exchange->client->loop)))
        return go_on(exchange);
    exchange->stage = STAGE_IDENTIFY;
    exchange->suspended = true;
    client_deadline(exchange->client, CLIENT_TO_WAIT, 0);
    MHD_suspend_connection(exchange->client->connection);
    return MHD_YES;
}

static void find_address(struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    struct address peer;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->client->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    exchange->addressed = info && info->client_addr && address_of_socket(info->client_addr, &peer);
    if (exchange->addressed)
        exchange->address =
            forwarded_caller(&peer, forwarded_is_standard() ? request->forwarded : request->x_forwarded_for);
}

static uint64_t head_size(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->client->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

enum MHD_Result exchange_start_head(struct exchange *exchange, const char *method, const char *version)
{
    struct request *request = &exchange->request;
    exchange->hostless = strcmp(version, "HTTP/1.0") == 0;
    client_memory_seen(exchange->client, method);
    head_method(request, method);
    if (refuse_heavy(exchange))
        return MHD_NO;
    chunks_take_head(exchange->client, method, head_size(exchange));
    bool clean = head_is_clean(exchange, method, version) && target_is_clean(request);
    bool good = headers_are_good(request); // in any case: what it drops must not be logged
    head_name(request);
    find_address(exchange);
    // libmicrohttpd 0.9.75 takes a bare line feed for the end of a chunk's line, which others take for a part of it: no
    // byte behind a chunked body may be read as a request.
    exchange->close = !clean || request->transfer_encoding;
    if (!clean)
        return answer_now(exchange);
    if (request->transfer_encoding)
        chunks_begin(exchange->client);
    if (!good || !head_route(request) || !head_query(request))
        return refuse_before_body(exchange);
    return identify_caller(exchange);
}

// A body may take minutes: whoever has lost the right to call meanwhile writes nothing any more.
static enum MHD_Result received(struct exchange *exchange)
{
    exchange->received = true;
    bool at_once = monotonic_ns() - exchange->request.started < ASKED_AGAIN_NS;
    return at_once ? dispatch(exchange) : identify_caller(exchange);
}

static enum MHD_Result swallow(struct exchange *exchange, size_t *size)
{
    if (*size == 0) {
        exchange->received = true;
        return answer_now(exchange);
    }
    exchange->swallowed += *size;
    if (exchange->swallowed > SWALLOW_MOST) { // in chunks, perhaps without end
        answer_early(exchange, refusal(&exchange->request));
        return MHD_NO;
    }
    *size = 0;
    return MHD_YES;
}

// All with a timeout of their own are looked at in every turn.
static void end_asking_first(struct exchange *exchange)
{
    if (exchange->asked_first)
        MHD_set_connection_option(exchange->client->connection, MHD_CONNECTION_OPTION_TIMEOUT, (unsigned)QUIET_SECONDS);
    exchange->asked_first = false;
}

enum MHD_Result exchange_step(struct exchange *exchange, const char *data, size_t *size)
{
    end_asking_first(exchange);
    // Behind Expect: 100-continue libmicrohttpd 0.9.75 hands over an empty piece where there is no body and another
    // request has come already. An answer would be too early for it then.
    bool empty_piece = data && *size == 0;
    if (empty_piece)
        return MHD_YES;
    if (data && (exchange->stage == STAGE_BODY || exchange->stage == STAGE_SWALLOW))
        chunks_take_body(exchange->client, *size);
    switch (exchange->stage) {
    case STAGE_KNOWN:
        return go_on(exchange);
    case STAGE_BODY:
        if (!data)
            return received(exchange);
        if (!intake_take(exchange, data, *size))
            exchange->stage = STAGE_SWALLOW;
        else
            body_kept_pace(exchange, *size);
        *size = 0;
        return MHD_YES;
    case STAGE_SWALLOW:
        return swallow(exchange, size);
    case STAGE_ANSWERED:
        return respond(exchange);
    case STAGE_SENDING: // answered early
        return MHD_NO;
    case STAGE_HEADERS:
    case STAGE_IDENTIFY:
    case STAGE_WORKING:
    default:
        return MHD_YES;
    }
}

// ---- answers from the service ----

// RFC 9112 section 9.6: who has ended their side of the connection behind a request may still await the answer. When a
// connection is resumed, libmicrohttpd 0.9.75 first reads what came meanwhile, and where that is the end it drops the
// request. Only where a connection has a timeout of its own it asks before it reads: so it has one until it has asked.
static void resume(struct exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    exchange->asked_first = true;
    MHD_set_connection_option(exchange->client->connection, MHD_CONNECTION_OPTION_TIMEOUT, QUIET_SECONDS - 1U);
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

// Probes come every few seconds from everywhere and say nothing, as long as they are answered as they should.
static bool is_left_out(const struct exchange *exchange)
{
    const struct route *route = exchange->request.route;
    return !server_log()->health && route && exchange->reply.status < 400 &&
           (strcmp(route->path, "/healthz") == 0 || strcmp(route->path, "/readyz") == 0);
}

static void log_exchange(const struct exchange *exchange, int64_t duration)
{
    const struct request *r = &exchange->request;
    char address[ADDRESS_TEXT_SIZE];
    bool addressed = exchange->addressed && server_log()->addresses;
    if (is_left_out(exchange))
        return;
    if (addressed)
        address_write(&exchange->address, address);
    enum log_level level = exchange->reply.status >= 500 ? LOG_ERROR : LOG_INFO;
    log_event(level, "request", log_text("request_id", r->id), log_text("method", r->method ? r->method : "-"),
              log_text("route", r->route ? r->route->path : "-"), log_number("status", exchange->reply.status),
              log_number("us", duration / 1000), log_text("key", r->caller.known ? r->caller.key_id : NULL),
              log_text("address", addressed ? address : NULL),
              log_text("problem", r->problem.kind ? problem_type(r->problem.kind) : NULL),
              log_text("traceparent", r->traceparent));
}

bool exchange_is_ahead(const struct exchange *exchange)
{
    return exchange->stage == STAGE_SENDING && !exchange->received;
}

void exchange_end(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    int64_t duration = monotonic_ns() - request->started;
    metrics_count(request, &exchange->reply, duration);
    log_exchange(exchange, duration);
    chunks_end(exchange->client);
    exchange->client->idle = true;
    exchange->client->exchange = NULL;
    if (exchange->digest.state) // the client went away while it sent
        sha256_finish(&exchange->digest, (unsigned char[SHA256_BYTES]){0});
    release_deferred(request, NULL);
    intake_forget(exchange);
    exchange_let_go(exchange);
}
