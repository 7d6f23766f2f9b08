#include "app/systemd.h"

#include "base/chore.h"
#include "http/server.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct chore watchdog = CHORE_INITIALIZER;
static int interval_ms; // 0: nobody waits for signs of life

static struct sockaddr_un manager = {.sun_family = AF_UNIX};
static socklen_t manager_length; // 0: there is none

static void find_manager(const char *path)
{
    size_t length = path ? strlen(path) : 0;
    if (length < 2 || length >= sizeof manager.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(manager.sun_path, path, length);
    if (path[0] == '@') // of the abstract namespace
        manager.sun_path[0] = '\0';
    manager_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void systemd_tell(const char *state)
{
    if (!manager_length)
        return;
    int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ssize_t sent =
        sender < 0 ? -1
                   : sendto(sender, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&manager, manager_length);
    (void)sent; // a manager that does not listen is none
    if (sender >= 0)
        close(sender);
}

static int asked_interval_ms(void)
{
    const char *microseconds = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
    if (!microseconds || (process && strtol(process, NULL, 10) != (long)getpid()))
        return 0;
    long long asked = strtoll(microseconds, NULL, 10) / 2000;
    return asked < 1 ? 0 : asked > 3600000 ? 3600000 : (int)asked;
}

void systemd_listen(void)
{
    enum { FIRST_HANDED = 3, HANDED_MOST = 64 };
    const char *handed = getenv("LISTEN_FDS");
    long count = handed ? strtol(handed, NULL, 10) : 0;
    for (int i = 0; i < count && i < HANDED_MOST; i++) // which listen.c takes
        fcntl(FIRST_HANDED + i, F_SETFD, FD_CLOEXEC);
    find_manager(getenv("NOTIFY_SOCKET"));
    interval_ms = asked_interval_ms();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

static void *give_signs(void *argument)
{
    (void)argument;
    do {
        if (server_turns())
            systemd_tell("WATCHDOG=1");
    } while (!chore_rest(&watchdog, interval_ms));
    return NULL;
}

bool systemd_watchdog_start(void)
{
    return interval_ms == 0 || chore_start(&watchdog, give_signs);
}

void systemd_watchdog_stop(void)
{
    if (interval_ms)
        chore_stop(&watchdog);
}
