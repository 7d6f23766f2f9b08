#include "app/command/command.h"
#include "app/command/place.h"
#include "app/services.h"
#include "base/log.h"
#include "base/pure/budget.h"
#include "http/server.h"

#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>

// What others send to programs, and would by default end this one in the middle of its work. Blocked in every thread,
// so that only await_stop() takes them.
static sigset_t taken_signals(void)
{
    static const int all[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF};
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sigaddset(&signals, all[i]);
    return signals;
}

static int await_stop(const sigset_t *signals)
{
    int received = 0;
    while (sigwait(signals, &received) == 0 && received != SIGTERM && received != SIGINT && received != SIGQUIT)
        log_event(LOG_WARNING, "signal_ignored", log_number("signal", received),
                  log_text("way_out", "SIGTERM stops; settings are read at start: start again to change them"));
    return received;
}

// Before there is a second thread. Memory of JSON values counts against a request's budget. Large blocks go back to the
// system as soon as they are freed: left alone, glibc would raise the size from which on a block counts as large.
static void choose_memory(void)
{
    enum { LARGE_BLOCK = 256 * 1024 };
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    json_set_alloc_funcs(budget_malloc, budget_free);
}

int command_serve(const struct arguments *arguments)
{
    (void)arguments;
    struct place place;
    sigset_t signals = taken_signals();
    choose_memory();
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!place_read(&place, PLACE_FOR_SERVICE) || !services_start(&place))
        return 1;
    log_event(LOG_INFO, "listening", log_text("address", place.settings.listen_address),
              log_number("port", server_port()), log_number("loops", place.settings.loops),
              log_number("workers", place.settings.workers));
    int received = await_stop(&signals);
    log_event(LOG_INFO, "stopping", log_number("signal", received));
    services_stop(&place);
    log_event(LOG_INFO, "stopped", log_number("signal", received));
    return 0;
}
