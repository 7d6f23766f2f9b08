#include "database/cluster/private.h"

#include "base/stopping.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGUMENTS_MOST = 16 };

static bool drop_rights(const struct cluster *cluster)
{
    return geteuid() != 0 || (setgroups(0, NULL) == 0 && setgid(cluster->group) == 0 && setuid(cluster->user) == 0);
}

// By who we are: it lies in var, which may be root's.
static int open_log(const struct cluster *cluster)
{
    int log = open(cluster->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (log >= 0)
        fchmod(log, 0640);
    return log;
}

static bool set_output(int output)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return null >= 0 && dup2(null, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2;
}

// What makes the cluster ends with who wanted it, and holds the lock until it has: the next start begins after that.
static bool end_with_maker(int lock)
{
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && fcntl(lock, F_SETFD, 0) == 0;
}

static _Noreturn void become(const struct cluster *cluster, const char *program, const char *const arguments[],
                             int output)
{
    char path[512];
    // The full path comes first: by it PostgreSQL's programs find one another.
    const char *all[ARGUMENTS_MOST] = {path};
    snprintf(path, sizeof path, "%s%s%s", program[0] == '/' ? "" : cluster->binaries, program[0] == '/' ? "" : "/",
             program);
    for (size_t i = 1; i < ARGUMENTS_MOST - 1 && arguments[i]; i++)
        all[i] = arguments[i];
    // PostgreSQL's programs run as its user. A program named by its path, /bin/rm, runs as who we are.
    if (!set_output(output) || (program[0] != '/' && !drop_rights(cluster)) || chdir("/") != 0)
        _exit(126);
    if (cluster->making >= 0 && !end_with_maker(cluster->making))
        _exit(126);
    if (cluster->server >= 0 && fcntl(cluster->server, F_SETFD, 0) != 0)
        _exit(126);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    // Its own session: Ctrl-C at the terminal is for the service, which then stops PostgreSQL in order.
    setsid();
    execv(path, (char *const *)(void *)(uintptr_t)all);
    _exit(127);
}

bool cluster_is_stopped(void)
{
    sigset_t pending;
    return stopping() ||
           (sigpending(&pending) == 0 &&
            (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT) || sigismember(&pending, SIGQUIT)));
}

void cluster_pause(long milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

// Only while the cluster is made: whatever else runs is short, or must come to its end.
static void end_when_stopped(const struct cluster *cluster, pid_t child)
{
    siginfo_t ended = {0};
    while (cluster->making >= 0 && waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           ended.si_pid == 0) {
        if (cluster_is_stopped())
            kill(child, SIGTERM);
        cluster_pause(CLUSTER_POLL_MS);
    }
}

static bool await(pid_t child, const char *what)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return cluster_fail(strerror(errno), what);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run(const struct cluster *cluster, const char *program, const char *const arguments[], int output)
{
    pid_t child = fork();
    if (child < 0)
        return cluster_fail(strerror(errno), program);
    if (child == 0)
        become(cluster, program, arguments, output);
    end_when_stopped(cluster, child);
    return await(child, program);
}

bool cluster_run(const struct cluster *cluster, const char *program, const char *const arguments[])
{
    int log = open_log(cluster);
    if (log < 0)
        return cluster_fail(strerror(errno), cluster->log);
    bool good = run(cluster, program, arguments, log);
    close(log);
    return good;
}

static bool tells_of_fault(const char *line)
{
    return strstr(line, "FATAL:") || strstr(line, "PANIC:") || strstr(line, "ERROR:") || strstr(line, "error:");
}

// Copies it to the log, as far as there is room, and keeps the first line that tells of a fault: those after it tell
// what came of that.
static void take_said(FILE *said, int log, char *ret_reason, size_t size)
{
    char line[512];
    bool room = true;
    rewind(said);
    while (fgets(line, sizeof line, said)) {
        room = room && write(log, line, strlen(line)) == (ssize_t)strlen(line);
        if (!ret_reason[0] && tells_of_fault(line))
            snprintf(ret_reason, size, "%.*s", (int)strcspn(line, "\n"), line);
    }
}

bool cluster_run_told(const struct cluster *cluster, const char *program, const char *const arguments[],
                      char *ret_reason, size_t size)
{
    int memory = memfd_create(program, MFD_CLOEXEC), log = open_log(cluster);
    FILE *said = memory >= 0 && log >= 0 ? fdopen(memory, "r") : NULL;
    snprintf(ret_reason, size, "%s", said ? "" : strerror(errno));
    bool good = said && run(cluster, program, arguments, memory);
    if (said)
        take_said(said, log, ret_reason, size);
    if (said)
        fclose(said);
    else if (memory >= 0)
        close(memory);
    if (log >= 0)
        close(log);
    return good;
}

static bool write_file(const char *path, const char *text, int how)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | how, 0600);
    return file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) && fsync(file) == 0 &&
           close(file) == 0;
}

bool cluster_write(const struct cluster *cluster, const char *path, const char *text, bool append)
{
    pid_t child = fork();
    if (child < 0)
        return cluster_fail(strerror(errno), path);
    if (child == 0)
        _exit(drop_rights(cluster) && write_file(path, text, append ? O_APPEND : O_TRUNC) ? 0 : 1);
    return await(child, path) || cluster_fail("it cannot be written", path);
}
