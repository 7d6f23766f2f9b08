// One event loop: its clients, libmicrohttpd's callbacks, and its turns.
#include "http/transport/loop.h"

#include "base/container_of.h"
#include "base/log.h"
#include "http/transport/listen.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,
    ASKED_AT_ONCE = 128, // in one turn, so that nobody waits for it
};

void *loop_context(const struct loop *loop)
{
    return loop->context;
}

// ---- clients ----

void client_deadline(struct client *client, enum client_turn turn, int64_t milliseconds)
{
    client->to_send = turn == CLIENT_TO_SEND;
    client->deadline = milliseconds ? client->loop->poller.now + milliseconds * 1000000 : 0;
}

static int epoll_of(const struct loop *loop)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

// libmicrohttpd 0.9.75 does not watch a connection while its memory for it is full of what is no whole line. It would
// not hear of the end either, and keep it. (Of one that is suspended it must not hear.)
static void make_end_heard(struct client *client, int descriptor)
{
    struct epoll_event end = {.events = EPOLLET, .data.ptr = client->connection};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(client->connection, MHD_CONNECTION_INFO_CONNECTION_SUSPENDED);
    if (client->to_send && !client->watched && info && !info->suspended)
        client->watched = epoll_ctl(epoll_of(client->loop), EPOLL_CTL_ADD, descriptor, &end) == 0;
}

// What libmicrohttpd watches itself, it also forgets itself.
static void forget(const struct client *client)
{
    if (client->watched)
        epoll_ctl(epoll_of(client->loop), EPOLL_CTL_DEL, client_descriptor(client), NULL);
}

void client_hang_up(struct client *client)
{
    int descriptor = client_descriptor(client);
    if (descriptor < 0)
        return;
    shutdown(descriptor, SHUT_RDWR); // libmicrohttpd sees the end and closes
    make_end_heard(client, descriptor);
}

static void connection_notified(void *context, struct MHD_Connection *connection, void **slot,
                                enum MHD_ConnectionNotificationCode code)
{
    struct loop *loop = context;
    struct client *client = *slot;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        client = calloc(1, sizeof *client);
        *slot = client;
        if (!client)
            return;
        *client = (struct client){.loop = loop, .connection = connection, .idle = true, .next = loop->clients};
        client_deadline(client, CLIENT_TO_SEND, server_limits()->idle_ms);
        if (loop->clients)
            loop->clients->previous = client;
        loop->clients = client;
        atomic_fetch_add(&loop->clients_count, 1);
    } else if (client) {
        forget(client);
        rest_end(&loop->resting, client);
        if (loop->checked == client)
            loop->checked = client->next;
        *(client->previous ? &client->previous->next : &loop->clients) = client->next;
        if (client->next)
            client->next->previous = client->previous;
        free(client);
        *slot = NULL;
        atomic_fetch_sub(&loop->clients_count, 1);
    }
}

void loop_client_waits(struct client *client)
{
    rest_begin(&client->loop->resting, client, client->loop->poller.now);
}

// libmicrohttpd 0.9.75 takes a read that did not fill its buffer for all that epoll told of, and so overlooks an end of
// the stream that arrived together with the last bytes: it would keep the connection until its deadline. So all whose
// turn it is are looked at once a second, many by one system call: there may be thousands.
struct look {
    struct pollfd asked[ASKED_AT_ONCE];
    struct client *clients[ASKED_AT_ONCE];
    nfds_t count;
};

static void hang_up_on_gone(struct look *look)
{
    char byte;
    if (look->count && poll(look->asked, look->count, 0) > 0)
        for (nfds_t i = 0; i < look->count; i++)
            if (look->asked[i].revents && recv(look->asked[i].fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) == 0)
                client_hang_up(look->clients[i]);
    look->count = 0;
}

static void look_for_end(struct look *look, struct client *client)
{
    int descriptor = client->to_send ? client_descriptor(client) : -1;
    if (descriptor < 0)
        return;
    look->asked[look->count] = (struct pollfd){.fd = descriptor, .events = POLLRDHUP};
    look->clients[look->count++] = client;
}

static void check_deadlines(struct loop *loop)
{
    int64_t now = loop->poller.now;
    struct look look = {.count = 0};
    if (!loop->checked && now >= loop->next_tick) {
        loop->next_tick = now + (int64_t)TICK_MS * 1000000;
        loop->checked = loop->clients;
    }
    bool draining = atomic_load(&loop->stopping);
    for (unsigned done = 0; loop->checked && done < ASKED_AT_ONCE; done++) {
        struct client *client = loop->checked;
        loop->checked = client->next;
        if ((client->deadline && now > client->deadline) || (draining && (client->idle || now > loop->drain_until)))
            client_hang_up(client);
        else
            look_for_end(&look, client);
    }
    hang_up_on_gone(&look);
}

// ---- libmicrohttpd's callbacks ----

// libmicrohttpd would keep a record of each parameter, which nobody asks it for, and where there is no room for the
// next one close the connection without an answer: a proxy takes that for an instance that is broken.
static void hide_parameters(const char *target)
{
    char *query = strchr((char *)(uintptr_t)target, '?'); // in the connection's own memory
    if (query)
        query[1] = '\0';
}

static void *target_seen(void *context, const char *target, struct MHD_Connection *connection)
{
    struct loop *loop = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct client *client = info ? info->socket_context : NULL;
    if (client)
        rest_end(&loop->resting, client);
    struct exchange *exchange = client ? exchange_start(client, target ? target : "") : NULL;
    loop->exchanges += exchange != NULL;
    if (target)
        hide_parameters(target);
    return exchange;
}

static enum MHD_Result step_loop(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **slot)
{
    (void)context, (void)connection, (void)url;
    struct exchange *exchange = *slot;
    if (!exchange)
        return MHD_NO;
    return exchange->stage == STAGE_HEADERS ? exchange_start_head(exchange, method, version)
                                            : exchange_step(exchange, data, size);
}

static void completed(void *context, struct MHD_Connection *connection, void **slot,
                      enum MHD_RequestTerminationCode code)
{
    (void)connection;
    struct loop *loop = context;
    struct exchange *exchange = *slot;
    if (!exchange)
        return;
    if (exchange_is_ahead(exchange))
        linger(&loop->lingering, client_descriptor(exchange->client));
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        exchange->client->memory = NULL; // libmicrohttpd frees it now, and tells of the connection's end later
    *slot = NULL;
    loop->exchanges--;
    client_deadline(exchange->client, CLIENT_TO_SEND, server_limits()->idle_ms);
    rest_begin(&loop->resting, exchange->client, loop->poller.now);
    exchange_end(exchange);
}

static void logged(void *context, const char *format, va_list arguments)
{
    (void)arguments;
    const struct loop *loop = context;
    refuse_early(loop->clients, format);
}

// Targets are decoded by us, segment by segment, from the raw form that target_seen gets.
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

// ---- a turn ----

static void daemon_ready(struct watch *watch, uint32_t events)
{
    (void)watch, (void)events; // MHD_run is called at every turn
}

static void take_finished(struct waker *waker)
{
    struct loop *loop = container_of(waker, struct loop, waker);
    pthread_mutex_lock(&loop->mutex);
    struct exchange *list = loop->finished;
    loop->finished = NULL;
    pthread_mutex_unlock(&loop->mutex);
    while (list) {
        struct exchange *exchange = list;
        list = exchange->next;
        if (exchange->request.before_answer)
            exchange->request.before_answer(&exchange->request, &exchange->reply);
        request_answer(&exchange->request, exchange->reply);
    }
}

void loop_hand_over(struct loop *loop, struct exchange *exchange)
{
    pthread_mutex_lock(&loop->mutex);
    exchange->next = loop->finished;
    loop->finished = exchange;
    pthread_mutex_unlock(&loop->mutex);
    waker_wake(&loop->waker);
}

static int next_timeout(struct loop *loop, int service)
{
    MHD_UNSIGNED_LONG_LONG milliseconds;
    int timeout = loop->clients || atomic_load(&loop->stopping) ? TICK_MS : -1;
    if (loop->daemon && MHD_get_timeout(loop->daemon, &milliseconds) == MHD_YES)
        timeout = sooner_ms(timeout, milliseconds < TICK_MS ? (int)milliseconds : TICK_MS);
    return loop->checked ? 0 : sooner_ms(timeout, service);
}

static void quiesce(struct loop *loop)
{
    if (loop->quiesced)
        return;
    loop->quiesced = true;
    loop->drain_until = monotonic_ns() + (int64_t)server_options()->drain_seconds * 1000000000;
    loop->next_tick = 0;
    loop->checked = NULL;
    arrivals_end(&loop->arrivals, &loop->poller);
    close(loop->socket);
}

static struct MHD_Daemon *start_daemon(struct loop *loop)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, step_loop, loop, MHD_OPTION_EXTERNAL_LOGGER, logged, loop, MHD_OPTION_NOTIFY_COMPLETED, completed,
        loop, MHD_OPTION_NOTIFY_CONNECTION, connection_notified, loop, MHD_OPTION_URI_LOG_CALLBACK, target_seen, loop,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT, server_options()->connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, server_options()->connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT,
        QUIET_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_END);
}

static void open_daemon(struct loop *loop)
{
    loop->daemon = listen_begin(loop->socket) ? start_daemon(loop) : NULL;
    int epoll = loop->daemon ? epoll_of(loop) : -1;
    bool open = epoll >= 0 && poller_watch(&loop->poller, &loop->daemon_watch, epoll, EPOLLIN);
    if (open)
        arrivals_begin(&loop->arrivals, loop->socket, loop->daemon);
    atomic_store(&loop->opening, open ? OPEN : FAILED);
}

static unsigned room_for_clients(const struct loop *loop)
{
    unsigned most = server_options()->connections, count = atomic_load(&loop->clients_count) + loop->lingering.count;
    return count < most ? most - count : 0;
}

// Returns milliseconds until it wants another turn, -1 for never.
static int serve_clients(struct loop *loop)
{
    if (atomic_load(&loop->opening) == WANTED && !loop->quiesced)
        open_daemon(loop);
    if (loop->daemon)
        MHD_run(loop->daemon);
    return arrivals_turn(&loop->arrivals, &loop->poller, room_for_clients(loop), loop->poller.now);
}

static void *run_loop(void *argument)
{
    struct loop *loop = argument;
    log_hold();
    loop->context = server_hooks()->loop_open(&loop->poller);
    int service = 0;
    for (;;) {
        poller_turn(&loop->poller, next_timeout(loop, service));
        atomic_fetch_add(&loop->turns, 1);
        if (atomic_load(&loop->stopping))
            quiesce(loop);
        int arrivals = serve_clients(loop);
        service = sooner_ms(server_hooks()->loop_turn(loop->context), rest_turn(&loop->resting, loop->poller.now));
        service = sooner_ms(service, sooner_ms(arrivals, linger_turn(&loop->lingering, loop->poller.now)));
        chunks_turn(&loop->chunks, loop->poller.now);
        check_deadlines(loop);
        log_flush();
        if (loop->quiesced && !loop->exchanges && (!loop->clients || monotonic_ns() > loop->drain_until))
            break;
    }
    if (loop->daemon)
        MHD_stop_daemon(loop->daemon);
    lingering_end(&loop->lingering);
    server_hooks()->loop_close(loop->context);
    exchanges_forget();
    log_flush();
    return NULL;
}

// ---- from the server's thread ----

const char *loop_start(struct loop *loop, int socket)
{
    *loop =
        (struct loop){.socket = socket, .daemon_watch = {.ready = daemon_ready, .descriptor = -1}, .poller.epoll = -1};
    pthread_mutex_init(&loop->mutex, NULL);
    lingering_begin(&loop->lingering, &loop->poller);
    if (!poller_open(&loop->poller) || !waker_open(&loop->waker, &loop->poller, take_finished))
        return "no event loop could be opened";
    return pthread_create(&loop->thread, NULL, run_loop, loop) == 0 ? NULL : "no thread could be started";
}

void loop_take_connections(struct loop *loop)
{
    atomic_store(&loop->opening, WANTED);
    waker_wake(&loop->waker);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stopping, true);
    waker_wake(&loop->waker);
}

void loop_free(struct loop *loop)
{
    waker_close(&loop->waker, &loop->poller);
    poller_close(&loop->poller);
    pthread_mutex_destroy(&loop->mutex);
}
