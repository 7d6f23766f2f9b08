// The epoll set of one thread. Code that waits for a descriptor registers a watch. Nothing else in the service calls
// epoll. The memory of a watch must outlive the turn in which it is forgotten. A poller and its watches belong to one
// thread; only waker_wake() may be called from another.
#ifndef THIDUA_BASE_POLLER_H
#define THIDUA_BASE_POLLER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct watch {
    // Called on the poller's thread with EPOLLIN, EPOLLOUT, … as reported.
    void (*ready)(struct watch *watch, uint32_t events);
    int descriptor; // -1 while not registered
};

struct poller {
    int epoll;
    int64_t now; // monotonic_ns when this turn's wait ended: near enough for what is counted in seconds
};

bool poller_open(struct poller *poller);
void poller_close(struct poller *poller);
// Registers, or changes the events of, a watch on `descriptor`.
bool poller_watch(struct poller *poller, struct watch *watch, int descriptor, uint32_t events);
void poller_forget(struct poller *poller, struct watch *watch);
// Waits at most `milliseconds` (-1: for ever) and calls what is ready.
void poller_turn(struct poller *poller, int milliseconds);

// Of two such times the one that ends first.
static inline int sooner_ms(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

// Lets another thread end a poller's wait.
struct waker {
    struct watch watch;
    atomic_bool pending; // one write to the descriptor is enough until the poller has seen it
    void (*woken)(struct waker *waker);
};
bool waker_open(struct waker *waker, struct poller *poller, void (*woken)(struct waker *));
void waker_wake(struct waker *waker);
void waker_close(struct waker *waker, struct poller *poller);

// CLOCK_MONOTONIC in nanoseconds: for deadlines and durations, never for dates.
int64_t monotonic_ns(void);

#endif
