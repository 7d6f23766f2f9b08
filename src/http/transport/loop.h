// One event loop, inside src/http: a thread with a socket to listen on, a poller and a libmicrohttpd daemon of its own.
// Everything is the loop's thread's, but for what is atomic, `finished` under its mutex, and the functions below.
#ifndef THIDUA_HTTP_TRANSPORT_LOOP_H
#define THIDUA_HTTP_TRANSPORT_LOOP_H

#include "http/transport/arrivals.h"
#include "http/transport/exchange.h"
#include "http/transport/linger.h"

#include <pthread.h>
#include <stdatomic.h>

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
    struct arrivals arrivals;
    struct client *clients, *checked; // the one that is looked at next; NULL: all were
    atomic_uint clients_count;
    struct resting resting;
    struct lingering lingering;
    struct chunks chunks;
    unsigned exchanges; // requests under way
    pthread_mutex_t mutex;
    struct exchange *finished; // handed over by other threads
    atomic_bool stopping;
    atomic_int opening; // enum opening
    atomic_uint turns;
    int64_t next_tick, drain_until;
    bool quiesced;
};

// Starts the thread, which takes no connections yet. `socket` is the loop's from then on. NULL, or why it cannot.
const char *loop_start(struct loop *loop, int socket);
// `opening` tells what came of it: OPEN or FAILED.
void loop_take_connections(struct loop *loop);
// It takes no more connections, and its thread ends when the last request has; the caller joins it.
void loop_stop(struct loop *loop);
// After its thread, and those that hand over to it or wake it.
void loop_free(struct loop *loop);

#endif
