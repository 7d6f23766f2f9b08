// Memory of connections that wait: for their next request, or for what an event stream has to tell. libmicrohttpd
// 0.9.75 keeps a pool for each, and overwrites with zeros what it does not use any more: ten thousand callers who wait
// would hold a third of a gigabyte of zeros. Whole pages of zeros are given back: they read as zeros when they are used
// again.
#include "base/poller.h"
#include "http/transport/exchange.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    REST_MS = 1000, // a connection that is used more often keeps its memory
    AT_ONCE = 8,    // connections in one turn, so that nobody waits for it
    PAUSE_MS = 1,   // until the next turn, where there are more
};

static size_t page_size(void)
{
    static _Thread_local size_t size;
    if (!size)
        size = (size_t)sysconf(_SC_PAGESIZE);
    return size;
}

// As libmicrohttpd maps it.
static size_t pool_size(void)
{
    return (CONNECTION_MEMORY + page_size() - 1) / page_size() * page_size();
}

// What has not been read is asked first: what comes in between makes the answer no.
static bool is_all_that_came(const struct client *client, size_t length)
{
    int unread = 0, descriptor = client_descriptor(client);
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    return ioctl(descriptor, FIONREAD, &unread) == 0 &&
           getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           size >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received &&
           info.tcpi_bytes_received == length + (uint64_t)unread;
}

// The pool begins with what came first. Empty lines before the head would have been stepped over: so it must be known
// that the head is all that came.
void client_memory_seen(struct client *client, const char *head)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(client->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    bool first = !client->asked;
    client->asked = true;
    if (first && info && (uintptr_t)head % page_size() == 0 && is_all_that_came(client, info->header_size))
        client->memory = (char *)(uintptr_t)head;
}

static bool is_zero(const char *memory, size_t size)
{
    return memory[0] == '\0' && memcmp(memory, memory + 1, size - 1) == 0;
}

static void give_back(const struct client *client)
{
    size_t page = page_size(), end = client->memory ? pool_size() : 0;
    for (size_t from = 0, to = 0; from < end; from = to = to + page) {
        while (to < end && is_zero(client->memory + to, page))
            to += page;
        if (to > from)
            madvise(client->memory + from, to - from, MADV_DONTNEED);
    }
}

// ---- those who rest, in the order in which they began to ----

void rest_end(struct resting *resting, struct client *client)
{
    if (!client->rests)
        return;
    client->rests = false;
    *(client->rests_before ? &client->rests_before->rests_after : &resting->oldest) = client->rests_after;
    *(client->rests_after ? &client->rests_after->rests_before : &resting->newest) = client->rests_before;
}

void rest_begin(struct resting *resting, struct client *client, int64_t now)
{
    rest_end(resting, client);
    client->rests = true;
    client->rests_since = now;
    client->rests_before = resting->newest;
    client->rests_after = NULL;
    *(resting->newest ? &resting->newest->rests_after : &resting->oldest) = client;
    resting->newest = client;
}

int rest_turn(struct resting *resting, int64_t now)
{
    for (int done = 0; resting->oldest; done++) {
        struct client *client = resting->oldest;
        int64_t left = client->rests_since + (int64_t)REST_MS * 1000000 - now;
        if (left > 0)
            return (int)(left / 1000000) + 1;
        if (done == AT_ONCE)
            return PAUSE_MS;
        rest_end(resting, client);
        give_back(client);
    }
    return -1;
}
