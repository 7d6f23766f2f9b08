#include "database/quick.h"

#include "base/container_of.h"
#include "base/log.h"
#include "database/private.h"
#include "database/shape.h"

#include <stdlib.h>
#include <sys/epoll.h>

enum {
    UNDER_WAY_MAX = 512, // queries on one connection; more are refused rather than queued without bound
    ATTEMPTS_MAX = 3,
    CONNECT_SECONDS = 3, // for each host
    LOOK_MS = 100,       // of several hosts: how often to look whether another one was reached meanwhile
    PREPARE_SECONDS = 5,
    SLOW_MS = 20,       // a query that takes longer holds up what is sent behind it
    SILENCE_FACTOR = 5, // statement time limits without any answer after which the server counts as gone
    KNOWN = 1021,       // statements that a lane remembers the duration of; those that share a place are taken for one
    LEAST_NS = 50000,   // what a statement is expected to take at least
    WEIGHT = 4,         // what it took just now changes what is known by one part of so many
};

enum state { CLOSED, CONNECTING, PREPARING, READY };

struct lane_connection {
    struct watch watch;
    struct quick_lane *lane;
    PGconn *connection;
    enum state state;
    struct quick_query *first, **last; // sent and not yet answered, in order
    struct quick_query *resend;        // aborted by a neighbour: sent again after the sync
    unsigned under_way;
    int64_t expected;     // what all of them will take, as far as is known
    bool unsynced;        // queries were sent since the last sync
    bool head_answered;   // the first query's result has come, its end has not
    bool head_prepared;   // the same of the shape that is prepared for it
    struct shapes shapes; // of lists
    unsigned attempts;
    int64_t closed_at, not_before; // CLOSED: since when, and when to connect again
    int64_t began;                 // READY: when the first query came to be the first
    const char *host;              // CONNECTING: which of several it is at
    int64_t connecting_since;      // CONNECTING at one of several hosts; 0: there is only one
    int64_t give_up;        // CONNECTING, PREPARING: when to start over; READY: when the silence has been too long
    bool writing;           // READY: the watch also waits for room to write
    unsigned refused;       // PREPARING: statements that the server does not know how to run
    unsigned syncs;         // PREPARING: that have come
    PGresult *made, *asked; // PREPARING: the settings of the session
};

struct quick_lane {
    struct quick_options options;
    struct connect_options connect;
    struct poller *poller;
    int64_t took[KNOWN]; // what each statement took lately
    struct lane_connection connections[];
};

// ---- what statements take ----

static int64_t *known_of(struct quick_lane *lane, const struct statement *statement)
{
    return &lane->took[(uintptr_t)statement / sizeof *statement % KNOWN];
}

static int64_t expected_of(struct quick_lane *lane, const struct statement *statement)
{
    int64_t took = *known_of(lane, statement);
    return took > LEAST_NS ? took : LEAST_NS;
}

static void learn(struct lane_connection *c, const struct statement *statement)
{
    int64_t *known = known_of(c->lane, statement);
    *known += (monotonic_ns() - c->began - *known) / WEIGHT;
}

// ---- answers ----

static struct quick_query *pop(struct lane_connection *c)
{
    struct quick_query *query = c->first;
    c->first = query->next;
    if (!c->first)
        c->last = &c->first;
    c->under_way--;
    c->expected -= query->expected;
    return query;
}

static void finish_lane(struct quick_query *query)
{
    struct rows *rows = query->rows;
    query->rows = NULL;
    query->done(query, rows, &query->failure);
}

static void forget_settings(struct lane_connection *c)
{
    PQclear(c->made);
    PQclear(c->asked);
    c->made = c->asked = NULL;
}

static void disconnect(struct lane_connection *c)
{
    forget_settings(c);
    poller_forget(c->lane->poller, &c->watch);
    PQfinish(c->connection);
    c->connection = NULL;
    c->state = CLOSED;
    c->unsynced = c->head_answered = c->head_prepared = false;
    c->shapes = (struct shapes){0};
    c->closed_at = monotonic_ns();
    c->not_before = c->closed_at + (int64_t)backoff_ms(c->attempts++) * 1000000;
    // Reads may be run twice, but a caller is better served by a prompt 503 than by waiting for the server's return.
    struct quick_query *lost = c->first, *resent = c->resend;
    c->first = c->resend = NULL;
    c->last = &c->first;
    c->under_way = 0;
    c->expected = 0;
    while (lost || resent) {
        struct quick_query **list = lost ? &lost : &resent, *query = *list;
        *list = query->next;
        rows_free(query->rows);
        query->rows = NULL;
        query->failure = failure_away();
        finish_lane(query);
    }
}

// A server that is stopped, or behind a network that swallows packets, neither answers nor closes: statement_timeout
// does not help then.
static void expect_answer(struct lane_connection *c)
{
    c->began = monotonic_ns();
    c->give_up = c->began + (int64_t)c->lane->options.statement_timeout_ms * SILENCE_FACTOR * 1000000;
}

static bool send_query(struct lane_connection *c, struct quick_query *query)
{
    const struct statement *s = query->statement;
    if (!c->first)
        expect_answer(c);
    query->preparing = false;
    bool sent =
        s->list ? shapes_send(&c->shapes, c->connection, s, query->values, &query->preparing)
                : PQsendQueryPrepared(c->connection, s->name, s->parameters, query->values, NULL, NULL, s->binary) == 1;
    if (!sent)
        return false;
    query->next = NULL;
    *c->last = query;
    c->last = &query->next;
    c->under_way++;
    query->expected = expected_of(c->lane, s);
    c->expected += query->expected;
    c->unsynced = true;
    return true;
}

// After a sync: queries that failed only because a neighbour did. Each goes between syncs of its own, so that callers
// whose queries fail on purpose cannot make the same innocent one fail again.
static void send_again(struct lane_connection *c)
{
    struct quick_query *query = c->resend;
    c->resend = NULL;
    if (query && c->unsynced)
        PQpipelineSync(c->connection);
    while (query) {
        struct quick_query *next = query->next;
        if (send_query(c, query)) {
            PQpipelineSync(c->connection);
        } else {
            query->failure = failure_away();
            finish_lane(query);
        }
        query = next;
    }
}

static const struct statement *quick_statement(unsigned number)
{
    for (const struct statement *const *const *file = statement_files(); *file; file++)
        for (const struct statement *const *s = *file; *s; s++)
            if ((*s)->quick && number-- == 0)
                return *s;
    return NULL;
}

// The settings of the session come as rows, each in a sync of its own, and of each statement whether it could be
// prepared. One that could not, as after a migration by a newer program, fails alone when it is asked for.
static void take_preparation(struct lane_connection *c, PGresult *result)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        *(c->made ? &c->asked : &c->made) = result;
        return;
    }
    if (PQresultStatus(result) != PGRES_COMMAND_OK && c->refused++ == 0) {
        const struct statement *statement = c->syncs < 2 ? NULL : quick_statement(c->syncs - 2);
        log_event(LOG_ERROR, "statements_refused", log_text("statement", statement ? statement->name : NULL),
                  log_text("reason", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
                  log_text("way_out", "run thidua migrate against this database"));
    }
    PQclear(result);
}

// Where it was not prepared, the query that needs it fails too, and the next one tries again.
static void take_shape(struct lane_connection *c, PGresult *result)
{
    struct quick_query *query = c->first;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        shapes_forget(&c->shapes, query->statement, query->values);
    PQclear(result);
    query->preparing = false;
    c->head_prepared = true;
}

static void take_result(struct lane_connection *c, PGresult *result)
{
    struct quick_query *query = c->first;
    if (!query) {
        take_preparation(c, result);
        return;
    }
    if (query->preparing) {
        take_shape(c, result);
        return;
    }
    query->failure = failure_of_result(result);
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
        query->failure.kind = FAILURE_AGAIN;
    if (query->failure.kind == FAILURE_NONE) {
        rows_free(query->rows);
        query->rows = rows_of_result(result);
    } else {
        PQclear(result);
    }
    c->head_answered = true;
}

static void end_result(struct lane_connection *c)
{
    if (!c->head_answered)
        return;
    c->head_answered = false;
    struct quick_query *query = pop(c);
    learn(c, query->statement);
    expect_answer(c);
    if (query->failure.kind == FAILURE_AGAIN && ++query->attempts < ATTEMPTS_MAX) {
        query->next = c->resend;
        c->resend = query;
    } else {
        finish_lane(query);
    }
}

// A server that refuses all statements does not have our schema (yet): not one to send callers to.
static void prepared(struct lane_connection *c)
{
    bool hold = true;
    c->syncs++;
    if (c->syncs == 2) { // the settings were made, and asked for in the next transaction
        hold = settings_hold(c->made, c->asked);
        forget_settings(c);
        if (!hold)
            log_event(LOG_ERROR, "session_settings_lost", log_text("reason", settings_lost));
    }
    bool done = c->syncs > 2 && !quick_statement(c->syncs - 2);
    if (!hold || (done && c->refused == c->syncs - 2)) {
        c->attempts += 3; // do not hammer it
        disconnect(c);
    } else if (done) {
        c->state = READY;
        c->attempts = 0;
        group_note_reached();
    }
}

static void take_results(struct lane_connection *c)
{
    // On a lost connection libpq would give "nothing more" for ever.
    while (c->connection && PQstatus(c->connection) == CONNECTION_OK && !PQisBusy(c->connection)) {
        PGresult *result = PQgetResult(c->connection);
        if (result && PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            if (c->state == PREPARING)
                prepared(c);
            else
                send_again(c);
        } else if (result) {
            take_result(c, result);
        } else if (c->head_answered) {
            end_result(c);
        } else if (c->head_prepared) {
            c->head_prepared = false;
        } else if (c->state == READY) {
            return; // nothing under way
        }           // else: the end of one prepare's answer
    }
}

// ---- sending ----

static void flush(struct lane_connection *c)
{
    int left = PQflush(c->connection);
    if (left < 0) {
        disconnect(c);
    } else if (c->state != READY || c->writing != (left > 0)) { // nearly always unchanged: no system call then
        c->writing = left > 0;
        poller_watch(c->lane->poller, &c->watch, PQsocket(c->connection), left ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

static void prepare_lane(struct lane_connection *c)
{
    bool sent = PQsetnonblocking(c->connection, 1) == 0 && PQenterPipelineMode(c->connection) == 1 &&
                settings_send_both(c->connection, &c->lane->connect);
    for (const struct statement *const *const *file = statement_files(); sent && *file; file++)
        for (const struct statement *const *s = *file; sent && *s; s++)
            if ((*s)->quick)
                sent = PQpipelineSync(c->connection) == 1 &&
                       PQsendPrepare(c->connection, (*s)->name, (*s)->sql, 0, NULL) == 1;
    if (!sent || PQpipelineSync(c->connection) != 1) {
        disconnect(c);
        return;
    }
    hosts_reached(c->lane->options.url, c->connection);
    group_join(c->connection);
    c->state = PREPARING;
    c->give_up = monotonic_ns() + (int64_t)PREPARE_SECONDS * 1000000000;
    c->refused = 0;
    c->syncs = 0;
    flush(c);
}

// libpq goes on to the next host where one refuses. Where one is silent it is for us to leave it.
static void watch_host(struct lane_connection *c)
{
    const char *host = PQhost(c->connection);
    if (host != c->host)
        c->give_up = monotonic_ns() + (int64_t)CONNECT_SECONDS * 1000000000;
    c->host = host;
}

static void leave_silent(struct lane_connection *c)
{
    if (c->state == CONNECTING)
        hosts_silent(c->lane->options.url, c->connection);
    disconnect(c);
}

static void continue_connecting(struct lane_connection *c)
{
    watch_host(c);
    switch (PQconnectPoll(c->connection)) {
    case PGRES_POLLING_READING:
        poller_watch(c->lane->poller, &c->watch, PQsocket(c->connection), EPOLLIN);
        return;
    case PGRES_POLLING_WRITING:
        poller_watch(c->lane->poller, &c->watch, PQsocket(c->connection), EPOLLOUT);
        return;
    case PGRES_POLLING_OK:
        prepare_lane(c);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
    default:
        disconnect(c);
    }
}

static void connection_ready(struct watch *watch, uint32_t events)
{
    struct lane_connection *c = container_of(watch, struct lane_connection, watch);
    if (c->state == CONNECTING) {
        continue_connecting(c);
        return;
    }
    if (PQconsumeInput(c->connection) != 1) {
        disconnect(c);
        return;
    }
    take_results(c);
    if (c->connection && PQstatus(c->connection) != CONNECTION_OK)
        disconnect(c);
    else if (c->connection && (events & EPOLLOUT))
        flush(c);
}

static void start_connecting(struct lane_connection *c)
{
    struct connect_parameters parameters;
    struct hosts hosts;
    if (group_is_closed()) {
        disconnect(c);
        return;
    }
    bool several = hosts_in_order(c->lane->options.url, &hosts);
    connect_parameters_fill(&parameters, &c->lane->connect, several ? &hosts : NULL);
    c->connecting_since = several ? monotonic_ns() : 0;
    c->connection = PQconnectStartParams(parameters.keywords, parameters.values, 1);
    connection_hush(c->connection);
    c->state = CONNECTING;
    c->host = NULL;
    watch_host(c);
    if (!c->connection || PQstatus(c->connection) == CONNECTION_BAD)
        disconnect(c);
    else
        poller_watch(c->lane->poller, &c->watch, PQsocket(c->connection), EPOLLOUT);
}

// ---- the lane ----

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
        *c = (struct lane_connection){.lane = lane, .watch = {.ready = connection_ready, .descriptor = -1}};
        c->last = &c->first;
        start_connecting(c);
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
    return best && send_query(best, query);
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
    disconnect(c);
    start_connecting(c);
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
            start_connecting(c);
        else if (is_overtaken(c))
            begin_anew(c);
        else if (waits_for_server(c) && monotonic_ns() >= c->give_up)
            leave_silent(c);
        if (!c->unsynced)
            continue;
        c->unsynced = false;
        if (PQpipelineSync(c->connection) != 1)
            disconnect(c);
        else
            flush(c);
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
        disconnect(&lane->connections[i]);
    free(lane);
}
