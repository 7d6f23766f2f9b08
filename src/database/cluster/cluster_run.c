// How a private PostgreSQL is started and how its start is awaited.
#include "database/cluster/private.h"

#include "base/log.h"
#include "base/poller.h"
#include "database/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STARTS_MOST = 6,      // after one that was killed its processes end by themselves, and only then can another start
    SILENCE_SECONDS = 60, // of one that runs and does not even say that it recovers
    TOLD_SECONDS = 30,
    ENDING_MS = 500,
};

static const char keeper[] = "keeper.lock";

// ---- does it run? ----

// The first line of a file; false: there is none. Whoever has no descriptor left to look with has seen nothing.
static bool read_line(const char *path, char *ret_line, int size, bool *ret_unseen)
{
    FILE *file = fopen(path, "re");
    *ret_unseen = !file && (errno == EMFILE || errno == ENFILE || errno == ENOMEM);
    bool read = file && fgets(ret_line, size, file);
    if (file)
        fclose(file);
    return read;
}

// The name of the program stands in parentheses, the state after it.
static bool is_postgres(long process, bool *ret_unseen)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    bool read = read_line(path, text, sizeof text, ret_unseen);
    const char *end = read ? strrchr(text, ')') : NULL;
    return end && strstr(text, "(postgres") && end[1] == ' ' && !strchr("ZX", end[2]);
}

// A server works in its data directory, by whatever path that was named. Where it may not be seen, its name and its
// user must do.
static bool works_in(long process, const struct cluster *cluster)
{
    char path[64];
    struct stat owner, place, data;
    snprintf(path, sizeof path, "/proc/%ld", process);
    bool may_be = stat(path, &owner) == 0 && owner.st_uid == cluster->user;
    snprintf(path, sizeof path, "/proc/%ld/cwd", process);
    if (stat(path, &place) != 0)
        return errno == EACCES && may_be;
    return stat(cluster->data, &data) == 0 && place.st_dev == data.st_dev && place.st_ino == data.st_ino;
}

// As the server wrote it when it started; 0: there is none.
static long process_of(const char *path, bool *ret_unseen)
{
    char line[32] = "";
    return read_line(path, line, sizeof line, ret_unseen) ? strtol(line, NULL, 10) : 0;
}

// pg_ctl asks only whether there is a process of that number, and after a reboot there may be another one. One that
// cannot be looked at is taken to run: nobody starts it a second time for want of descriptors.
bool cluster_runs(const struct cluster *cluster)
{
    char path[1100];
    bool unseen;
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster->data);
    long process = process_of(path, &unseen);
    bool runs = process > 0 && is_postgres(process, &unseen) && works_in(process, cluster);
    return runs || unseen;
}

static PGPing ping(const struct cluster *cluster)
{
    char url[256];
    snprintf(url, sizeof url, "host=%s dbname=postgres user=postgres connect_timeout=3", cluster->socket);
    return PQping(url);
}

bool cluster_answers(const struct cluster *cluster)
{
    return ping(cluster) != PQPING_NO_RESPONSE;
}

// ---- its locks ----

int cluster_lock(const struct cluster *cluster, const char *name, enum lock_way way, int wait_ms)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/%s", cluster->var, name);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return -1;
    // Polled: a stop that is asked for meanwhile is a blocked signal, which ends no waiting.
    while (flock(file, (way == LOCK_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        int reason = errno;
        if (reason != EWOULDBLOCK || wait_ms == 0 || (wait_ms < 0 && cluster_is_stopped())) {
            close(file);
            errno = reason;
            return -1;
        }
        wait_ms = wait_ms > CLUSTER_POLL_MS ? wait_ms - CLUSTER_POLL_MS : wait_ms < 0 ? LOCK_FOR_EVER : 0;
        cluster_pause(CLUSTER_POLL_MS);
    }
    return file;
}

// ---- starting it ----

// pg_ctl waits for a short recovery only; cluster_run_up() waits for a long one.
static bool start_server(const struct cluster *cluster)
{
    char options[256], log[1100];
    snprintf(options, sizeof options, "-c listen_addresses= -c unix_socket_directories=%s", cluster->socket);
    snprintf(log, sizeof log, "%s/server.log", cluster->data);
    return cluster_run(cluster, "pg_ctl",
                       (const char *const[]){"pg_ctl", "start", "-w", "-t", "3", "-s", "-D", cluster->data, "-l", log,
                                             "-o", options, NULL});
}

bool cluster_stop_server(const struct cluster *cluster, const char *seconds)
{
    bool stopped =
        !cluster_runs(cluster) || cluster_run(cluster, "pg_ctl",
                                              (const char *const[]){"pg_ctl", "stop", "-w", "-t", seconds, "-s", "-m",
                                                                    "fast", "-D", cluster->data, NULL});
    if (stopped)
        cluster_remove_socket(cluster);
    return stopped;
}

// It holds nothing of its parent's: no terminal, no pipe that somebody reads to its end, and no lock.
static void detach(struct cluster *cluster)
{
    close_range(0, ~0U, 0);
    cluster->in_use = cluster->making = cluster->server = -1;
    for (int i = 0; i < 3; i++)
        open("/dev/null", O_RDWR); // NOLINT(android-cloexec-open): the three standard ones
}

// The last user is gone once the lock can be had alone.
static void stop_after_last_user(const struct cluster *cluster)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/%s", cluster->var, cluster_in_use);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file >= 0 && flock(file, LOCK_EX) == 0)
        cluster_stop_server(cluster, "86400");
}

// One that was killed leaves its number, as a power failure or a container's end does. PostgreSQL would not start while
// another process of its user has that number: who holds the lock knows that this is not the server.
static void remove_stale_number(const struct cluster *cluster)
{
    char path[1100];
    bool unseen;
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster->data);
    long process = process_of(path, &unseen);
    if (process > 0 && kill((pid_t)process, 0) == 0 && !cluster_runs(cluster))
        unlink(path);
}

// The lock goes from here to PostgreSQL. Processes of one that was killed may hold it for a moment.
static bool start_alone(struct cluster *cluster)
{
    cluster->server = cluster_lock(cluster, cluster_server_lock, LOCK_ALONE, ENDING_MS);
    if (cluster->server < 0)
        return false;
    remove_stale_number(cluster);
    return start_server(cluster);
}

// Starts PostgreSQL itself: so there is no moment in which it runs and nobody waits to stop it. It stays unless there
// is a keeper already.
static _Noreturn void keep(struct cluster *cluster, int told)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    setsid();
    bool started = cluster_runs(cluster) || start_alone(cluster) || cluster_runs(cluster);
    ssize_t written = write(told, &started, sizeof started);
    (void)written; // the parent may be gone
    detach(cluster);
    if (started && cluster_lock(cluster, keeper, LOCK_ALONE, 0) >= 0)
        stop_after_last_user(cluster);
    _exit(0);
}

static bool start_with_keeper(struct cluster *cluster)
{
    int told[2];
    bool started = false;
    if (pipe2(told, O_CLOEXEC) != 0)
        return cluster_fail(strerror(errno), cluster->data);
    pid_t child = fork();
    if (child == 0)
        keep(cluster, told[1]);
    close(told[1]);
    bool good = child > 0 && read(told[0], &started, sizeof started) == sizeof started && started;
    close(told[0]);
    return good;
}

// One that was found running may have lost its keeper, as by a kill of everything that belongs to the service.
static bool is_kept(struct cluster *cluster)
{
    int file = cluster_lock(cluster, keeper, LOCK_ALONE, 0);
    if (file >= 0)
        close(file);
    return file < 0 || start_with_keeper(cluster);
}

bool cluster_start_again(struct cluster *cluster)
{
    int starting = cluster_lock(cluster, cluster_start_lock, LOCK_ALONE, 0);
    if (starting < 0)
        return false;
    bool started = cluster_runs(cluster) || (cluster_make_socket(cluster) && start_with_keeper(cluster));
    close(starting);
    return started;
}

bool cluster_restart(struct cluster *cluster)
{
    int starting = cluster_lock(cluster, cluster_start_lock, LOCK_ALONE, 0);
    if (starting < 0)
        return false;
    // Its directory may be gone too; where somebody else has the name now, nothing would be better for a restart.
    bool started = !cluster_lost_socket(cluster) ||
                   (cluster_make_directory(cluster, cluster->socket) && cluster_stop_server(cluster, "20") &&
                    cluster_make_socket(cluster) && start_with_keeper(cluster));
    close(starting);
    return started;
}

// ---- awaiting it ----

struct awaiting {
    int64_t began, heard, told; // monotonic_ns
    unsigned starts;
};

static void tell_awaited(const struct cluster *cluster, struct awaiting *awaiting)
{
    int64_t now = monotonic_ns();
    if (now - awaiting->told < (int64_t)TOLD_SECONDS * 1000000000)
        return;
    awaiting->told = now;
    log_event(LOG_INFO, "private_postgresql_awaited", log_text("path", cluster->data),
              log_number("seconds", (now - awaiting->began) / 1000000000));
}

static bool fail_to_start(const struct cluster *cluster)
{
    char log[1100];
    snprintf(log, sizeof log, "%s/server.log", cluster->data);
    int server = cluster_lock(cluster, cluster_server_lock, LOCK_ALONE, 0);
    if (server < 0)
        return cluster_fail(
            "a PostgreSQL that cannot be seen from here runs on it, as in another container: start there",
            cluster->data);
    close(server);
    return cluster_fail("PostgreSQL did not start; its log tells why", log);
}

static bool start_once(struct cluster *cluster, struct awaiting *awaiting)
{
    if (awaiting->starts++ == STARTS_MOST)
        return fail_to_start(cluster);
    if (awaiting->starts > 1)
        cluster_pause(100L << (awaiting->starts - 2));
    if (!cluster_make_socket(cluster))
        return false;
    start_with_keeper(cluster);
    return true;
}

// A server that recovers refuses everybody until it has: that takes as long as it takes, and it says so.
static bool wait_once(struct cluster *cluster, struct awaiting *awaiting, bool *ret_ready)
{
    PGPing said = cluster_find_socket(cluster) ? ping(cluster) : PQPING_NO_RESPONSE;
    *ret_ready = said == PQPING_OK;
    if (*ret_ready)
        return true;
    if (said == PQPING_REJECT)
        awaiting->heard = monotonic_ns();
    if (monotonic_ns() - awaiting->heard > (int64_t)SILENCE_SECONDS * 1000000000)
        return cluster_fail("PostgreSQL runs there, but does not answer", cluster->socket);
    tell_awaited(cluster, awaiting);
    cluster_pause(CLUSTER_POLL_MS);
    return true;
}

bool cluster_run_up(struct cluster *cluster)
{
    int64_t now = monotonic_ns();
    struct awaiting awaiting = {.began = now, .heard = now, .told = now};
    bool good = true, ready = false;
    while (good && !ready) {
        if (cluster_is_stopped())
            return cluster_fail("it was told to stop meanwhile", cluster->data);
        good = cluster_runs(cluster) ? wait_once(cluster, &awaiting, &ready) : start_once(cluster, &awaiting);
    }
    return good && cluster_trust_socket(cluster) && is_kept(cluster);
}
