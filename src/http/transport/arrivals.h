// New clients of one event loop.
#ifndef THIDUA_HTTP_TRANSPORT_ARRIVALS_H
#define THIDUA_HTTP_TRANSPORT_ARRIVALS_H

#include "base/poller.h"

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct arrivals {
    struct watch watch;
    struct MHD_Daemon *daemon; // NULL: nobody is taken
    int socket;
    unsigned room;               // how many more clients the loop may have
    int64_t pause_until;         // monotonic_ns
    atomic_int_fast64_t told_at; // of clients that wait, for log_due()
};

// Clients are handed to `daemon`, which has no socket of its own, until the socket is closed.
void arrivals_begin(struct arrivals *arrivals, int socket, struct MHD_Daemon *daemon);
void arrivals_end(struct arrivals *arrivals, struct poller *poller);
// Ends a turn: `room` is how many more clients the loop may have. Returns milliseconds until it wants a turn, -1 for
// never.
int arrivals_turn(struct arrivals *arrivals, struct poller *poller, unsigned room, int64_t now);
// How often a loop had to let clients wait for want of descriptors or memory.
unsigned long arrivals_held_up(void);

#endif
