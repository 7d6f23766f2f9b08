// `thidua health`: asks the service of this machine for /readyz, for containers and scripts without curl.
#include "app/command/command.h"
#include "app/settings.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

// -1 with errno; EINPROGRESS: nobody took it in time.
static int connect_to(const struct settings *settings)
{
    char port[8];
    bool any = strcmp(settings->listen_address, "0.0.0.0") == 0;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *found = NULL;
    snprintf(port, sizeof port, "%u", settings->listen_port);
    if (getaddrinfo(any ? "127.0.0.1" : settings->listen_address, port, &hints, &found) != 0)
        return -1;
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = 3};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit); // of connect() too (socket(7))
    bool connected = descriptor >= 0 && connect(descriptor, found->ai_addr, found->ai_addrlen) == 0;
    int reason = errno;
    freeaddrinfo(found);
    if (connected)
        return descriptor;
    if (descriptor >= 0)
        close(descriptor);
    errno = reason;
    return -1;
}

int command_health(const struct arguments *arguments)
{
    static const char request[] =
        "GET /readyz?reads_only=true HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    (void)arguments;
    struct settings settings;
    enum { STATUS_LENGTH = sizeof "HTTP/1.1 200" - 1 };
    char answer[STATUS_LENGTH + 1] = "";
    if (!settings_read(&settings))
        return 1;
    int descriptor = connect_to(&settings);
    bool late = descriptor >= 0 || errno == EINPROGRESS;
    bool answered = descriptor >= 0 && send(descriptor, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
                    recv(descriptor, answer, STATUS_LENGTH, MSG_WAITALL) == STATUS_LENGTH;
    bool ready = answered && strcmp(answer, "HTTP/1.1 200") == 0;
    if (descriptor >= 0)
        close(descriptor);
    if (ready)
        puts("ready");
    else if (answered)
        printf("not ready: /readyz answers %s\n", answer);
    else
        printf("not ready: %s %s port %u\n", late ? "no answer in time from" : "nobody listens at",
               settings.listen_address, (unsigned)settings.listen_port);
    return ready ? 0 : 1;
}
