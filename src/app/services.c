#include "app/services.h"

#include "app/descriptors.h"
#include "app/features.h"
#include "app/systemd.h"
#include "base/log.h"
#include "base/stopping.h"
#include "base/temporary.h"
#include "database/changes.h"
#include "database/migrate.h"
#include "deadlines/reminders.h"
#include "facts/packer.h"
#include "handler/lanes/forget.h"
#include "handler/lanes/setup.h"
#include "http/server.h"
#include "identity/identify.h"
#include "identity/jwks.h"
#include "identity/jwt.h"
#include "journal/feed.h"
#include "journal/sealer.h"
#include "keys/uses.h"
#include "thidua/civil.h"
#include "webhooks/dispatcher.h"
#include "webhooks/secret.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

// `name` stands in pg_stat_activity, where it says for whom a connection works.
static struct session_options session_options(const struct place *place, const char *name)
{
    return (struct session_options){
        .url = place->url,
        .application_name = name,
        .statement_timeout_ms = (int)place->settings.write_seconds * 1000,
        .now = place->settings.now,
    };
}

static struct session_options background_options(const struct place *place, const char *name)
{
    struct session_options options = session_options(place, name);
    options.background = name + sizeof "thidua " - 1;
    return options;
}

static bool start_descriptors(struct place *place)
{
    return descriptors_plan(&place->settings);
}

static bool start_postgresql(struct place *place)
{
    if (!place_start(place))
        return false;
    if (place->private_cluster)
        log_event(LOG_INFO, "private_postgresql", log_text("path", place->cluster.data), log_text("url", place->url));
    return true;
}

static bool start_watch(struct place *place)
{
    return !place->private_cluster || cluster_watch_start(&place->cluster);
}

static void stop_watch(struct place *place)
{
    if (place->private_cluster)
        cluster_watch_stop();
}

static bool start_jwks(struct place *place)
{
    const struct settings *settings = &place->settings;
    jwt_configure(&(struct jwt_options){
        .issuer = settings->jwt_issuer,
        .audience = settings->jwt_audience,
        .roles_claim = settings->jwt_roles_claim,
        .unit_claim = settings->jwt_unit_claim,
        .role_map = settings->jwt_role_map,
    });
    return jwks_start();
}

static void stop_jwks(struct place *place)
{
    (void)place;
    jwks_stop();
}

static bool start_migrations(struct place *place)
{
    return migrate(place->owner_url);
}

// The secrets of webhooks come from a file. Beside a private PostgreSQL the program makes one; several instances need
// the same one.
static bool start_webhooks(struct place *place)
{
    const struct settings *settings = &place->settings;
    char own[4096];
    snprintf(own, sizeof own, "%s/secret.key", settings->var);
    if (settings->secret_key)
        return secrets_open(settings->secret_key);
    return settings->database_url || (secrets_make(own) && secrets_open(own));
}

static bool start_dispatcher(struct place *place)
{
    const struct settings *settings = &place->settings;
    return dispatcher_start(&(struct dispatcher_options){
        .session = background_options(place, "thidua webhooks"),
        .timeout_seconds = settings->webhook_timeout_seconds,
        .pause_seconds = settings->webhook_pauses,
        .pauses = settings->webhook_pauses_count,
    });
}

static void stop_dispatcher(struct place *place)
{
    (void)place;
    dispatcher_stop();
}

static bool start_feed(struct place *place)
{
    (void)place;
    changes_subscribe(CHANGE_BACK, server_wake); // loops that pause before they connect again need not wait longer
    return feed_start();
}

// Frees what server_stop() leaves, because workers and news may still be about to wake a loop.
static void close_server(struct place *place)
{
    (void)place;
    server_close();
}

static bool start_changes(struct place *place)
{
    const struct session_options session = session_options(place, "thidua news");
    return changes_start(&session);
}

static void stop_changes(struct place *place)
{
    (void)place;
    changes_stop();
}

static bool start_sealer(struct place *place)
{
    const struct session_options session = background_options(place, "thidua sealer");
    return sealer_start(&session);
}

static void stop_sealer(struct place *place)
{
    (void)place;
    sealer_stop();
}

static bool start_packer(struct place *place)
{
    const struct session_options session = background_options(place, "thidua packer");
    return packer_start(&session);
}

static void stop_packer(struct place *place)
{
    (void)place;
    packer_stop();
}

static bool start_reminders(struct place *place)
{
    const struct session_options session = background_options(place, "thidua reminders");
    return reminders_start(&session);
}

static void stop_reminders(struct place *place)
{
    (void)place;
    reminders_stop();
}

static bool start_key_uses(struct place *place)
{
    const struct session_options session = background_options(place, "thidua key uses");
    return key_uses_start(&session, place->settings.key_use_seconds);
}

static void stop_key_uses(struct place *place)
{
    (void)place;
    key_uses_stop();
}

static bool start_forgetting(struct place *place)
{
    const struct session_options session = background_options(place, "thidua forgetting");
    return forget_start(&session);
}

static void stop_forgetting(struct place *place)
{
    (void)place;
    forget_stop();
}

static bool start_workers(struct place *place)
{
    const struct settings *settings = &place->settings;
    struct handler_options options = {
        .session = session_options(place, "thidua writes"),
        .lane = {place->url, "thidua reads", settings->lane_connections, (int)settings->read_seconds * 1000,
                 settings->now, .read_url = settings->read_url},
        .request_mib = settings->request_mib,
        .work_seconds = settings->work_seconds,
        .table_rows = settings->table_rows,
    };
    options.session.work_ms = (int)settings->work_seconds * 1000;
    options.pool = pool_start(&(struct pool_options){options.session, settings->workers, settings->queue_length});
    features_loop_parts(options.parts);
    handler_setup(&options);
    return options.pool;
}

static void stop_workers(struct place *place)
{
    (void)place;
    pool_stop(handler_options()->pool);
}

static bool start_server(struct place *place)
{
    int64_t now = 0;
    const struct settings *settings = &place->settings;
    temporary_bound((uint64_t)settings->temporary_mib * 1024 * 1024);
    if (settings->now)
        instant_parse(settings->now, strlen(settings->now), &now);
    metrics_offer(handler_gauges);
    metrics_offer(jwks_gauges);
    features_offer_gauges();
    return server_start(&(struct server_options){
        .routes = features_routes(),
        .address = settings->listen_address,
        .port = settings->listen_port,
        .limits = {.idle_ms = settings->idle_seconds * 1000LL,
                   .header_ms = settings->header_seconds * 1000LL,
                   .body_ms = settings->body_seconds * 1000LL,
                   .send_ms = settings->send_seconds * 1000LL},
        .loops = settings->loops,
        .connections = settings->connections,
        .connections_per_address = settings->connections_per_address,
        .rates = {.key = settings->rate_per_minute, .address = settings->address_rate_per_minute},
        .log = {.addresses = !settings->log_without_addresses, .health = !settings->log_without_health},
        .drain_seconds = settings->drain_seconds,
        .cors_origins = settings->cors_origins,
        .now = now,
        .hooks = {loop_open, loop_close, loop_turn, identify, loop_dispatch},
    });
}

static void stop_server(struct place *place)
{
    (void)place;
    server_stop();
}

// Whoever comes first is answered: loops and workers have reached the database by then. Where it is slow, they are told
// 503.
static bool start_listening(struct place *place)
{
    enum { READY_MS = 10000, LOOK_MS = 5 };
    (void)place;
    for (int waited = 0; !(loops_ready() && workers_ready()) && !stopping() && waited < READY_MS; waited += LOOK_MS)
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    return server_open();
}

// Balancers ask every few seconds and then send nobody here any more. Until then everybody is served.
static void stop_listening(struct place *place)
{
    server_be_lame();
    server_wake();
    struct timespec left = {.tv_sec = place->settings.lame_duck_seconds};
    while (nanosleep(&left, &left) != 0) {
    }
}

static bool start_systemd(struct place *place)
{
    (void)place;
    return systemd_watchdog_start();
}

static void stop_systemd(struct place *place)
{
    (void)place;
    systemd_watchdog_stop();
}

// A service stands below whatever uses it: loops hand writes to the workers, workers wake the sealer and the packer,
// and the thread of the news wakes the loops and the dispatcher.
static const struct service {
    const char *name;
    bool (*start)(struct place *place); // NULL: there is nothing to start
    void (*stop)(struct place *place);  // NULL: there is nothing to stop
    bool says_why;                      // where `start` fails, it has told the operator what and why in one line
} services[] = {
    {"descriptors", start_descriptors, NULL, true},
    {"private PostgreSQL", start_postgresql, place_close, true},
    {"watch over the private PostgreSQL", start_watch, stop_watch},
    {"keys of the identity provider", start_jwks, stop_jwks, true},
    {"migrations", start_migrations, NULL, true},
    {"memory of the HTTP server", NULL, close_server},
    {"settings of webhooks", start_webhooks, NULL, true},
    {"webhook dispatcher", start_dispatcher, stop_dispatcher},
    {"event streams", start_feed, NULL},
    {"news of changes", start_changes, stop_changes},
    {"sealer of the journal", start_sealer, stop_sealer},
    {"packer of facts", start_packer, stop_packer},
    {"reminders of deadlines", start_reminders, stop_reminders},
    {"last uses of keys", start_key_uses, stop_key_uses},
    {"forgetting of what is over", start_forgetting, stop_forgetting},
    {"workers", start_workers, stop_workers},
    {"HTTP server", start_server, stop_server, true},
    {"signs of life for systemd", start_systemd, stop_systemd},
    {"listening", start_listening, stop_listening, true},
};

enum { SERVICES_COUNT = sizeof services / sizeof *services };

static void stop_first(struct place *place, size_t count)
{
    while (count-- > 0)
        if (services[count].stop)
            services[count].stop(place);
}

bool services_start(struct place *place)
{
    for (size_t i = 0; i < SERVICES_COUNT; i++) {
        if (!services[i].start || services[i].start(place))
            continue;
        if (!services[i].says_why)
            log_event(LOG_ERROR, "service_not_started", log_text("service", services[i].name));
        stop_first(place, i);
        return false;
    }
    return true;
}

void services_stop(struct place *place)
{
    stop_first(place, SERVICES_COUNT);
}
