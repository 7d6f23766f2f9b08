// The event loops as one: their start, what they are told, and their end.
#include "base/log.h"
#include "http/route.h"
#include "http/transport/cors.h"
#include "http/transport/listen.h"
#include "http/transport/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    OTHER_DESCRIPTORS = 256, // for PostgreSQL, spools and the rest
    LOOPS_MAX = 64,
};

static struct {
    struct loop *loops;
    atomic_uint started; // loops that already run are asked while the others are started
    uint16_t port;
} server;

uint16_t server_port(void)
{
    return server.port;
}

unsigned server_loops(void)
{
    return server_options()->loops;
}

unsigned server_clients(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < server.started; i++)
        count += atomic_load(&server.loops[i].clients_count);
    return count;
}

// ---- starting and stopping ----

static bool report_start_failure(const char *reason)
{
    log_event(LOG_ERROR, "cannot_listen", log_text("reason", reason), log_text("address", server_options()->address),
              log_number("port", server_options()->port),
              log_text("way_out", listen_handed()
                                      ? "mend ListenStream= of the socket unit; THIDUA_LOOPS must be as many at least"
                                      : "stop what listens there, or set THIDUA_LISTEN to another address"));
    return false;
}

static bool start_loop(struct loop *loop)
{
    const char *reason;
    int listening = listen_on(server_options()->address, &server.port, !server.started, &reason);
    if (listening >= 0)
        reason = loop_start(loop, listening);
    return !reason || report_start_failure(reason);
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

static void pause_ms(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

bool server_start(const struct server_options *options)
{
    struct server_options own = *options;
    own.connections = connections_affordable(options->connections, options->loops);
    server_options_use(&own);
    routes_use(options->routes);
    cors_allow(options->cors_origins);
    server.port = options->port;
    server.loops = calloc(options->loops, sizeof *server.loops);
    if (!server.loops)
        return report_start_failure("out of memory");
    if (listen_handed() > (int)options->loops) // each loop takes from one: who came by another would wait for ever
        return report_start_failure("LISTEN_FDS hands over more sockets than there are event loops");
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
    if (!listen_may_begin(server_options()->address, server.port))
        return report_start_failure(strerror(errno));
    for (unsigned i = 0; i < server.started; i++)
        loop_take_connections(&server.loops[i]);
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

void server_stop(void)
{
    server_be_lame();
    server_drain();
    for (unsigned i = 0; i < server.started; i++)
        loop_stop(&server.loops[i]);
    for (unsigned i = 0; i < server.started; i++)
        pthread_join(server.loops[i].thread, NULL);
}

void server_close(void)
{
    for (unsigned i = 0; i < server.started; i++)
        loop_free(&server.loops[i]);
    free(server.loops);
    server.loops = NULL;
    server.started = 0;
}
