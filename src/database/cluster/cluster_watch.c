// Watches over the private PostgreSQL while the service runs: one that died, as by a full disk or a kill, is started
// again after pauses that grow, and so is one that runs where nobody reaches it. One that somebody stopped by an order
// stays stopped.
#include "database/cluster/private.h"

#include "base/log.h"
#include "base/poller.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
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
    off_t read_to;       // of the server's log
    bool ordered;        // to stop, as far as it is read
    bool own_end;        // it ends itself: its postmaster.pid was removed
    bool told_of_orders; // that it was stopped by one
    bool unreachable;    // it had no socket when it was looked at last
} watch = {.stop = -1};

// True when it is time to stop.
static bool wait_ms(int milliseconds)
{
    struct pollfd stop = {.fd = watch.stop, .events = POLLIN};
    return poll(&stop, 1, milliseconds) > 0; // not where a signal ended it
}

static int pause_seconds(void)
{
    int pause = watch.attempts < 5 ? FIRST_PAUSE_S << watch.attempts : LONGEST_PAUSE_S;
    return pause < LONGEST_PAUSE_S ? pause : LONGEST_PAUSE_S;
}

// Where a line of the server's log has its message, after "LOG:  "; NULL: it tells something else. What comes from a
// caller stands in a message of another kind, or in a line that goes on and begins with a tab.
static const char *message_of(const char *line)
{
    static const char mark[] = "LOG:  ";
    const char *colon = line[0] == '\t' ? NULL : strstr(line, ":  ");
    size_t before = strlen(mark) - strlen(":  ");
    bool told = colon && (size_t)(colon - line) > before && strncmp(colon - before - 1, " LOG", before + 1) == 0;
    return told ? colon + strlen(":  ") : NULL;
}

static bool begins(const char *message, const char *words)
{
    return strncmp(message, words, strlen(words)) == 0;
}

static void take_line(const char *line)
{
    static const char *const orders[] = {"received smart shutdown request", "received fast shutdown request",
                                         "received immediate shutdown request"};
    const char *message = message_of(line);
    for (size_t i = 0; message && i < sizeof orders / sizeof *orders; i++)
        if (begins(message, orders[i]))
            watch.ordered = !watch.own_end;
    if (message && begins(message, "performing immediate shutdown because data directory lock file is invalid"))
        watch.own_end = true;
    if (message && begins(message, "starting PostgreSQL "))
        watch.ordered = watch.own_end = false;
}

// Whether the server's log tells of a request to shut down, and of no start after it. Callers who are refused meanwhile
// write any number of lines behind it, so all are read, each once.
static bool was_ordered(const char *log)
{
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(log, "re");
    if (!file)
        return false;
    if (fseeko(file, 0, SEEK_END) != 0 || ftello(file) < watch.read_to) // another log, or it was emptied
        watch.read_to = 0;
    if (fseeko(file, watch.read_to, SEEK_SET) == 0)
        while (getline(&line, &size, file) > 0)
            take_line(line);
    watch.read_to = ftello(file);
    free(line);
    fclose(file);
    return watch.ordered;
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

static bool try_restart(const char *log)
{
    watch.attempts++;
    watch.started_at = monotonic_ns();
    bool started = cluster_restart(&watch.cluster);
    was_ordered(log);
    watch.ordered = false; // that order was ours
    return started;
}

// Two looks, since one that is being stopped has no socket for a moment either.
static void look_at_socket(const char *log)
{
    bool before = watch.unreachable;
    watch.unreachable = cluster_lost_socket(&watch.cluster);
    bool waits = watch.attempts && monotonic_ns() - watch.started_at < (int64_t)pause_seconds() * 1000000000;
    if (!before || !watch.unreachable || waits || was_ordered(log))
        return;
    log_event(LOG_ERROR, "private_postgresql_unreachable", log_text("path", watch.cluster.socket),
              log_text("reason", "its socket was removed: it is started anew"));
    bool started = try_restart(log);
    tell(started ? LOG_INFO : LOG_ERROR, started ? "private_postgresql_started" : "private_postgresql_not_started", log,
         started ? 0 : pause_seconds());
}

// Keepers that had nothing to keep; and as the first process of a container whatever lost its parent. While this thread
// runs, only it has children.
static void bury_children(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

static void *watch_cluster(void *argument)
{
    (void)argument;
    char log[1100];
    snprintf(log, sizeof log, "%s/server.log", watch.cluster.data);
    watch.seen_at = monotonic_ns();
    for (bool stop = false; !stop && !wait_ms(LOOK_MS);) {
        bury_children();
        if (!cluster_runs(&watch.cluster)) {
            stop = look_after(log);
            continue;
        }
        note_running();
        look_at_socket(log);
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
