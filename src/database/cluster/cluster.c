#include "database/cluster/cluster.h"

#include "base/log.h"
#include "database/cluster/private.h"
#include "database/private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAKING_MS = 200, // a child of a start that was killed holds its lock until it has become another program
    STOPPING_MS = 20000,
};

const char cluster_in_use[] = "in-use.lock", cluster_start_lock[] = "start.lock", cluster_server_lock[] = "server.lock";

static void leave(struct cluster *cluster)
{
    if (cluster->in_use >= 0)
        close(cluster->in_use);
    cluster->in_use = -1;
}

static void tell_made_by_another(const struct cluster *cluster)
{
    log_event(LOG_ERROR, "private_postgresql_failed",
              log_text("reason", "another start makes the database there at this moment"),
              log_text("path", cluster->data),
              log_text("way_out", "let that one go on; once it listens, others may start beside it"));
}

// One starts it at a time, and the others wait. Of two first starts one goes on: the other would serve what it did not
// see begin, such as from a directory that it shares with another by mistake.
static int lock_start(const struct cluster *cluster)
{
    int starting = cluster_lock(cluster, cluster_start_lock, LOCK_ALONE, MAKING_MS);
    if (starting < 0 && errno == EWOULDBLOCK && cluster_to_be_made(cluster)) {
        tell_made_by_another(cluster);
        return -1;
    }
    if (starting < 0 && errno == EWOULDBLOCK)
        starting = cluster_lock(cluster, cluster_start_lock, LOCK_ALONE, LOCK_FOR_EVER);
    if (starting < 0)
        cluster_fail_without_locks(cluster);
    return starting;
}

// What PGOPTIONS, PGSERVICE and the like say is of another server. Neither libpq nor PostgreSQL's programs shall see
// it.
static void forget_environment(void)
{
    PQconninfoOption *all = PQconndefaults();
    for (const PQconninfoOption *option = all; option && option->keyword; option++)
        if (option->envvar)
            unsetenv(option->envvar);
    PQconninfoFree(all);
}

bool cluster_start(struct cluster *cluster, const char *var, enum cluster_use use)
{
    *cluster = (struct cluster){.in_use = -1, .making = -1, .server = -1};
    forget_environment();
    if (!cluster_find(cluster, var, use == CLUSTER_MADE))
        return false;
    int starting = lock_start(cluster);
    if (starting < 0)
        return false;
    cluster->in_use =
        cluster_lock(cluster, cluster_in_use, LOCK_SHARED, LOCK_FOR_EVER); // waits while it is being stopped
    bool good = cluster->in_use >= 0
                    ? cluster_make(cluster) && cluster_run_up(cluster) && cluster_make_database(cluster)
                    : cluster_fail_without_locks(cluster);
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
    int alone = cluster_lock(cluster, cluster_in_use, LOCK_ALONE, 0);
    // One that is silent is left to its keeper sooner: the process ends in time whatever hangs.
    if (alone >= 0 && !cluster_stop_server(cluster, cluster_answers(cluster) ? "20" : "3"))
        cluster_fail("PostgreSQL does not stop; its keeper goes on waiting for it", cluster->data);
    if (alone < 0) // others use it, or the keeper stops it: until that is done
        alone = cluster_lock(cluster, cluster_in_use, LOCK_SHARED, STOPPING_MS);
    if (alone >= 0)
        close(alone);
}
