#include "database/cluster/private.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOCKET_PATH_MOST = 107 - (int)sizeof "/.s.PGSQL.5432" };

// Whose prefix tells, when PostgreSQL ends, that the directory was made for it alone.
static const char outside[] = "/tmp/thidua-";

bool cluster_fail(const char *reason, const char *path)
{
    log_event(LOG_ERROR, "private_postgresql_failed", log_text("reason", reason), log_text("path", path));
    return false;
}

static bool fail_at_var(const char *reason, const char *var)
{
    log_event(LOG_ERROR, "private_postgresql_failed", log_text("reason", reason), log_text("path", var),
              log_text("way_out", "set THIDUA_VAR to a directory of your own, or DATABASE_URL"));
    return false;
}

bool cluster_fail_without_locks(const struct cluster *cluster)
{
    char reason[128];
    if (errno == EWOULDBLOCK)
        return cluster_fail("others hold its locks, and this start was told to stop", cluster->var);
    snprintf(reason, sizeof reason, "its locks cannot be taken: %s", strerror(errno));
    return fail_at_var(reason, cluster->var);
}

static bool fail_without_database(const char *var)
{
    log_event(LOG_ERROR, "no_database", log_text("path", var),
              log_text("way_out",
                       "thidua serve and thidua migrate make one here; else set THIDUA_VAR to where it is, or "
                       "DATABASE_URL"));
    return false;
}

// ---- who runs it, and what ----

// Debian keeps PostgreSQL's programs outside PATH.
static const char parent[] = "/usr/lib/postgresql/";

static bool find_newest_binaries(struct cluster *cluster)
{
    glob_t found;
    long newest = 0;
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            long version = strtol(found.gl_pathv[i] + strlen(parent), NULL, 10);
            newest = version > newest ? version : newest;
        }
        globfree(&found);
    }
    snprintf(cluster->binaries, sizeof cluster->binaries, "%s%ld/bin", parent, newest);
    return newest > 0 ||
           cluster_fail("no PostgreSQL server is installed: install Debian's package postgresql, or set DATABASE_URL",
                        parent);
}

static bool choose_user(struct cluster *cluster)
{
    const struct passwd *user = geteuid() ? getpwuid(geteuid()) : getpwnam("postgres");
    if (!user && geteuid() == 0)
        user = getpwnam("nobody");
    if (!user)
        return cluster_fail(geteuid() ? "this user has no name, and PostgreSQL needs one"
                                      : "started by root, and there is no user postgres or nobody to run PostgreSQL",
                            NULL);
    cluster->user = user->pw_uid;
    cluster->group = user->pw_gid;
    snprintf(cluster->user_name, sizeof cluster->user_name, "%s", user->pw_name);
    return true;
}

// ---- directories ----

static bool belongs_to_us(const struct cluster *cluster, uid_t owner)
{
    return owner == cluster->user || owner == geteuid() || owner == 0;
}

// Whoever could write into it could put a link, a socket or a key where ours should be.
static bool trust_var(const struct cluster *cluster)
{
    struct stat var;
    if (lstat(cluster->var, &var) != 0)
        return fail_at_var(strerror(errno), cluster->var);
    if (!S_ISDIR(var.st_mode))
        return fail_at_var("it is no directory", cluster->var);
    if (!belongs_to_us(cluster, var.st_uid))
        return fail_at_var("it belongs to another user", cluster->var);
    return !(var.st_mode & S_IWOTH) || fail_at_var("every user can write into it", cluster->var);
}

static bool find_var(struct cluster *cluster, const char *var, bool make)
{
    if (make && mkdir(var, 0755) != 0 && errno != EEXIST)
        return fail_at_var(strerror(errno), var);
    char *full = realpath(var, NULL);
    if (!full)
        return make ? fail_at_var(strerror(errno), var) : fail_without_database(var);
    bool fits = strlen(full) < sizeof cluster->var;
    snprintf(cluster->var, sizeof cluster->var, "%s", full);
    free(full);
    snprintf(cluster->data, sizeof cluster->data, "%s/postgres", cluster->var);
    snprintf(cluster->log, sizeof cluster->log, "%s/postgresql.log", cluster->var);
    if (strpbrk(cluster->var, "\"$`\\\n"))
        return fail_at_var("its path holds a character that pg_ctl would hand to a shell", var);
    return (fits || fail_at_var("its path is too long", var)) && trust_var(cluster);
}

bool cluster_exists(const struct cluster *cluster)
{
    char version[1100];
    snprintf(version, sizeof version, "%s/PG_VERSION", cluster->data);
    return access(version, F_OK) == 0;
}

// Of data only programs of the same major version make anything. Debian keeps them beside newer ones.
static bool find_binaries_of_data(struct cluster *cluster)
{
    char path[1100], version[16] = "", programs[64];
    snprintf(path, sizeof path, "%s/PG_VERSION", cluster->data);
    FILE *file = fopen(path, "re");
    if (file && fgets(version, sizeof version, file))
        version[strspn(version, "0123456789.")] = '\0';
    if (file)
        fclose(file);
    if (!version[0])
        return true; // there is none yet
    snprintf(programs, sizeof programs, "%s%s/bin", parent, version);
    bool found = access(programs, X_OK) == 0;
    if (found)
        snprintf(cluster->binaries, sizeof cluster->binaries, "%s", programs);
    else
        log_event(LOG_ERROR, "private_postgresql_failed",
                  log_text("reason", "the data there is of a version of PostgreSQL that is not installed"),
                  log_text("path", cluster->data), log_text("version", version),
                  log_text("way_out", "install that version beside the newer one; docs/operation.md says how to bring "
                                      "the data to that"));
    return found;
}

bool cluster_find(struct cluster *cluster, const char *var, bool make)
{
    return find_newest_binaries(cluster) && choose_user(cluster) && find_var(cluster, var, make) &&
           (make || cluster_exists(cluster) || fail_without_database(cluster->var)) && find_binaries_of_data(cluster);
}

static bool is_own_directory(const struct cluster *cluster, const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == cluster->user &&
           !(found.st_mode & (S_IRWXG | S_IRWXO));
}

static bool trust_directory(const struct cluster *cluster, const char *path)
{
    return is_own_directory(cluster, path) ||
           cluster_fail("what is there is no directory of PostgreSQL's user alone (mode 0700): remove it", path);
}

bool cluster_make_directory(const struct cluster *cluster, const char *path)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? trust_directory(cluster, path) : cluster_fail(strerror(errno), path);
    return (geteuid() != 0 || lchown(path, cluster->user, cluster->group) == 0) || cluster_fail(strerror(errno), path);
}

// ---- the socket ----

static bool is_outside(const char *socket)
{
    return strncmp(socket, outside, strlen(outside)) == 0;
}

static void write_urls(struct cluster *cluster)
{
    snprintf(cluster->url, sizeof cluster->url, "host=%s dbname=thidua user=thidua_app", cluster->socket);
    snprintf(cluster->owner_url, sizeof cluster->owner_url, "host=%s dbname=thidua user=thidua_owner", cluster->socket);
}

enum { LINE_SIZE = 1100, PORT_LINE = 4, SOCKET_LINE }; // PostgreSQL's miscadmin.h, LOCK_FILE_LINE_…

// Empty where there is no such line.
static void read_line(const struct cluster *cluster, int number, char ret_line[static LINE_SIZE])
{
    char path[1100];
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster->data);
    FILE *file = fopen(path, "re");
    ret_line[0] = '\0';
    for (int i = 0; file && i < number; i++)
        if (!fgets(ret_line, LINE_SIZE, file))
            ret_line[0] = '\0';
    if (file)
        fclose(file);
    ret_line[strcspn(ret_line, "\n")] = '\0';
}

bool cluster_find_socket(struct cluster *cluster)
{
    char line[LINE_SIZE];
    read_line(cluster, SOCKET_LINE, line);
    bool fits = line[0] == '/' && strlen(line) < sizeof cluster->socket;
    snprintf(cluster->socket, sizeof cluster->socket, "%.*s", (int)sizeof cluster->socket - 1, line);
    write_urls(cluster);
    return fits;
}

bool cluster_lost_socket(const struct cluster *cluster)
{
    char path[2 * LINE_SIZE + 16], socket[LINE_SIZE], port[LINE_SIZE];
    read_line(cluster, SOCKET_LINE, socket);
    read_line(cluster, PORT_LINE, port);
    snprintf(path, sizeof path, "%s/.s.PGSQL.%s", socket, port);
    return socket[0] == '/' && access(path, F_OK) != 0 && errno == ENOENT;
}

bool cluster_trust_socket(const struct cluster *cluster)
{
    return trust_directory(cluster, cluster->socket);
}

// What neither a shell, nor a connection string, nor PostgreSQL's list of directories reads as anything else.
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+";

bool cluster_make_socket(struct cluster *cluster)
{
    char path[1100];
    int length = snprintf(path, sizeof path, "%s/socket", cluster->var);
    if (length <= SOCKET_PATH_MOST && strspn(path, plain) == (size_t)length) {
        memcpy(cluster->socket, path, (size_t)length + 1);
        write_urls(cluster);
        return cluster_make_directory(cluster, cluster->socket);
    }
    // The one of a server that was used before is used again, also where it was removed: whoever connects after it came
    // back looks there.
    if (is_outside(cluster->socket) || (cluster_find_socket(cluster) && is_outside(cluster->socket)))
        return cluster_make_directory(cluster, cluster->socket);
    // A name that nobody can know before: what is made is ours.
    snprintf(cluster->socket, sizeof cluster->socket, "%sXXXXXX", outside);
    if (!mkdtemp(cluster->socket))
        return cluster_fail(strerror(errno), cluster->socket);
    write_urls(cluster);
    return (geteuid() != 0 || lchown(cluster->socket, cluster->user, cluster->group) == 0) ||
           cluster_fail(strerror(errno), cluster->socket);
}

void cluster_remove_socket(const struct cluster *cluster)
{
    if (is_outside(cluster->socket))
        rmdir(cluster->socket);
}
