#include "app/command/place.h"

#include "base/log.h"
#include "base/poller.h"
#include "base/stopping.h"

#include <stdio.h>
#include <time.h>

// What runs through one would lose its settings and statements from one transaction to the next.
static bool keeps_sessions(const char *variable, const char *url)
{
    if (session_is_kept(url))
        return true;
    log_event(LOG_ERROR, "pooler_in_transaction_mode", log_text("setting", variable),
              log_text("reason",
                       "each transaction may get another server process, which knows neither our settings nor "
                       "our statements, and sends no notifications"),
              log_text("way_out", "let this user's pool be in session mode, or name PostgreSQL itself"));
    return false;
}

// The schema would be made in one, and missed in the other.
static bool owns_it(const struct place *place)
{
    if (place->owner_url == place->url || session_urls_meet(place->url, place->owner_url))
        return true;
    log_event(LOG_ERROR, "another_database", log_text("setting", "DATABASE_OWNER_URL"),
              log_text("reason", "it leads to another database than DATABASE_URL"),
              log_text("way_out", "name the same database in both, by another role"));
    return false;
}

bool place_read(struct place *place, enum place_use use)
{
    *place = (struct place){.use = use, .cluster = {.in_use = -1, .making = -1, .server = -1}};
    bool good = settings_read(&place->settings);
    log_setup(place->settings.log_json);
    if (use == PLACE_FOR_SERVICE)
        good = settings_open() && good;
    place->url = place->settings.database_url;
    place->owner_url = place->settings.database_owner_url ? place->settings.database_owner_url : place->url;
    place->private_cluster = !place->url;
    return good;
}

// One that recovers after a crash takes nobody until it has, as long as that takes: it is awaited, as the private one
// is.
static void await_server(const char *url)
{
    enum { LOOK_MS = 200, TOLD_SECONDS = 30 };
    int64_t began = monotonic_ns(), tell_at = began;
    while (session_server_starts(url) && !stopping()) {
        int64_t now = monotonic_ns();
        if (now >= tell_at) {
            log_event(LOG_WARNING, "database_awaited",
                      log_text("reason", "it starts, recovers or ends, and takes nobody"),
                      log_number("seconds", (now - began) / 1000000000));
            tell_at = now + (int64_t)TOLD_SECONDS * 1000000000;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
}

bool place_start(struct place *place)
{
    const char *read_url = place->use == PLACE_FOR_SERVICE ? place->settings.read_url : NULL;
    if (!place->private_cluster) {
        await_server(place->url);
        return keeps_sessions("DATABASE_URL", place->url) &&
               (place->owner_url == place->url || keeps_sessions("DATABASE_OWNER_URL", place->owner_url)) &&
               (!read_url || keeps_sessions("THIDUA_READ_URL", read_url)) && owns_it(place);
    }
    enum cluster_use use = place->use == PLACE_FOR_COMMAND ? CLUSTER_FOUND : CLUSTER_MADE;
    if (!cluster_start(&place->cluster, place->settings.var, use))
        return false;
    place->url = place->cluster.url;
    place->owner_url = place->cluster.owner_url;
    return true;
}

bool place_open(struct place *place, enum place_use use)
{
    return place_read(place, use) && place_start(place);
}

void place_close(struct place *place)
{
    if (place->private_cluster)
        cluster_stop(&place->cluster);
}

struct session *place_connect(struct place *place, const char *url, const char *command)
{
    place->session = (struct session_options){.url = url, .application_name = command, .now = place->settings.now};
    struct session *session = session_new(&place->session);
    if (session && session_connect(session))
        return session;
    fprintf(stderr, "%s: %s\n", command, session_message(session));
    session_free(session);
    return NULL;
}
