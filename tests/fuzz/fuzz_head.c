// Bytes on a connection, as libmicrohttpd and the transport take them: request lines, header fields, bodies with a
// length or in chunks, one request after another. A byte 0xff stands for a pause: what comes before it arrives alone.
// What must hold: every answer is whole, none is a fault of ours, and no request is served whose head was not refused
// although its target or fields hold what they may not.
//
// The loop's own file is part of this one, so that it turns here, without a thread and without a clock's patience.
#include "../../src/http/transport/loop.c" // NOLINT(bugprone-suspicious-include)

#include "http.h"
#include "http/route.h"
#include "http/transport/cors.h"
#include "http/transport/forwarded.h"

#include <netinet/in.h>

enum { TURNS = 12, ANSWERS = 1 << 16 };

static void *open_nothing(struct poller *poller)
{
    return poller;
}

static void close_nothing(void *context)
{
    (void)context;
}

static int turn_nothing(void *context)
{
    (void)context;
    return -1;
}

static bool identify_nobody(struct request *request, void *context)
{
    (void)context;
    const char *bearer = bearer_of(request);
    if (bearer && strlen(bearer) > 3)
        request->caller = (struct caller){.known = true, .roles = ROLES_ALL, .key_id = "key"};
    return true;
}

// As features answer: with a validator, long enough for gzip where that is wanted, and where fields ask for it.
static struct reply shown(struct request *request, const char *body)
{
    struct reply reply = reply_json(request, 200, body, strlen(body));
    reply.etag = etag_of(request, "7", reply.body, reply.length);
    reply.preference_applied = prefers(request, "return=minimal") || prefers(request, "wait") ? "wait" : NULL;
    if (if_match_any(request) || if_match_names(request, "7"))
        reply.location = request->target;
    if (if_none_match_fails(request, "7"))
        reply.next = arena_format(&request->arena, "%s|7", path_value(request, "thing"));
    return reply;
}

static struct reply read_of_kind(struct request *request)
{
    bool good = true;
    if (request->body && (request->route->body_kind == BODY_JSON || request->route->body_kind == BODY_MERGE_PATCH))
        good = read_body(request, request->route->body, NULL);
    else if (request->route->body_kind == BODY_CSV)
        good = read_rows(request, request->route->body, headings);
    name_cells(request);
    return good ? shown(request, request->body_json ? request->body_json : "{}") : refusal(request);
}

static void serve(struct request *request, void *context)
{
    (void)context;
    for (const char *c = request->target; *c; c++)
        if (*c <= 0x20 || *c >= 0x7f || strchr("#\"<>\\^`{|}", *c))
            abort();
    if (request->repeated_header || (request->content_length && request->transfer_encoding))
        abort();
    bool asks = strcmp(request->route->method, "GET") == 0;
    const char *list = asks ? arena_format(&request->arena, "{\"items\": [\"%01500d\"]}", 7) : NULL;
    request_answer(request, asks                     ? shown(request, list)
                            : request->route->answer ? request->route->answer(request)
                                                     : read_of_kind(request));
}

static const struct server_options options = {
    .routes = tables,
    .address = "127.0.0.1",
    .limits = {60000, 60000, 60000, 60000},
    .loops = 1,
    .connections = 16,
    .now = (int64_t)NOON * 1000000,
    .cors_origins = "https://a.vn",
    .hooks = {open_nothing, close_nothing, turn_nothing, identify_nobody, serve},
};

static struct loop *loop_once(void)
{
    static struct loop loop = {.daemon_watch = {.ready = daemon_ready, .descriptor = -1}, .poller.epoll = -1};
    const char *reason;
    uint16_t port = 0;
    if (loop.daemon)
        return &loop;
    server_options_use(&options);
    routes_use(tables);
    cors_allow(options.cors_origins);
    forwarded_trust("127.0.0.0/8,10.0.0.0/8");
    forwarded_use(true);
    log_hold();
    pthread_mutex_init(&loop.mutex, NULL);
    lingering_begin(&loop.lingering, &loop.poller);
    loop.socket = listen_on(options.address, &port, true, &reason);
    if (loop.socket < 0 || !poller_open(&loop.poller) || !waker_open(&loop.waker, &loop.poller, take_finished))
        abort();
    loop.context = options.hooks.loop_open(&loop.poller);
    loop.daemon = start_daemon(&loop);
    if (!loop.daemon)
        abort();
    return &loop;
}

// Begins with a status of ours, with one that libmicrohttpd gives by itself, or is the leave to send a body.
static void examine_answers(const char *text, size_t length)
{
    if (length && strncmp(text, "HTTP/1.", 7) != 0)
        abort();
    if (length && strtoul(text + 9, NULL, 10) == 500)
        abort();
}

struct talk {
    struct loop *loop;
    int descriptor;
    char answers[ANSWERS + 1];
    size_t length;
};

static void turn(struct talk *talk)
{
    for (unsigned i = 0; i < TURNS; i++) {
        MHD_run(talk->loop->daemon);
        ssize_t got = recv(talk->descriptor, talk->answers + talk->length, ANSWERS - talk->length, MSG_DONTWAIT);
        if (got > 0)
            talk->length += (size_t)got;
    }
}

static void say_all(struct talk *talk, const uint8_t *data, size_t size)
{
    while (size) {
        const uint8_t *pause = memchr(data, 0xff, size);
        size_t length = pause ? (size_t)(pause - data) : size;
        if (length && send(talk->descriptor, data, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            return; // it has been hung up on
        turn(talk);
        size -= length + (pause != NULL);
        data += length + (pause != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct talk talk;
    int pair[2];
    const struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    talk.loop = loop_once();
    talk.length = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
        return 0;
    talk.descriptor = pair[0];
    if (MHD_add_connection(talk.loop->daemon, pair[1], (const struct sockaddr *)&peer, sizeof peer) != MHD_YES)
        abort();
    say_all(&talk, data, size);
    shutdown(talk.descriptor, SHUT_WR);
    for (unsigned i = 0; i < TURNS && talk.loop->clients; i++) {
        turn(&talk);
        talk.loop->next_tick = 0;
        check_deadlines(talk.loop);
    }
    close(talk.descriptor);
    for (unsigned i = 0; i < TURNS && talk.loop->clients; i++)
        MHD_run(talk.loop->daemon);
    lingering_end(&talk.loop->lingering);
    if (talk.loop->clients || talk.loop->exchanges)
        abort(); // who has gone is held on to
    talk.answers[talk.length] = '\0';
    examine_answers(talk.answers, talk.length);
    return 0;
}
