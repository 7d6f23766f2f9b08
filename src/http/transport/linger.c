// RFC 9112 section 9.6: a connection that is closed while its client still sends is reset, and the answer may be lost:
// a proxy says 502 where the service has said why it refused. So where an answer comes before the end of its request,
// what is sent meanwhile is read and thrown away. libmicrohttpd 0.9.75 closes at once, so the socket is kept open by a
// descriptor of our own.
#include "http/transport/linger.h"

#include "base/container_of.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LINGER_MS = 30000,
    LOOK_MS = 1000,
    PIECE_SIZE = 1024 * 1024, // of one in a turn, so that nobody waits for it
};

static void end(struct lingering *lingering, struct lingerer *lingerer)
{
    int descriptor = lingerer->watch.descriptor;
    if (descriptor < 0)
        return;
    poller_forget(lingering->poller, &lingerer->watch);
    close(descriptor);
    lingering->count--;
}

// With MSG_TRUNC nothing is copied (tcp(7)).
static void read_past(struct watch *watch, uint32_t events)
{
    (void)events;
    struct lingerer *lingerer = container_of(watch, struct lingerer, watch);
    ssize_t size = recv(watch->descriptor, NULL, PIECE_SIZE, MSG_TRUNC | MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
        end(lingerer->lingering, lingerer);
}

void lingering_begin(struct lingering *lingering, struct poller *poller)
{
    *lingering = (struct lingering){.poller = poller};
    for (unsigned i = 0; i < LINGERERS_MOST; i++)
        lingering->all[i] = (struct lingerer){.watch = {.ready = read_past, .descriptor = -1}, .lingering = lingering};
}

void lingering_end(struct lingering *lingering)
{
    for (unsigned i = 0; i < LINGERERS_MOST; i++)
        end(lingering, &lingering->all[i]);
}

void linger(struct lingering *lingering, int descriptor)
{
    int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    struct lingerer *lingerer = &lingering->all[lingering->next];
    if (own < 0)
        return;
    lingering->next = (lingering->next + 1) % LINGERERS_MOST;
    end(lingering, lingerer); // who has lingered longest
    shutdown(own, SHUT_WR);
    lingerer->until = lingering->poller->now + (int64_t)LINGER_MS * 1000000;
    if (poller_watch(lingering->poller, &lingerer->watch, own, EPOLLIN))
        lingering->count++;
    else
        close(own);
}

int linger_turn(struct lingering *lingering, int64_t now)
{
    if (!lingering->count)
        return -1;
    for (unsigned i = 0; now >= lingering->next_look && i < LINGERERS_MOST; i++)
        if (now > lingering->all[i].until)
            end(lingering, &lingering->all[i]);
    if (now >= lingering->next_look)
        lingering->next_look = now + (int64_t)LOOK_MS * 1000000;
    return LOOK_MS;
}
