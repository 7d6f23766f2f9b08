// Takes new clients. Left to libmicrohttpd 0.9.75, a loop that has no descriptor for one asks again without a pause
// where it has no other client, and else does not ask again until one of its clients goes: event streams may stay for
// long.
#include "http/transport/arrivals.h"

#include "base/container_of.h"
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    AT_ONCE = 64, // so that those who are here already do not wait
    PAUSE_MS = 100,
};

static atomic_ulong held_up;

unsigned long arrivals_held_up(void)
{
    return atomic_load(&held_up);
}

static bool is_short_of(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Who waits is taken when others have gone, as those who are idle do.
static void pause_taking(struct arrivals *arrivals, int error)
{
    arrivals->pause_until = monotonic_ns() + (int64_t)PAUSE_MS * 1000000;
    atomic_fetch_add(&held_up, 1);
    if (!log_due(&arrivals->told_at))
        return;
    log_event(LOG_ERROR, "clients_wait", log_text("reason", strerror(error)),
              log_text("way_out", error == EMFILE ? "raise the limit of open files: LimitNOFILE= of the unit, ulimit -n"
                                                  : "the machine is short of it: see what uses it up"));
}

// libmicrohttpd closes what it does not take.
static bool take_one(struct arrivals *arrivals)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    int client = accept4(arrivals->socket, (struct sockaddr *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client >= 0)
        MHD_add_connection(arrivals->daemon, client, (struct sockaddr *)&address, length);
    else if (is_short_of(errno))
        pause_taking(arrivals, errno);
    return client >= 0 || errno == ECONNABORTED || errno == EINTR;
}

static void clients_come(struct watch *watch, uint32_t events)
{
    (void)events;
    struct arrivals *arrivals = container_of(watch, struct arrivals, watch);
    unsigned most = arrivals->room < AT_ONCE ? arrivals->room : AT_ONCE;
    for (unsigned i = 0; i < most && take_one(arrivals); i++)
        ;
}

void arrivals_begin(struct arrivals *arrivals, int socket, struct MHD_Daemon *daemon)
{
    *arrivals =
        (struct arrivals){.watch = {.ready = clients_come, .descriptor = -1}, .daemon = daemon, .socket = socket};
}

void arrivals_end(struct arrivals *arrivals, struct poller *poller)
{
    if (arrivals->daemon)
        poller_forget(poller, &arrivals->watch);
    arrivals->daemon = NULL;
}

int arrivals_turn(struct arrivals *arrivals, struct poller *poller, unsigned room, int64_t now)
{
    if (!arrivals->daemon)
        return -1;
    int64_t pause = arrivals->pause_until > now ? (arrivals->pause_until - now) / 1000000 + 1 : 0;
    bool takes = room > 0 && !pause, watched = arrivals->watch.descriptor >= 0;
    arrivals->room = room;
    if (takes && !watched)
        poller_watch(poller, &arrivals->watch, arrivals->socket, EPOLLIN);
    else if (!takes && watched)
        poller_forget(poller, &arrivals->watch);
    return pause ? (int)pause : -1; // where there is no room, a client's end gives a turn
}
