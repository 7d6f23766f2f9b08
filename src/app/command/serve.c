#include "app/command/command.h"
#include "app/services.h"
#include "base/log.h"
#include "http/server.h"

#include <pthread.h>
#include <signal.h>

// Blocked in every thread, so that only sigwait below takes them.
static sigset_t stop_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

int command_serve(int count, char *arguments[])
{
    (void)count, (void)arguments;
    struct place place;
    sigset_t signals = stop_signals();
    int received = 0;
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!place_read(&place) || !services_start(&place))
        return 1;
    log_event(LOG_INFO, "listening", log_text("address", place.settings.listen_address),
              log_number("port", server_port()), log_number("loops", place.settings.loops),
              log_number("workers", place.settings.workers));
    sigwait(&signals, &received);
    log_event(LOG_INFO, "stopping", log_number("signal", received));
    services_stop(&place);
    log_event(LOG_INFO, "stopped", log_number("signal", received));
    return 0;
}
