// What loops ask of their lane, and which of its connections a query goes to.
#include "database/quick/quick_private.h"

#include <stdlib.h>

enum {
    UNDER_WAY_MAX = 512, // queries on one connection; more are refused rather than queued without bound
    LOOK_MS = 100,       // of several hosts: how often to look whether another one was reached meanwhile
    SLOW_MS = 20,        // a query that takes longer holds up what is sent behind it
};

struct quick_lane *quick_open(const struct quick_options *options, struct poller *poller)
{
    struct quick_lane *lane = calloc(1, sizeof *lane + options->connections * sizeof *lane->connections);
    if (!lane)
        return NULL;
    lane->options = *options;
    lane->connect =
        (struct connect_options){options->url, options->application_name, options->statement_timeout_ms, options->now};
    lane->poller = poller;
    for (unsigned i = 0; i < options->connections; i++) {
        struct lane_connection *c = &lane->connections[i];
        *c = (struct lane_connection){.lane = lane, .watch = {.ready = lane_connection_ready, .descriptor = -1}};
        c->last = &c->first;
        lane_connect(c);
    }
    return lane;
}

static bool is_held_up(const struct lane_connection *c, int64_t now)
{
    return c->first && now - c->began > (int64_t)SLOW_MS * 1000000;
}

// Less before it is better, by what such queries took lately. Worse than anything is to stand behind one that turns out
// to be slow, and more so the slower it is.
static bool is_better(const struct lane_connection *c, const struct lane_connection *best, int64_t now)
{
    bool held = is_held_up(c, now), other = is_held_up(best, now);
    if (held && other)
        return c->began > best->began;
    return held == other ? c->expected < best->expected : other;
}

bool quick_submit(struct quick_lane *lane, struct quick_query *query)
{
    struct lane_connection *best = NULL;
    int64_t now = monotonic_ns();
    for (unsigned i = 0; i < lane->options.connections; i++) {
        struct lane_connection *c = &lane->connections[i];
        if (c->state == READY && c->under_way < UNDER_WAY_MAX && (!best || is_better(c, best, now)))
            best = c;
    }
    query->attempts = 0;
    query->rows = NULL;
    return best && lane_send_query(best, query);
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
    return c->state == CONNECTING && c->connecting_since && look < c->give_up ? look : c->give_up;
}

static bool waits_for_server(const struct lane_connection *c)
{
    return c->state == CONNECTING || c->state == PREPARING || (c->state == READY && c->first);
}

void quick_flush(struct quick_lane *lane)
{
    for (unsigned i = 0; i < lane->options.connections; i++) {
        struct lane_connection *c = &lane->connections[i];
        if (c->state == CLOSED && monotonic_ns() >= connects_again_at(c))
            lane_connect(c);
        else if (is_overtaken(c))
            begin_anew(c);
        else if (waits_for_server(c) && monotonic_ns() >= c->give_up)
            lane_leave_silent(c);
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
        int64_t due = c->state == CLOSED ? connects_again_at(c) : looks_again_at(c, now);
        bool waits = c->state == CLOSED || waits_for_server(c);
        int64_t wait = c->unsynced || (waits && due <= now) ? 0 : waits ? (due - now) / 1000000 + 1 : -1;
        if (wait >= 0 && (soonest < 0 || wait < soonest))
            soonest = wait;
    }
    return (int)soonest;
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
    for (unsigned i = 0; i < lane->options.connections; i++)
        lane_disconnect(&lane->connections[i]);
    free(lane);
}
