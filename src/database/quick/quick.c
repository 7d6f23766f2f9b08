// What loops ask of their lane, and which of its connections a query goes to.
#include "database/quick/private.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    UNDER_WAY_MAX = 512, // queries on one connection; more are refused rather than queued without bound
    LOOK_MS = 100,       // of several hosts: how often to look whether another one was reached meanwhile
    SLOW_MS = 20,        // a query that takes longer holds up what is sent behind it
    SILENCE_FACTOR = 5,  // statement time limits without any answer after which the primary counts as gone
    SILENCE_MORE = 1000, // ms beyond one such limit for a standby: the primary answers instead
};

static atomic_uint opened; // connections: those to standbys begin each at another one

struct quick_lane *lane_open(const struct quick_options *options, struct poller *poller, struct standby *serves)
{
    struct quick_lane *lane = calloc(1, sizeof *lane + options->connections * sizeof *lane->connections);
    if (!lane)
        return NULL;
    lane->options = *options;
    lane->connect = (struct connect_options){options->url, options->application_name, options->statement_timeout_ms,
                                             options->now, serves != NULL};
    lane->poller = poller;
    lane->serves = serves;
    int64_t limit = options->statement_timeout_ms;
    int64_t silence = serves ? limit + SILENCE_MORE : limit * SILENCE_FACTOR;
    lane->silence = silence * 1000000;
    lane->patience = (serves ? silence + limit : silence) * 1000000; // the primary's counts what the standby took
    for (unsigned i = 0; i < options->connections; i++) {
        struct lane_connection *c = &lane->connections[i];
        *c = (struct lane_connection){.lane = lane, .watch = {.ready = lane_connection_ready, .descriptor = -1}};
        c->host_number = atomic_fetch_add(&opened, 1);
        c->last = &c->first;
        lane_connect(c);
    }
    return lane;
}

struct quick_lane *quick_open(const struct quick_options *options, struct poller *poller)
{
    struct quick_lane *lane = lane_open(options, poller, NULL);
    if (lane && options->read_url)
        lane->standby = standby_open(lane, options, poller);
    return lane;
}

bool lane_is_held_up(const struct lane_connection *c, int64_t now)
{
    return c->first && now - c->began > (int64_t)SLOW_MS * 1000000;
}

// Less before it is better, by what such queries took lately. Worse than anything is to stand behind one that turns out
// to be slow, and more so the slower it is.
static bool is_better(const struct lane_connection *c, const struct lane_connection *best, int64_t now)
{
    bool held = lane_is_held_up(c, now), other = lane_is_held_up(best, now);
    if (held && other)
        return c->began > best->began;
    return held == other ? c->expected < best->expected : other;
}

struct lane_connection *lane_best(struct quick_lane *lane, uint64_t replayed, int64_t heard_since)
{
    struct lane_connection *best = NULL;
    int64_t now = monotonic_ns();
    for (unsigned i = 0; i < lane->options.connections; i++) {
        struct lane_connection *c = &lane->connections[i];
        bool fits = c->replayed >= replayed && (c->first || c->began >= heard_since);
        if (c->state == READY && fits && c->rests_until <= now && c->under_way < UNDER_WAY_MAX &&
            (!best || is_better(c, best, now)))
            best = c;
    }
    return best;
}

bool lane_submit(struct lane_connection *c, struct quick_query *query)
{
    query->attempts = 0;
    query->answered = false;
    query->rows = NULL;
    return c && lane_send_query(c, query);
}

bool quick_submit(struct quick_lane *lane, struct quick_query *query)
{
    query->asked_at = monotonic_ns();
    bool taken = lane->standby && !query->at_primary && standby_takes(lane->standby, query);
    return taken || lane_submit(lane_best(lane, 0, 0), query);
}

// Where another connection of the process was made since, the server is back, and there is nothing to wait for.
static int64_t connects_again_at(const struct lane_connection *c)
{
    return group_reached_since(c->closed_at) ? 0 : c->not_before;
}

// Who can wait asks several hosts at once (hosts_connect): what it has found need not be found again.
static bool is_overtaken(const struct lane_connection *c)
{
    return c->state == CONNECTING && c->connecting_since && group_reached_since(c->connecting_since) &&
           !hosts_begin_at(c->lane->options.url, c->connection);
}

static void begin_anew(struct lane_connection *c)
{
    c->attempts = 0;
    lane_disconnect(c);
    lane_connect(c);
}

static int64_t looks_again_at(const struct lane_connection *c, int64_t now)
{
    int64_t look = now + (int64_t)LOOK_MS * 1000000;
    if (c->state == CLOSED)
        return connects_again_at(c);
    if (c->state == READY)
        return c->late_at < c->give_up ? c->late_at : c->give_up;
    return c->state == CONNECTING && c->connecting_since && look < c->give_up ? look : c->give_up;
}

static bool waits_for_server(const struct lane_connection *c)
{
    return c->state == CONNECTING || c->state == PREPARING || (c->state == READY && c->first);
}

void quick_flush(struct quick_lane *lane)
{
    if (lane->standby)
        standby_flush(lane->standby);
    for (unsigned i = 0; i < lane->options.connections; i++) {
        struct lane_connection *c = &lane->connections[i];
        if (c->state == CLOSED && monotonic_ns() >= connects_again_at(c))
            lane_connect(c);
        else if (is_overtaken(c))
            begin_anew(c);
        else if (waits_for_server(c) && monotonic_ns() >= c->give_up)
            lane_leave_silent(c);
        else if (c->state == READY && c->first && monotonic_ns() >= c->late_at)
            lane_answer_late(c);
        if (!c->unsynced)
            continue;
        c->unsynced = false;
        if (PQpipelineSync(c->connection) != 1)
            lane_disconnect(c);
        else
            lane_flush(c);
    }
}

int quick_timeout(const struct quick_lane *lane)
{
    int64_t now = monotonic_ns(), soonest = -1;
    for (unsigned i = 0; i < lane->options.connections; i++) {
        const struct lane_connection *c = &lane->connections[i];
        int64_t due = looks_again_at(c, now);
        bool waits = c->state == CLOSED || waits_for_server(c);
        int64_t wait = c->unsynced || (waits && due <= now) ? 0 : waits ? (due - now) / 1000000 + 1 : -1;
        if (wait >= 0 && (soonest < 0 || wait < soonest))
            soonest = wait;
    }
    return lane->standby ? sooner_ms((int)soonest, standby_timeout(lane->standby)) : (int)soonest;
}

struct quick_gauges quick_gauges(const struct quick_lane *lane)
{
    struct quick_gauges gauges = {.connections = lane->options.connections};
    for (unsigned i = 0; i < lane->options.connections; i++) {
        gauges.ready += lane->connections[i].state == READY;
        gauges.under_way += lane->connections[i].under_way;
    }
    return gauges;
}

void quick_close(struct quick_lane *lane)
{
    if (!lane)
        return;
    struct standby *standby = lane->standby;
    lane->standby = NULL;
    if (standby)
        standby_close(standby);
    for (unsigned i = 0; i < lane->options.connections; i++)
        lane_disconnect(&lane->connections[i]);
    free(standby); // one of its questions was still under way
    free(lane);
}
