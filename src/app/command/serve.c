#include "app/command/command.h"
#include "app/command/place.h"
#include "app/service.h"
#include "base/log.h"
#include "database/migrate.h"
#include "http/server.h"
#include "identity/jwks.h"

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

int command_serve(const struct arguments *arguments)
{
    (void)arguments;
    struct place place;
    sigset_t signals = stop_signals();
    int received = 0;
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!place_open(&place, PLACE_FOR_SERVICE))
        return 1;
    if (place.private_cluster)
        log_event(LOG_INFO, "private_postgresql", log_text("path", place.cluster.data), log_text("url", place.url));
    if (!migrate(place.owner_url) || !jwks_start() || !service_start(&place.settings, place.url)) {
        place_close(&place);
        return 1;
    }
    log_event(LOG_INFO, "listening", log_text("address", place.settings.listen_address),
              log_number("port", server_port()), log_number("loops", place.settings.loops),
              log_number("workers", place.settings.workers));
    sigwait(&signals, &received);
    log_event(LOG_INFO, "stopping", log_number("signal", received));
    service_stop();
    place_close(&place);
    log_event(LOG_INFO, "stopped", log_number("signal", received));
    return 0;
}
