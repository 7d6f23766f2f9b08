#include "base/poller.h"
#include "base/container_of.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_A_TURN = 64 };

bool poller_open(struct poller *poller)
{
    poller->epoll = epoll_create1(EPOLL_CLOEXEC);
    return poller->epoll >= 0;
}

void poller_close(struct poller *poller)
{
    if (poller->epoll >= 0)
        close(poller->epoll);
    poller->epoll = -1;
}

bool poller_watch(struct poller *poller, struct watch *watch, int descriptor, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    int operation = watch->descriptor == descriptor ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (operation == EPOLL_CTL_ADD && watch->descriptor >= 0)
        poller_forget(poller, watch);
    int failed = epoll_ctl(poller->epoll, operation, descriptor, &event);
    // libpq may close and reopen its socket under the same number while connecting.
    if (failed && operation == EPOLL_CTL_MOD && errno == ENOENT)
        failed = epoll_ctl(poller->epoll, EPOLL_CTL_ADD, descriptor, &event);
    watch->descriptor = failed ? -1 : descriptor;
    return !failed;
}

void poller_forget(struct poller *poller, struct watch *watch)
{
    if (watch->descriptor >= 0)
        epoll_ctl(poller->epoll, EPOLL_CTL_DEL, watch->descriptor, NULL);
    watch->descriptor = -1;
}

void poller_turn(struct poller *poller, int milliseconds)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(poller->epoll, events, EVENTS_A_TURN, milliseconds);
    poller->now = monotonic_ns(); // before anything is called: the wait may have been long
    for (int i = 0; i < count; i++) {
        struct watch *watch = events[i].data.ptr;
        // A watch forgotten earlier in this turn is not called; its memory outlives the turn (see poller.h).
        if (watch->descriptor >= 0)
            watch->ready(watch, events[i].events);
    }
}

static void waker_ready(struct watch *watch, uint32_t events)
{
    (void)events;
    struct waker *waker = container_of(watch, struct waker, watch);
    uint64_t count;
    ssize_t size = read(watch->descriptor, &count, sizeof count);
    (void)size;
    atomic_store(&waker->pending, false);
    waker->woken(waker);
}

bool waker_open(struct waker *waker, struct poller *poller, void (*woken)(struct waker *))
{
    *waker = (struct waker){.watch = {.ready = waker_ready, .descriptor = -1}, .woken = woken};
    int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (descriptor < 0)
        return false;
    if (poller_watch(poller, &waker->watch, descriptor, EPOLLIN))
        return true;
    close(descriptor);
    return false;
}

void waker_wake(struct waker *waker)
{
    if (atomic_exchange(&waker->pending, true))
        return;
    uint64_t one = 1;
    ssize_t size = write(waker->watch.descriptor, &one, sizeof one);
    (void)size;
}

void waker_close(struct waker *waker, struct poller *poller)
{
    int descriptor = waker->watch.descriptor;
    if (descriptor < 0)
        return;
    poller_forget(poller, &waker->watch);
    close(descriptor);
}

int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
