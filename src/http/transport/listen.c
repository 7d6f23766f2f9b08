#include "http/transport/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
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
    if (bind(descriptor, address->ai_addr, address->ai_addrlen) == 0 && listen(descriptor, BACKLOG) == 0)
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
    if (probe < 0)
        return false;
    close(probe);
    return true;
}

int listen_on(const char *address, uint16_t *port, bool first, const char **ret_reason)
{
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
