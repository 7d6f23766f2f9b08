// The event loops as one: their start, what they are told, and their end.
#include "base/log.h"
#include "http/route.h"
#include "http/transport/cors.h"
#include "http/transport/listen.h"
#include "http/transport/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
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

unsigned long server_clients_held_up(void)
{
    return arrivals_held_up();
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

static void pause_ms(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

bool server_start(const struct server_options *options)
{
    server_options_use(options);
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
