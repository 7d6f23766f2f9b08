#include "app/command/command.h"
#include "app/command/place.h"
#include "app/services.h"
#include "app/systemd.h"
#include "base/log.h"
#include "base/pure/budget.h"
#include "base/stopping.h"
#include "database/pool.h"
#include "http/server.h"

#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

// What others send to programs, and would by default end this one in the middle of its work. Blocked in every thread,
// so that only watch_stop() takes them.
static sigset_t taken_signals(void)
{
    static const int all[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF};
    sigset_t signals;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sigaddset(&signals, all[i]);
    return signals;
}

enum { PRESSED_SECONDS = 5, POSTGRESQL_SECONDS = 25 };

// A thread of its own takes the signals, also while the service starts, and sees to it that a stop comes to its end
// whatever hangs: a PostgreSQL that is silent, a client that never reads.
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t told;
    sigset_t signals;
    bool serving;     // else nobody's request would be cut off
    unsigned drain;   // seconds
    unsigned ordered; // seconds more that an orderly end may take
    int received;     // 0: none
} stop = {.mutex = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};

static bool asks_to_stop(int signal)
{
    return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

static int await_signal(void)
{
    int received = 0;
    while (sigwait(&stop.signals, &received) == 0 && !asks_to_stop(received))
        log_event(LOG_WARNING, "signal_ignored", log_number("signal", received),
                  log_text("way_out", "SIGTERM stops; settings are read at start: start again to change them"));
    return received;
}

static unsigned note_signal(int received)
{
    pthread_mutex_lock(&stop.mutex);
    stop.received = received;
    unsigned drain = stop.serving ? stop.drain : 0;
    pthread_cond_signal(&stop.told);
    pthread_mutex_unlock(&stop.mutex);
    stopping_note();
    return drain;
}

static void wait_seconds(unsigned seconds)
{
    struct timespec left = {.tv_sec = seconds};
    while (nanosleep(&left, &left) != 0) {
    }
}

static void *watch_stop(void *argument)
{
    (void)argument;
    wait_seconds(note_signal(await_signal()));
    connections_give_up();
    wait_seconds(PRESSED_SECONDS + stop.ordered);
    log_event(LOG_ERROR, "stop_forced", log_text("reason", "something did not end in time"));
    _exit(1);
}

static bool watch_signals(const struct place *place, const sigset_t *signals)
{
    pthread_t thread;
    stop.signals = *signals;
    stop.drain = place->settings.lame_duck_seconds + place->settings.drain_seconds;
    stop.ordered = place->private_cluster ? POSTGRESQL_SECONDS : 0;
    return pthread_create(&thread, NULL, watch_stop, NULL) == 0 && pthread_detach(thread) == 0;
}

static int await_stop(void)
{
    pthread_mutex_lock(&stop.mutex);
    stop.serving = true;
    while (!stop.received)
        pthread_cond_wait(&stop.told, &stop.mutex);
    int received = stop.received;
    pthread_mutex_unlock(&stop.mutex);
    return received;
}

// Before there is a second thread. Memory of JSON values counts against a request's budget. Large blocks go back to the
// system as soon as they are freed: left alone, glibc would raise the size from which on a block counts as large. What
// smaller ones leave free at the end of a heap stays: else each verdict that is read would fault its pages in again.
static void choose_memory(void)
{
    enum { LARGE_BLOCK = 256 * 1024, KEPT_FREE = 4 * 1024 * 1024 };
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE);
    json_set_alloc_funcs(budget_malloc, budget_free);
}

int command_serve(const struct arguments *arguments)
{
    (void)arguments;
    struct place place;
    sigset_t signals = taken_signals();
    choose_memory();
    systemd_listen();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a file beyond `ulimit -f`, of the log too, is one that cannot be written
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (!place_read(&place, PLACE_FOR_SERVICE) || !watch_signals(&place, &signals) || !services_start(&place))
        return 1;
    log_event(LOG_INFO, "listening", log_text("address", place.settings.listen_address),
              log_number("port", server_port()), log_number("loops", place.settings.loops),
              log_number("workers", place.settings.workers));
    systemd_tell("READY=1");
    int received = await_stop();
    systemd_tell("STOPPING=1");
    log_event(LOG_INFO, "stopping", log_number("signal", received));
    services_stop(&place);
    log_event(LOG_INFO, "stopped", log_number("signal", received));
    return 0;
}
