// How a private cluster comes to be. Each step can be cut off, by a signal or by the power, and the next start goes on
// from what is there: the cluster is made aside and given its name when it is whole, the database is closed to others
// in one transaction.
#include "database/cluster/private.h"

#include "base/log.h"
#include "base/poller.h"
#include "database/private.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Of the cluster itself, so that they hold also where somebody else starts it.
static const char configuration[] = "\n# thidua: a private cluster, reached by its socket alone.\n"
                                    "listen_addresses = ''\n"
                                    "unix_socket_permissions = 0700\n"
                                    "max_connections = 200\n";

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

// ---- what is there ----

static bool holds(const struct cluster *cluster, const char *name)
{
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", cluster->data, name);
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool begins_as_ours(const struct cluster *cluster, const char *name, const char *words)
{
    char path[1200], line[64] = "";
    snprintf(path, sizeof path, "%s/%s", cluster->data, name);
    FILE *file = fopen(path, "re");
    bool ours = file && fgets(line, sizeof line, file) && strncmp(line, words, strlen(words)) == 0;
    if (file)
        fclose(file);
    return ours;
}

// Whether every name in it, or in a directory of it, is one that `known` knows. None, where it is no directory.
static bool holds_only(const char *data, const char *name, bool (*known)(const char *name))
{
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", data, name);
    DIR *directory = opendir(path);
    bool only = directory || errno == ENOENT;
    for (const struct dirent *entry; directory && only && (entry = readdir(directory));)
        only = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || known(entry->d_name);
    if (directory)
        closedir(directory);
    return only;
}

// initdb's own. A server that ran has left postmaster.opts, a copy of a cluster backup_label.
static bool is_made_by_initdb(const char *name)
{
    return strncmp(name, "pg_", 3) == 0 || strncmp(name, "postgresql.", 11) == 0 || strcmp(name, "PG_VERSION") == 0 ||
           strcmp(name, "base") == 0 || strcmp(name, "global") == 0;
}

// While initdb runs there is also the lock of the server that it runs.
static bool is_made_aside(const char *name)
{
    return is_made_by_initdb(name) || strcmp(name, "postmaster.pid") == 0;
}

static bool is_template(const char *name)
{
    enum { FIRST_OF_USERS = 16384 }; // PostgreSQL's transam.h, FirstNormalObjectId
    return isdigit((unsigned char)name[0]) && strtol(name, NULL, 10) < FIRST_OF_USERS;
}

static bool is_nothing(const char *name)
{
    (void)name;
    return false;
}

static bool can_hold_data(const char *data, bool (*is_made)(const char *name))
{
    return !holds_only(data, "", is_made) || !holds_only(data, "base", is_template) ||
           !holds_only(data, "pg_tblspc", is_nothing);
}

// The access files are written last. A cluster in which there is data is never judged by them.
static bool is_whole(const struct cluster *cluster)
{
    return cluster_exists(cluster) && holds(cluster, "global/pg_control") &&
           begins_as_ours(cluster, "pg_hba.conf", "# thidua:") && begins_as_ours(cluster, "pg_ident.conf", "# map ");
}

bool cluster_to_be_made(const struct cluster *cluster)
{
    return holds_only(cluster->data, "", is_nothing) ||
           (!is_whole(cluster) && !can_hold_data(cluster->data, is_made_by_initdb));
}

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

static bool remove_left(const struct cluster *cluster, const char *path)
{
    return (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT) ||
           cluster_run(cluster, "/bin/rm", (const char *const[]){"rm", "-rf", "--", path, NULL}) ||
           cluster_fail("what was left there by a start that was cut off cannot be removed", path);
}

// Others may have something of that name too, such as who brings the cluster to a new version of PostgreSQL by hand.
static bool remove_aside(const struct cluster *cluster, const char *aside)
{
    if (can_hold_data(aside, is_made_aside))
        return cluster_fail("what is there was made by no start of ours, and it may be somebody's data: move it away",
                            aside);
    return remove_left(cluster, aside);
}

// A name outlives a power failure once its directory is on the disk.
static bool move_into_place(const struct cluster *cluster, const char *aside)
{
    int var = open(cluster->var, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool moved = var >= 0 && rename(aside, cluster->data) == 0 && fsync(var) == 0;
    if (!moved)
        cluster_fail(strerror(errno), cluster->data);
    if (var >= 0)
        close(var);
    return moved;
}

static bool make_aside(const struct cluster *cluster, const char *aside)
{
    if (!cluster_make_directory(cluster, aside))
        return false;
    char reason[512];
    if (!cluster_run_told(cluster, "initdb",
                          (const char *const[]){"initdb", "-D", aside, "-U", "postgres", "--auth-local=peer",
                                                "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8",
                                                "--data-checksums", NULL},
                          reason, sizeof reason))
        return cluster_is_stopped() ? cluster_fail("it was told to stop meanwhile", aside)
               : reason[0]          ? cluster_fail(reason, aside)
                                    : cluster_fail("initdb failed; this log tells why", cluster->log);
    return write_configuration(cluster, aside);
}

bool cluster_make(struct cluster *cluster)
{
    char aside[1100];
    if (!cluster_to_be_made(cluster))
        return cluster_exists(cluster) ||
               cluster_fail("what is there is no cluster, and it may be somebody's data: move it away", cluster->data);
    cluster->making =
        cluster_lock(cluster, "make.lock", LOCK_ALONE, LOCK_FOR_EVER); // an initdb whose start was killed still ends
    if (cluster->making < 0)
        return cluster_fail_without_locks(cluster);
    snprintf(aside, sizeof aside, "%s.new", cluster->data);
    log_event(LOG_INFO, "private_postgresql_created", log_text("path", cluster->data));
    bool good = remove_aside(cluster, aside) && remove_left(cluster, cluster->data) && make_aside(cluster, aside) &&
                move_into_place(cluster, aside);
    close(cluster->making);
    cluster->making = -1;
    return good;
}

// ---- the database in it ----

// For a database that is being made, on a disk that is as slow as it may be.
static PGresult *ask(PGconn *connection, const char *sql)
{
    enum { PATIENCE_SECONDS = 120 };
    int64_t end = monotonic_ns() + (int64_t)PATIENCE_SECONDS * 1000000000;
    return PQsendQuery(connection, sql) == 1 ? last_awaited(connection, answer_await, end) : NULL;
}

static bool execute(PGconn *connection, const char *sql)
{
    PGresult *result = ask(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static PGconn *connect_superuser(const struct cluster *cluster, const char *database)
{
    char url[256];
    snprintf(url, sizeof url, "host=%s dbname=%s user=postgres", cluster->socket, database);
    return hosts_connect(&(struct connect_options){.url = url, .host_ms = 10000});
}

static bool finds(PGconn *connection, const char *sql)
{
    PGresult *result = ask(connection, sql);
    bool found = PQntuples(result) == 1;
    PQclear(result);
    return found;
}

static bool close_database(const struct cluster *cluster, PGconn *connection)
{
    PGconn *inside = connect_superuser(cluster, "thidua");
    bool good = execute(inside, no_large_objects);
    PQfinish(inside);
    return good && execute(connection, "BEGIN; REVOKE ALL ON DATABASE thidua, postgres, template1 FROM PUBLIC;"
                                       " GRANT CONNECT ON DATABASE thidua TO thidua_app; COMMIT");
}

// Each step also where a start was cut off after the one before.
bool cluster_make_database(const struct cluster *cluster)
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
