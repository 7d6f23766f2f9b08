#include "database/cluster.h"

#include "base/log.h"
#include "database/private.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKET_PATH_MAX = 107 - (int)sizeof "/.s.PGSQL.5432", ARGUMENTS_MAX = 16 };

static bool fail(const char *reason, const char *path)
{
    log_event(LOG_ERROR, "private_postgresql_failed", log_text("reason", reason), log_text("path", path));
    return false;
}

static bool fail_at_var(const char *var)
{
    log_event(LOG_ERROR, "private_postgresql_failed", log_text("reason", strerror(errno)), log_text("path", var),
              log_text("way_out", "set THIDUA_VAR to a directory that can be written, or DATABASE_URL"));
    return false;
}

// Debian keeps PostgreSQL's programs outside PATH: the newest version of them.
static bool find_binaries(struct cluster *cluster)
{
    glob_t found;
    size_t count = 0;
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0) {
        count = found.gl_pathc;
        int longest = 0;
        for (size_t i = 0; i < count; i++) {
            int version = (int)strtol(found.gl_pathv[i] + strlen("/usr/lib/postgresql/"), NULL, 10);
            if (version > longest)
                longest = version;
        }
        snprintf(cluster->binaries, sizeof cluster->binaries, "/usr/lib/postgresql/%d/bin", longest);
        globfree(&found);
    }
    return count > 0 ||
           fail("no PostgreSQL server is installed: install Debian's package postgresql, or set DATABASE_URL",
                "/usr/lib/postgresql");
}

static bool choose_user(struct cluster *cluster)
{
    cluster->user = geteuid();
    cluster->group = getegid();
    if (cluster->user != 0)
        return true;
    const struct passwd *user = getpwnam("postgres");
    if (!user)
        user = getpwnam("nobody");
    if (!user)
        return fail("started by root, and there is no user postgres or nobody to run PostgreSQL", NULL);
    cluster->user = user->pw_uid;
    cluster->group = user->pw_gid;
    return true;
}

static bool make_directory(const struct cluster *cluster, const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail(strerror(errno), path);
    if (geteuid() == 0 && chown(path, cluster->user, cluster->group) != 0)
        return fail(strerror(errno), path);
    return true;
}

// A relative or deep `var` would not fit a socket's name: then a directory under /tmp, named after the full path.
static bool choose_paths(struct cluster *cluster, const char *var)
{
    if (mkdir(var, 0755) != 0 && errno != EEXIST)
        return fail_at_var(var);
    char *full = realpath(var, NULL);
    if (!full)
        return fail_at_var(var);
    snprintf(cluster->data, sizeof cluster->data, "%s/postgres", full);
    snprintf(cluster->log, sizeof cluster->log, "%s/postgresql.log", full);
    int length = snprintf(cluster->socket, sizeof cluster->socket, "%s/socket", full);
    if (length > SOCKET_PATH_MAX) {
        unsigned long hash = 5381;
        for (const char *c = full; *c; c++)
            hash = hash * 33 + (unsigned char)*c;
        snprintf(cluster->socket, sizeof cluster->socket, "/tmp/thidua-%u-%lx", cluster->user, hash);
    }
    char lock[1100];
    snprintf(lock, sizeof lock, "%s/owner.lock", full);
    cluster->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (cluster->lock < 0 && errno == ENOTDIR) {
        free(full);
        return fail_at_var(var);
    }
    cluster->owned = cluster->lock >= 0 && flock(cluster->lock, LOCK_EX | LOCK_NB) == 0;
    free(full);
    snprintf(cluster->url, sizeof cluster->url, "host=%s dbname=thidua user=thidua_app", cluster->socket);
    snprintf(cluster->owner_url, sizeof cluster->owner_url, "host=%s dbname=thidua user=thidua_owner", cluster->socket);
    return make_directory(cluster, cluster->socket);
}

// In the child. argv[0] must be the full path: by it PostgreSQL's programs find one another.
static void become(const struct cluster *cluster, const char *program, const char *const arguments[])
{
    char path[512];
    const char *all[ARGUMENTS_MAX] = {path};
    snprintf(path, sizeof path, "%s/%s", cluster->binaries, program);
    for (size_t i = 1; i < ARGUMENTS_MAX - 1 && arguments[i]; i++)
        all[i] = arguments[i];
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int log = open(cluster->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        _exit(126);
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(cluster->group) != 0 || setuid(cluster->user) != 0))
        _exit(126);
    if (chdir("/") != 0)
        _exit(126);
    // Its own session: Ctrl-C at the terminal is for the service, which then stops PostgreSQL in order.
    setsid();
    execv(path, (char *const *)(void *)(uintptr_t)all);
    _exit(127);
}

// Runs one of PostgreSQL's programs as the cluster's user; its output goes to the cluster's log.
static bool run(const struct cluster *cluster, const char *program, const char *const arguments[])
{
    pid_t child = fork();
    if (child < 0)
        return fail(strerror(errno), program);
    if (child == 0)
        become(cluster, program, arguments);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return fail(strerror(errno), program);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool create(const struct cluster *cluster)
{
    char version[1100];
    snprintf(version, sizeof version, "%s/PG_VERSION", cluster->data);
    if (access(version, F_OK) == 0)
        return true;
    if (!make_directory(cluster, cluster->data))
        return false;
    log_event(LOG_INFO, "private_postgresql_created", log_text("path", cluster->data));
    // Whoever can enter the socket's directory (mode 0700) is trusted: that is the service's own user.
    return run(cluster, "initdb",
               (const char *const[]){"initdb", "-D", cluster->data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                                     "--locale=C.UTF-8", "--data-checksums", NULL}) ||
           fail("initdb failed; this log tells why", cluster->log);
}

static bool start(const struct cluster *cluster)
{
    if (run(cluster, "pg_ctl", (const char *const[]){"pg_ctl", "status", "-D", cluster->data, NULL}))
        return true;
    char options[256], log[1100];
    snprintf(options, sizeof options, "-c listen_addresses= -c unix_socket_directories=%s -c max_connections=200",
             cluster->socket);
    snprintf(log, sizeof log, "%s/server.log", cluster->data);
    return run(cluster, "pg_ctl",
               (const char *const[]){"pg_ctl", "start", "-w", "-s", "-D", cluster->data, "-l", log, "-o", options,
                                     NULL}) ||
           fail("PostgreSQL did not start; its log tells why", log);
}

static bool execute(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool create_database(const struct cluster *cluster)
{
    char superuser[256];
    snprintf(superuser, sizeof superuser, "host=%s dbname=postgres user=postgres", cluster->socket);
    PGconn *connection = PQconnectdb(superuser);
    PGresult *result = PQexec(connection, "SELECT 1 FROM pg_database WHERE datname = 'thidua'");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (good && PQntuples(result) == 0)
        good = execute(connection, "CREATE ROLE thidua_owner LOGIN") &&
               execute(connection, "CREATE ROLE thidua_app LOGIN") &&
               execute(connection, "CREATE DATABASE thidua OWNER thidua_owner");
    if (!good)
        fail(PQerrorMessage(connection), cluster->socket);
    PQclear(result);
    PQfinish(connection);
    return good;
}

bool cluster_start(struct cluster *cluster, const char *var)
{
    *cluster = (struct cluster){0};
    return find_binaries(cluster) && choose_user(cluster) && choose_paths(cluster, var) && create(cluster) &&
           start(cluster) && create_database(cluster);
}

void cluster_stop(struct cluster *cluster)
{
    if (cluster->owned)
        run(cluster, "pg_ctl",
            (const char *const[]){"pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", cluster->data, NULL});
    if (cluster->lock > 0)
        close(cluster->lock);
    cluster->owned = false;
}
