#include "base/container_of.h"
#include "base/log.h"
#include "http/route.h"
#include "http/transport/cors.h"
#include "http/transport/exchange.h"
#include "http/transport/listen.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,
    QUIET_SECONDS = 75,      // libmicrohttpd's own limit: no byte either way
    OTHER_DESCRIPTORS = 256, // for PostgreSQL, spools and the rest
    LOOPS_MAX = 64,
    ASKED_AT_ONCE = 256,
};

// Loops run before they take connections, so that the first caller finds them ready.
enum opening { CLOSED, WANTED, OPEN, FAILED };

struct loop {
    pthread_t thread;
    struct poller poller;
    struct watch daemon_watch;
    struct waker waker;
    struct MHD_Daemon *daemon;
    void *context;
    int socket;
    struct client *clients;
    atomic_uint clients_count;
    struct resting resting;
    unsigned exchanges; // requests under way
    pthread_mutex_t mutex;
    struct exchange *finished; // handed over by other threads
    atomic_bool stopping;
    atomic_int opening; // enum opening
    atomic_uint turns;
    int64_t now; // monotonic_ns at which this turn began: near enough for what is counted in seconds
    int64_t next_tick, drain_until;
    bool quiesced;
};

static struct {
    struct server_options options;
    struct loop *loops;
    atomic_uint started; // loops that already run read it while the others are started
    uint16_t port;
    atomic_bool lame, draining;
} server;

const struct server_hooks *server_hooks(void)
{
    return &server.options.hooks;
}

void *loop_context(const struct loop *loop)
{
    return loop->context;
}

const struct server_limits *server_limits(void)
{
    return &server.options.limits;
}

const struct server_rates *server_rates(void)
{
    return &server.options.rates;
}

bool server_lame(void)
{
    return atomic_load(&server.lame);
}

const struct server_log *server_log(void)
{
    return &server.options.log;
}

bool server_draining(void)
{
    return atomic_load(&server.draining);
}

uint16_t server_port(void)
{
    return server.port;
}

unsigned server_loops(void)
{
    return server.options.loops;
}

unsigned server_clients(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < server.started; i++)
        count += atomic_load(&server.loops[i].clients_count);
    return count;
}

// ---- clients ----

void client_deadline(struct client *client, enum client_turn turn, int64_t milliseconds)
{
    client->to_send = turn == CLIENT_TO_SEND;
    client->deadline = milliseconds ? client->loop->now + milliseconds * 1000000 : 0;
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
        rest_end(&loop->resting, client);
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
    rest_begin(&client->loop->resting, client, client->loop->now);
}

void client_hang_up(const struct client *client)
{
    int descriptor = client_descriptor(client);
    if (descriptor >= 0)
        shutdown(descriptor, SHUT_RDWR); // libmicrohttpd sees the end and closes
}

// libmicrohttpd 0.9.75 takes a read that did not fill its buffer for all that epoll told of, and so overlooks an end of
// the stream that arrived together with the last bytes: it would keep the connection until its deadline. So all whose
// turn it is are looked at now and then, many by one system call: there may be thousands.
struct look {
    struct pollfd asked[ASKED_AT_ONCE];
    const struct client *clients[ASKED_AT_ONCE];
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

static void look_for_end(struct look *look, const struct client *client)
{
    int descriptor = client->to_send ? client_descriptor(client) : -1;
    if (descriptor < 0)
        return;
    look->asked[look->count] = (struct pollfd){.fd = descriptor, .events = POLLRDHUP};
    look->clients[look->count++] = client;
    if (look->count == ASKED_AT_ONCE)
        hang_up_on_gone(look);
}

static void check_deadlines(struct loop *loop)
{
    int64_t now = loop->now;
    struct look look = {.count = 0};
    if (now < loop->next_tick)
        return;
    loop->next_tick = now + (int64_t)TICK_MS * 1000000;
    bool draining = atomic_load(&loop->stopping);
    for (const struct client *client = loop->clients; client; client = client->next)
        if ((client->deadline && now > client->deadline) || (draining && (client->idle || now > loop->drain_until)))
            client_hang_up(client);
        else
            look_for_end(&look, client);
    hang_up_on_gone(&look);
}

// ---- libmicrohttpd's callbacks ----

static void *target_seen(void *context, const char *target, struct MHD_Connection *connection)
{
    struct loop *loop = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct client *client = info ? info->socket_context : NULL;
    if (client)
        rest_end(&loop->resting, client);
    struct exchange *exchange = client ? exchange_start(client, target ? target : "") : NULL;
    loop->exchanges += exchange != NULL;
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
    (void)connection, (void)code;
    struct loop *loop = context;
    struct exchange *exchange = *slot;
    if (!exchange)
        return;
    *slot = NULL;
    loop->exchanges--;
    client_deadline(exchange->client, CLIENT_TO_SEND, server_limits()->idle_ms);
    rest_begin(&loop->resting, exchange->client, loop->now);
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
    return sooner_ms(timeout, service);
}

static void quiesce(struct loop *loop)
{
    if (loop->quiesced)
        return;
    loop->quiesced = true;
    loop->drain_until = monotonic_ns() + (int64_t)server.options.drain_seconds * 1000000000;
    loop->next_tick = 0;
    int listening = loop->daemon ? MHD_quiesce_daemon(loop->daemon) : loop->socket;
    if (listening >= 0)
        close(listening);
}

static struct MHD_Daemon *start_daemon(struct loop *loop)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_ERROR_LOG, 0, NULL, NULL, step_loop, loop,
        MHD_OPTION_EXTERNAL_LOGGER, logged, loop, MHD_OPTION_LISTEN_SOCKET, loop->socket, MHD_OPTION_NOTIFY_COMPLETED,
        completed, loop, MHD_OPTION_NOTIFY_CONNECTION, connection_notified, loop, MHD_OPTION_URI_LOG_CALLBACK,
        target_seen, loop, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_CONNECTION_LIMIT,
        server.options.connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT, server.options.connections_per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, QUIET_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_END);
}

static void open_daemon(struct loop *loop)
{
    loop->daemon = listen_begin(loop->socket) ? start_daemon(loop) : NULL;
    int epoll = loop->daemon ? MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd : -1;
    bool open = epoll >= 0 && poller_watch(&loop->poller, &loop->daemon_watch, epoll, EPOLLIN);
    atomic_store(&loop->opening, open ? OPEN : FAILED);
}

static void serve_clients(struct loop *loop)
{
    if (atomic_load(&loop->opening) == WANTED && !loop->quiesced)
        open_daemon(loop);
    if (loop->daemon)
        MHD_run(loop->daemon);
}

static void *run_loop(void *argument)
{
    struct loop *loop = argument;
    log_hold();
    loop->context = server.options.hooks.loop_open(&loop->poller);
    int service = 0;
    for (;;) {
        poller_turn(&loop->poller, next_timeout(loop, service));
        loop->now = monotonic_ns();
        atomic_fetch_add(&loop->turns, 1);
        if (atomic_load(&loop->stopping))
            quiesce(loop);
        serve_clients(loop);
        service = sooner_ms(server.options.hooks.loop_turn(loop->context), rest_turn(&loop->resting, loop->now));
        check_deadlines(loop);
        log_flush();
        if (loop->quiesced && !loop->exchanges && (!loop->clients || monotonic_ns() > loop->drain_until))
            break;
    }
    if (loop->daemon)
        MHD_stop_daemon(loop->daemon);
    server.options.hooks.loop_close(loop->context);
    log_flush();
    return NULL;
}

// ---- starting ----

static bool report_start_failure(const char *reason)
{
    log_event(LOG_ERROR, "cannot_listen", log_text("reason", reason), log_text("address", server.options.address),
              log_number("port", server.options.port),
              log_text("way_out", "stop what listens there, or set THIDUA_LISTEN to another address"));
    return false;
}

static bool open_socket(struct loop *loop)
{
    const char *reason;
    loop->socket = listen_on(server.options.address, &server.port, !server.started, &reason);
    return loop->socket >= 0 || report_start_failure(reason);
}

static bool start_loop(struct loop *loop)
{
    *loop = (struct loop){.daemon_watch = {.ready = daemon_ready, .descriptor = -1}, .poller.epoll = -1};
    pthread_mutex_init(&loop->mutex, NULL);
    if (!open_socket(loop))
        return false;
    if (!poller_open(&loop->poller) || !waker_open(&loop->waker, &loop->poller, take_finished))
        return report_start_failure("no event loop could be opened");
    return pthread_create(&loop->thread, NULL, run_loop, loop) == 0 ||
           report_start_failure("no thread could be started");
}

// As many descriptors as the system grants; clients are taken only as far as they last, so that the service always has
// some left to reach PostgreSQL with.
static unsigned connections_affordable(unsigned wanted, unsigned loops)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    rlim_t soft = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (soft != limit.rlim_max && setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = soft;
    rlim_t spare =
        limit.rlim_cur > (rlim_t)2 * OTHER_DESCRIPTORS ? limit.rlim_cur - OTHER_DESCRIPTORS : limit.rlim_cur / 2;
    if (spare / loops >= wanted)
        return wanted;
    log_event(LOG_WARNING, "fewer_connections", log_number("wanted", wanted), log_number("possible", spare / loops),
              log_text("way_out", "raise the limit of open files (ulimit -n)"));
    return (unsigned)(spare / loops) + (spare < loops);
}

int64_t server_now(void)
{
    struct timespec now;
    if (server.options.now)
        return server.options.now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void pause_ms(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

bool server_start(const struct server_options *options)
{
    server.options = *options;
    routes_use(options->routes);
    cors_allow(options->cors_origins);
    server.options.connections = connections_affordable(options->connections, options->loops);
    server.port = options->port;
    server.loops = calloc(options->loops, sizeof *server.loops);
    if (!server.loops)
        return report_start_failure("out of memory");
    for (; server.started < options->loops; server.started++)
        if (!start_loop(&server.loops[server.started])) {
            server_stop();
            return false;
        }
    return true;
}

void server_wake(void)
{
    for (unsigned i = 0; i < server.started; i++)
        waker_wake(&server.loops[i].waker);
}

bool server_open(void)
{
    if (!listen_may_begin(server.options.address, server.port))
        return report_start_failure(strerror(errno));
    for (unsigned i = 0; i < server.started; i++) {
        atomic_store(&server.loops[i].opening, WANTED);
        waker_wake(&server.loops[i].waker);
    }
    bool open = true;
    for (unsigned i = 0; i < server.started; i++) {
        while (atomic_load(&server.loops[i].opening) == WANTED)
            pause_ms(1);
        open = open && atomic_load(&server.loops[i].opening) == OPEN;
    }
    return open || report_start_failure("the port cannot be listened on, or libmicrohttpd did not start");
}

bool server_turns(void)
{
    enum { PATIENCE_MS = 1000 };
    unsigned before[LOOPS_MAX] = {0}, count = server.started < LOOPS_MAX ? server.started : LOOPS_MAX;
    for (unsigned i = 0; i < count; i++)
        before[i] = atomic_load(&server.loops[i].turns);
    server_wake();
    for (unsigned i = 0, waited = 0; i < count; i++)
        for (; atomic_load(&server.loops[i].turns) == before[i]; waited++) {
            if (waited == PATIENCE_MS)
                return false;
            pause_ms(1);
        }
    return true;
}

void server_be_lame(void)
{
    atomic_store(&server.lame, true);
}

void server_stop(void)
{
    server_be_lame();
    atomic_store(&server.draining, true);
    for (unsigned i = 0; i < server.started; i++) {
        atomic_store(&server.loops[i].stopping, true);
        waker_wake(&server.loops[i].waker);
    }
    for (unsigned i = 0; i < server.started; i++)
        pthread_join(server.loops[i].thread, NULL);
}

void server_close(void)
{
    for (unsigned i = 0; i < server.started; i++) {
        struct loop *loop = &server.loops[i];
        waker_close(&loop->waker, &loop->poller);
        poller_close(&loop->poller);
        pthread_mutex_destroy(&loop->mutex);
    }
    free(server.loops);
    server.loops = NULL;
    server.started = 0;
}
