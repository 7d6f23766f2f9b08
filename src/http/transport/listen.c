#include "http/transport/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static int bind_socket(const struct addrinfo *address, bool shared)
{
    int on = 1, descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0)
        return -1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(descriptor, address->ai_addr, address->ai_addrlen) == 0)
        return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

static uint16_t bound_port(int descriptor)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0)
        return 0;
    // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): getsockname() has filled what its family has
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

static struct addrinfo *resolve(const char *address, uint16_t port)
{
    char text[8];
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    snprintf(text, sizeof text, "%u", port);
    return getaddrinfo(address, text, &hints, &found) == 0 ? found : NULL;
}

// With SO_REUSEPORT a second service of the same user would silently share the port: ask once without it.
static bool port_is_free(const struct addrinfo *address)
{
    int probe = bind_socket(address, false);
    bool is_free = probe >= 0 && listen(probe, BACKLOG) == 0;
    int error = errno;
    if (probe >= 0)
        close(probe);
    errno = error;
    return is_free;
}

enum { FIRST_HANDED = 3 }; // SD_LISTEN_FDS_START

int listen_handed(void)
{
    const char *count = getenv("LISTEN_FDS"), *process = getenv("LISTEN_PID");
    return count && process && strtol(process, NULL, 10) == (long)getpid() ? (int)strtol(count, NULL, 10) : 0;
}

static bool takes_tcp(int descriptor)
{
    int family = 0, type = 0;
    socklen_t size = sizeof family, size_too = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 &&
           getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size_too) == 0 && type == SOCK_STREAM &&
           (family == AF_INET || family == AF_INET6);
}

// Each loop has a descriptor of its own, which it closes at the end: the manager's stays, and so do those who wait
// there.
static int take_handed(int count, uint16_t *port, const char **ret_reason)
{
    static int next;
    int given = FIRST_HANDED + next++ % count, descriptor = -1;
    if (takes_tcp(given))
        descriptor = fcntl(given, F_DUPFD_CLOEXEC, FIRST_HANDED + count);
    if (descriptor < 0 || fcntl(given, F_SETFD, FD_CLOEXEC) != 0 || fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0) {
        *ret_reason = "what LISTEN_FDS hands over is no socket of TCP";
        return -1;
    }
    *port = bound_port(descriptor);
    return descriptor;
}

bool listen_may_begin(const char *address, uint16_t port)
{
    struct addrinfo *resolved = listen_handed() > 0 ? NULL : resolve(address, port);
    bool may = !resolved || port_is_free(resolved);
    if (resolved)
        freeaddrinfo(resolved);
    return may;
}

bool listen_begin(int descriptor)
{
    return listen(descriptor, BACKLOG) == 0;
}

int listen_on(const char *address, uint16_t *port, bool first, const char **ret_reason)
{
    int handed = listen_handed();
    if (handed > 0)
        return take_handed(handed, port, ret_reason);
    struct addrinfo *resolved = resolve(address, *port);
    if (!resolved) {
        *ret_reason = "not a numeric address";
        return -1;
    }
    int descriptor = first && !port_is_free(resolved) ? -1 : bind_socket(resolved, true);
    *ret_reason = descriptor < 0 ? strerror(errno) : NULL;
    freeaddrinfo(resolved);
    if (descriptor >= 0 && !*port) // the first one finds a free port, the others share it
        *port = bound_port(descriptor);
    return descriptor;
}
