// Watches over the private PostgreSQL while the service runs: one that died, as by a full disk or a kill, is started
// again after pauses that grow. One that somebody stopped by an order stays stopped.
#include "database/cluster/cluster_private.h"

#include "base/log.h"
#include "base/poller.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    LOOK_MS = 1000,
    FIRST_PAUSE_S = 2, // its processes end, and who restarts it by hand is not raced
    LONGEST_PAUSE_S = 30,
    HEALTHY_SECONDS = 60, // after which the next death counts as a first one
};

static struct {
    struct cluster cluster; // a copy of the thread's own
    pthread_t thread;
    int stop;            // eventfd
    int64_t seen_at;     // monotonic_ns; 0: it does not run
    int64_t started_at;  // by this thread
    unsigned attempts;   // to start it since it was last healthy
    bool told_of_orders; // that it was stopped by one
} watch = {.stop = -1};

// True when it is time to stop.
static bool wait_ms(int milliseconds)
{
    struct pollfd stop = {.fd = watch.stop, .events = POLLIN};
    return poll(&stop, 1, milliseconds) != 0;
}

static int pause_seconds(void)
{
    int pause = watch.attempts < 5 ? FIRST_PAUSE_S << watch.attempts : LONGEST_PAUSE_S;
    return pause < LONGEST_PAUSE_S ? pause : LONGEST_PAUSE_S;
}

// What the server's log tells last: a request to shut down, and no start after it.
static bool was_ordered(const char *log)
{
    char text[8192];
    FILE *file = fopen(log, "re");
    if (!file)
        return false;
    if (fseek(file, -(long)(sizeof text - 1), SEEK_END) != 0)
        rewind(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *ordered = NULL, *started = NULL;
    for (const char *at = text; (at = strstr(at, " shutdown request")); at++)
        ordered = at;
    for (const char *at = text; (at = strstr(at, "starting PostgreSQL ")); at++)
        started = at;
    return ordered && (!started || started < ordered);
}

static void tell(enum log_level level, const char *event, const char *log, int next)
{
    if (next > 0)
        log_event(level, event, log_text("path", log), log_number("attempts", watch.attempts),
                  log_number("next_seconds", next));
    else
        log_event(level, event, log_text("path", log), log_number("attempts", watch.attempts));
}

// True when it is time to stop.
static bool start_again(const char *log)
{
    if (wait_ms(pause_seconds() * 1000))
        return true;
    if (cluster_runs(&watch.cluster)) // another instance or somebody else was quicker
        return false;
    watch.attempts++;
    watch.started_at = monotonic_ns();
    if (cluster_start_again(&watch.cluster))
        tell(LOG_INFO, "private_postgresql_started", log, 0);
    else
        tell(LOG_ERROR, "private_postgresql_not_started", log, pause_seconds());
    return false;
}

static void note_running(void)
{
    watch.seen_at = monotonic_ns();
    watch.told_of_orders = false;
    if (watch.attempts && watch.seen_at - watch.started_at > (int64_t)HEALTHY_SECONDS * 1000000000)
        watch.attempts = 0;
}

// True when it is time to stop.
static bool look_after(const char *log)
{
    bool first = watch.seen_at != 0;
    watch.seen_at = 0;
    if (!was_ordered(log)) {
        if (first)
            tell(LOG_ERROR, "private_postgresql_died", log, pause_seconds());
        return start_again(log);
    }
    if (!watch.told_of_orders)
        log_event(LOG_WARNING, "private_postgresql_stopped", log_text("path", log),
                  log_text("reason", "somebody told it to shut down: it is theirs to start it again"));
    watch.told_of_orders = true;
    return false;
}

static void *watch_cluster(void *argument)
{
    (void)argument;
    char log[1100];
    snprintf(log, sizeof log, "%s/server.log", watch.cluster.data);
    watch.seen_at = monotonic_ns();
    for (bool stop = false; !stop && !wait_ms(LOOK_MS);) {
        if (cluster_runs(&watch.cluster))
            note_running();
        else
            stop = look_after(log);
    }
    return NULL;
}

bool cluster_watch_start(const struct cluster *cluster)
{
    watch.cluster = *cluster;
    watch.stop = eventfd(0, EFD_CLOEXEC);
    return watch.stop >= 0 && pthread_create(&watch.thread, NULL, watch_cluster, NULL) == 0;
}

void cluster_watch_stop(void)
{
    uint64_t one = 1;
    ssize_t size = write(watch.stop, &one, sizeof one);
    (void)size;
    pthread_join(watch.thread, NULL);
    close(watch.stop);
    watch.stop = -1;
}
