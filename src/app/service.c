#include "app/service.h"

#include "database/changes.h"
#include "facts/packer.h"
#include "handler/work.h"
#include "http/metrics.h"
#include "http/route.h"
#include "http/server.h"
#include "identity/jwks.h"
#include "identity/jwt.h"
#include "journal/feed.h"
#include "journal/sealer.h"
#include "keys/uses.h"
#include "webhooks/dispatcher.h"
#include "webhooks/secret.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
    struct pool *pool;
    struct quick_options lane;
    struct session_options session;
    unsigned table_rows;
    atomic_uint lanes_ready; // loops whose quick lane has a connection
} service;

struct pool *service_pool(void)
{
    return service.pool;
}

const struct session_options *service_session(void)
{
    return &service.session;
}

unsigned service_table_rows(void)
{
    return service.table_rows;
}

bool service_ready(void)
{
    return changes_seen(CHANGE_DATA) != 0 && atomic_load(&service.lanes_ready) == server_loops() && !server_draining();
}

static void note_lane(struct loop_state *state, bool ready)
{
    if (ready != state->ready)
        atomic_fetch_add(&service.lanes_ready, ready ? 1U : -1U);
    state->ready = ready;
}

static void *loop_open(struct poller *poller)
{
    struct loop_state *state = calloc(1, sizeof *state);
    if (!state)
        abort();
    state->lane = quick_open(&service.lane, poller);
    state->keys = key_cache_new();
    state->statuses = status_cache_new();
    state->feed = feed_new(state->lane);
    return state;
}

static void loop_close(void *context)
{
    struct loop_state *state = context;
    note_lane(state, false);
    quick_close(state->lane);
    feed_free(state->feed);
    key_cache_free(state->keys);
    status_cache_free(state->statuses);
    free(state);
}

static int loop_turn(void *context)
{
    struct loop_state *state = context;
    int feed = feed_turn(state->feed);
    quick_flush(state->lane);
    note_lane(state, quick_gauges(state->lane).ready > 0);
    int lane = quick_timeout(state->lane);
    return feed < 0 || (lane >= 0 && lane < feed) ? lane : feed;
}

// Only listeners to the event stream and webhooks need to hear of news at once; caches compare counters when they are
// asked.
static void news_came(void)
{
    if (feed_listeners() > 0)
        server_wake();
    dispatcher_wake();
}

static void dispatch(struct request *request, void *context)
{
    switch (request->route->lane) {
    case LANE_LOOP:
        request_answer(request, request->route->answer(request));
        return;
    case LANE_QUICK:
    case LANE_STREAM:
        read_start(request, context);
        return;
    case LANE_COMPUTE:
        if (export_start(request, context))
            return;
        write_start(request, service.pool);
        return;
    case LANE_WRITE:
    case LANE_HEAVY:
    default:
        write_start(request, service.pool);
    }
}

static double queue_depth(void)
{
    return pool_gauges(service.pool).queued;
}

static double workers_busy(void)
{
    return pool_gauges(service.pool).busy;
}

static double workers(void)
{
    return pool_gauges(service.pool).workers;
}

static double journal_lag(void)
{
    return (double)sealer_lag();
}

static double facts_to_pack(void)
{
    return (double)packer_lag();
}

static double news_flowing(void)
{
    return changes_seen(CHANGE_DATA) != 0;
}

static double client_connections(void)
{
    return server_clients();
}

static double event_listeners(void)
{
    return feed_listeners();
}

static double webhook_delivered(void)
{
    return (double)dispatcher_gauges().delivered;
}

static double webhook_failed(void)
{
    return (double)dispatcher_gauges().failed;
}

static double webhook_parked(void)
{
    return (double)dispatcher_gauges().parked;
}

static double webhook_lag(void)
{
    return (double)dispatcher_gauges().lag;
}

static const struct metrics_gauge gauges[] = {
    {"thidua_queue_depth", "Writes waiting for a worker.", queue_depth},
    {"thidua_workers_busy", "Workers running a write.", workers_busy},
    {"thidua_workers", "Workers, each with one PostgreSQL connection.", workers},
    {"thidua_journal_lag", "Committed journal rows not yet sealed.", journal_lag},
    {"thidua_facts_to_pack", "Units whose facts changed since they were packed.", facts_to_pack},
    {"thidua_database_up", "1 while PostgreSQL answers.", news_flowing},
    {"thidua_event_listeners", "Open event streams.", event_listeners},
    {"thidua_client_connections", "Open client connections.", client_connections},
    {"thidua_webhook_delivered_total", "Events that receivers took.", webhook_delivered, true},
    {"thidua_webhook_failed_total", "Attempts to deliver an event that failed.", webhook_failed, true},
    {"thidua_webhook_parked", "Events that were given up, of all instances.", webhook_parked},
    {"thidua_webhook_lag", "Events that the slowest webhook is behind.", webhook_lag},
    {0},
};

// The secrets of webhooks come of a file. Beside a private PostgreSQL one is made; several instances need the same one.
static bool webhooks_configure(const struct settings *settings)
{
    char own[4096];
    snprintf(own, sizeof own, "%s/secret.key", settings->var);
    if (settings->secret_key)
        return secrets_open(settings->secret_key);
    return settings->database_url || (secrets_make(own) && secrets_open(own));
}

static bool webhooks_start(const struct settings *settings, const struct session_options *session)
{
    return dispatcher_start(&(struct dispatcher_options){
        .session = *session,
        .timeout_seconds = settings->webhook_timeout_seconds,
        .pause_seconds = settings->webhook_pauses,
        .pauses = settings->webhook_pauses_count,
    });
}

bool service_start(const struct settings *settings, const char *url)
{
    static const char name[] = "thidua";
    struct session_options session = {url, name, (int)settings->write_seconds * 1000, settings->now};
    if (!webhooks_configure(settings))
        return false; // before anything runs that would tell of a private PostgreSQL stopped under it
    service.session = session;
    service.table_rows = settings->table_rows;
    int read_ms = (int)settings->read_seconds * 1000;
    service.lane = (struct quick_options){url, name, settings->lane_connections, read_ms, settings->now};
    service.pool = pool_start(&(struct pool_options){session, settings->workers, settings->queue_length});
    if (!service.pool || !changes_start(&session, news_came) || !sealer_start(&session) || !packer_start(&session) ||
        !key_uses_start(&session, settings->key_use_seconds) || !webhooks_start(settings, &session))
        return false;
    jwt_configure(&(struct jwt_options){
        .issuer = settings->jwt_issuer,
        .audience = settings->jwt_audience,
        .roles_claim = settings->jwt_roles_claim,
        .unit_claim = settings->jwt_unit_claim,
        .role_map = settings->jwt_role_map,
    });
    metrics_offer(gauges);
    bool started = server_start(&(struct server_options){
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
        .drain_seconds = settings->drain_seconds,
        .cors_origins = settings->cors_origins,
        .hooks = {loop_open, loop_close, loop_turn, identify, dispatch},
    });
    if (!started)
        changes_stop(); // a private PostgreSQL is stopped next, which is no loss to tell of
    return started;
}

void service_stop(void)
{
    server_stop();
    jwks_stop();
    pool_stop(service.pool);
    key_uses_stop();
    packer_stop();
    sealer_stop();
    changes_stop();
    dispatcher_stop();
    server_close();
}
