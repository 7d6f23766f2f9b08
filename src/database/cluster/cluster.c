#include "database/cluster/cluster.h"

#include "base/log.h"
#include "database/cluster/cluster_private.h"
#include "database/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

// Of the cluster itself, so that they hold also where somebody else starts it.
static const char configuration[] = "\n# thidua: a private cluster, reached by its socket alone.\n"
                                    "listen_addresses = ''\n"
                                    "unix_socket_permissions = 0700\n"
                                    "max_connections = 200\n";

static const char in_use[] = "in-use.lock";

// Large objects are a store of their own, beside every table and its rights.
static const char no_large_objects[] =
    "DO $$ DECLARE called text; BEGIN"
    " FOR called IN SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
    " AND (proname ~ '^lo_' OR proname IN ('loread', 'lowrite')) LOOP"
    " EXECUTE 'REVOKE EXECUTE ON FUNCTION pg_catalog.' || called || ' FROM PUBLIC'; END LOOP; END $$";

static const char create_roles[] =
    "DO $$ DECLARE name text; BEGIN FOREACH name IN ARRAY ARRAY['thidua_owner', 'thidua_app'] LOOP"
    " IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN EXECUTE format('CREATE ROLE %I LOGIN', name); END "
    "IF;"
    " END LOOP; END $$";

// ---- making it ----

// Only the users of the system who run the service and PostgreSQL get in, whatever the socket's directory lets through.
static bool write_access(const struct cluster *cluster, const char *data)
{
    char path[1200], text[512];
    snprintf(path, sizeof path, "%s/pg_hba.conf", data);
    if (!cluster_write(cluster, path,
                       "# thidua: nobody by network; by the socket as pg_ident.conf says.\n"
                       "local all all peer map=thidua\n",
                       false))
        return false;
    snprintf(path, sizeof path, "%s/pg_ident.conf", data);
    const char *names[] = {"root", cluster->user_name}, *roles[] = {"postgres", "thidua_owner", "thidua_app"};
    size_t length = (size_t)snprintf(text, sizeof text, "# map  user of the system  role\n");
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            length += (size_t)snprintf(text + length, sizeof text - length, "thidua \"%s\" %s\n", names[i], roles[k]);
    return cluster_write(cluster, path, text, false);
}

static bool write_configuration(const struct cluster *cluster, const char *data)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/postgresql.conf", data);
    return cluster_write(cluster, path, configuration, true) && write_access(cluster, data);
}

// Made aside and then given its name: one whose making was cut off counts as none.
static bool create_cluster(const struct cluster *cluster)
{
    char aside[1100];
    if (cluster_exists(cluster))
        return true;
    snprintf(aside, sizeof aside, "%s.new", cluster->data);
    log_event(LOG_INFO, "private_postgresql_created", log_text("path", cluster->data));
    if (!cluster_run(cluster, "/bin/rm", (const char *const[]){"rm", "-rf", "--", aside, NULL}))
        return cluster_fail("what was left there by a start that was cut off cannot be removed", aside);
    if (!cluster_make_directory(cluster, aside))
        return false;
    if (!cluster_run(cluster, "initdb",
                     (const char *const[]){"initdb", "-D", aside, "-U", "postgres", "--auth-local=peer",
                                           "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8",
                                           "--data-checksums", NULL}))
        return cluster_fail("initdb failed; this log tells why", cluster->log);
    return write_configuration(cluster, aside) &&
           (rename(aside, cluster->data) == 0 || cluster_fail(strerror(errno), cluster->data));
}

static bool execute(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static PGconn *connect_superuser(const struct cluster *cluster, const char *database)
{
    char url[256];
    snprintf(url, sizeof url, "host=%s dbname=%s user=postgres", cluster->socket, database);
    return PQconnectdb(url);
}

static bool finds(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    bool found = PQntuples(result) == 1;
    PQclear(result);
    return found;
}

static bool close_database(const struct cluster *cluster, PGconn *connection)
{
    PGconn *inside = connect_superuser(cluster, "thidua");
    bool good = execute(inside, no_large_objects);
    PQfinish(inside);
    return good && execute(connection, "REVOKE ALL ON DATABASE thidua, postgres, template1 FROM PUBLIC") &&
           execute(connection, "GRANT CONNECT ON DATABASE thidua TO thidua_app");
}

// Each step also where a start was cut off after the one before.
static bool create_database(const struct cluster *cluster)
{
    PGconn *connection = connect_superuser(cluster, "postgres");
    bool made = finds(connection, "SELECT FROM pg_database WHERE datname = 'thidua'");
    bool closed = finds(connection, "SELECT FROM pg_database WHERE datname = 'thidua' AND datacl IS NOT NULL");
    bool good = (made || (execute(connection, create_roles) &&
                          execute(connection, "CREATE DATABASE thidua OWNER thidua_owner"))) &&
                (closed || close_database(cluster, connection));
    if (!good)
        cluster_fail(PQerrorMessage(connection), cluster->socket);
    PQfinish(connection);
    return good;
}

// ---- running it ----

static bool runs(const struct cluster *cluster)
{
    return cluster_run(cluster, "pg_ctl", (const char *const[]){"pg_ctl", "status", "-D", cluster->data, NULL});
}

static bool start_cluster(const struct cluster *cluster)
{
    char options[256], log[1100];
    snprintf(options, sizeof options, "-c listen_addresses= -c unix_socket_directories=%s", cluster->socket);
    snprintf(log, sizeof log, "%s/server.log", cluster->data);
    return cluster_run(cluster, "pg_ctl",
                       (const char *const[]){"pg_ctl", "start", "-w", "-s", "-D", cluster->data, "-l", log, "-o",
                                             options, NULL}) ||
           cluster_fail("PostgreSQL did not start; its log tells why", log);
}

static void stop(const struct cluster *cluster)
{
    cluster_run(cluster, "pg_ctl",
                (const char *const[]){"pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", cluster->data, NULL});
    cluster_remove_socket(cluster);
}

// `how`: of flock(); it may wait.
static int lock_cluster(const struct cluster *cluster, const char *name, int how)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/%s", cluster->var, name);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file >= 0 && flock(file, how) == 0)
        return file;
    if (file >= 0)
        close(file);
    return -1;
}

// It holds nothing of its parent's: no terminal, no pipe that somebody reads to its end, and no lock.
static void detach(void)
{
    close_range(0, ~0U, 0);
    for (int i = 0; i < 3; i++)
        open("/dev/null", O_RDWR); // NOLINT(android-cloexec-open): the three standard ones
}

// Starts PostgreSQL itself: so there is no moment in which it runs and nobody waits to stop it.
static _Noreturn void keep_cluster(const struct cluster *cluster, int told)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    setsid();
    bool started = start_cluster(cluster);
    ssize_t written = write(told, &started, sizeof started);
    (void)written; // the parent may be gone
    detach();
    if (started && lock_cluster(cluster, in_use, LOCK_EX) >= 0)
        stop(cluster); // which does nothing where it was stopped before
    _exit(0);
}

static bool start_with_keeper(struct cluster *cluster)
{
    int told[2];
    bool started = false;
    if (!cluster_make_socket(cluster) || pipe2(told, O_CLOEXEC) != 0)
        return false;
    pid_t keeper = fork();
    if (keeper == 0)
        keep_cluster(cluster, told[1]);
    close(told[1]);
    bool good = keeper > 0 && read(told[0], &started, sizeof started) == sizeof started && started;
    close(told[0]);
    return good;
}

static bool ensure_runs(struct cluster *cluster)
{
    return runs(cluster) ? cluster_find_socket(cluster) : start_with_keeper(cluster);
}

static void leave(struct cluster *cluster)
{
    if (cluster->in_use >= 0)
        close(cluster->in_use);
    cluster->in_use = -1;
}

bool cluster_start(struct cluster *cluster, const char *var, enum cluster_use use)
{
    *cluster = (struct cluster){.in_use = -1};
    if (!cluster_find(cluster, var, use == CLUSTER_MADE))
        return false;
    int starting = lock_cluster(cluster, "start.lock", LOCK_EX); // one starts it at a time
    cluster->in_use = lock_cluster(cluster, in_use, LOCK_SH);    // waits while it is being stopped
    bool good = starting >= 0 && cluster->in_use >= 0
                    ? create_cluster(cluster) && ensure_runs(cluster) && create_database(cluster)
                    : cluster_fail("its locks cannot be taken: it belongs to another user", cluster->var);
    if (starting >= 0)
        close(starting);
    if (!good)
        leave(cluster);
    return good;
}

void cluster_stop(struct cluster *cluster)
{
    if (cluster->in_use < 0)
        return;
    leave(cluster);
    int alone = lock_cluster(cluster, in_use, LOCK_EX | LOCK_NB);
    if (alone >= 0)
        stop(cluster);
    else
        alone = lock_cluster(cluster, in_use, LOCK_SH); // others use it, or the keeper stops it: until that is done
    if (alone >= 0)
        close(alone);
}
