// How a connection of the lane comes to be ready: it is made, its settings are made, and the statements are prepared.
#include "database/quick/private.h"

#include "base/container_of.h"
#include "base/log.h"
#include "database/changes.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum {
    CONNECT_SECONDS = 3, // for each host
    PREPARE_SECONDS = 5,
};

static void forget_settings(struct lane_connection *c)
{
    PQclear(c->made);
    PQclear(c->asked);
    c->made = c->asked = NULL;
}

// Of a server that is away the news tell. Where they flow, nobody else would say why reads get no answer.
static void tell_refused(const struct lane_connection *c)
{
    enum { ATTEMPTS_UNTOLD = 3 };
    static atomic_int_fast64_t told_at;
    const char *words = *PQerrorMessage(c->connection) ? PQerrorMessage(c->connection) : "it does not answer";
    bool away = c->state == CONNECTING && !c->lane->serves && c->attempts >= ATTEMPTS_UNTOLD && !group_is_closed() &&
                changes_seen(CHANGE_DATA);
    if (!away || !log_due(&told_at))
        return;
    char reason[256];
    snprintf(reason, sizeof reason, "%.*s", (int)strcspn(words, "\n"), words);
    log_event(LOG_ERROR, "reads_away", log_text("reason", reason));
}

void lane_disconnect(struct lane_connection *c)
{
    tell_refused(c);
    forget_settings(c);
    poller_forget(c->lane->poller, &c->watch);
    if (c->lane->serves)
        standby_blame(c->lane->serves, PQerrorMessage(c->connection));
    PQfinish(c->connection);
    c->connection = NULL;
    c->state = CLOSED;
    c->unsynced = c->head_answered = c->head_prepared = false;
    c->shapes = (struct shapes){0};
    c->lineage[0] = '\0';
    c->replayed = c->behind = 0;
    c->rests_until = 0;
    c->closed_at = monotonic_ns();
    c->not_before = c->closed_at + (int64_t)backoff_ms(c->attempts++) * 1000000;
    lane_lose_queries(c);
}

static const struct statement *quick_statement(unsigned number)
{
    for (const struct statement *const *const *file = statement_files(); *file; file++)
        for (const struct statement *const *s = *file; *s; s++)
            if ((*s)->quick && number-- == 0)
                return *s;
    return NULL;
}

static void tell_refusal(const struct lane_connection *c, const char *reason)
{
    const struct statement *statement = c->syncs < 2 ? NULL : quick_statement(c->syncs - 2);
    if (statement)
        log_event(LOG_ERROR, "statements_refused", log_text("statement", statement->name), log_text("reason", reason),
                  log_text("way_out", "run thidua migrate against this database"));
    else
        log_event(LOG_ERROR, "session_settings_refused", log_text("reason", reason));
}

// The settings of the session come as rows, each in a sync of its own, and of each statement whether it could be
// prepared. One that could not, as after a migration by a newer program, fails alone when it is asked for.
void lane_take_preparation(struct lane_connection *c, PGresult *result)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        *(c->made ? &c->asked : &c->made) = result;
        return;
    }
    bool refused = PQresultStatus(result) != PGRES_COMMAND_OK;
    if (refused && c->lane->serves)
        standby_blame(c->lane->serves, PQresultErrorMessage(result));
    if (refused && c->refused++ == 0 && !c->lane->serves)
        tell_refusal(c, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
}

// A server that refuses all statements does not have our schema (yet): not one to send callers to. Nor is a standby
// that refuses one: it may have it soon, and the primary has it.
static bool has_no_schema(const struct lane_connection *c)
{
    return c->refused > 0 && (c->lane->serves || c->refused == c->syncs - 2);
}

void lane_prepared(struct lane_connection *c)
{
    bool hold = true;
    c->syncs++;
    if (c->syncs == 2) { // the settings were made, and asked for in the next transaction
        hold = settings_hold(c->made, c->asked);
        forget_settings(c);
        if (!hold && !c->refused)
            log_event(LOG_ERROR, "session_settings_lost", log_text("reason", settings_lost));
    }
    bool done = c->syncs > 2 && !quick_statement(c->syncs - 2);
    if (!hold || (done && has_no_schema(c))) {
        c->attempts += 3; // do not hammer it
        lane_disconnect(c);
    } else if (done) {
        c->state = READY;
        c->attempts = 0;
        if (!c->lane->serves)
            group_note_reached();
    }
}

void lane_flush(struct lane_connection *c)
{
    int left = PQflush(c->connection);
    if (left < 0) {
        lane_disconnect(c);
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
        lane_disconnect(c);
        return;
    }
    if (!c->lane->serves)
        hosts_reached(c->lane->options.url, c->connection);
    group_join(c->connection);
    c->state = PREPARING;
    c->give_up = monotonic_ns() + (int64_t)PREPARE_SECONDS * 1000000000;
    c->refused = 0;
    c->syncs = 0;
    lane_flush(c);
}

// libpq goes on to the next host where one refuses. Where one is silent it is for us to leave it.
static void watch_host(struct lane_connection *c)
{
    const char *host = PQhost(c->connection);
    if (host != c->host)
        c->give_up = monotonic_ns() + (int64_t)CONNECT_SECONDS * 1000000000;
    c->host = host;
}

void lane_leave_silent(struct lane_connection *c)
{
    if (c->lane->serves)
        standby_blame(c->lane->serves, "it does not answer");
    else if (c->state == CONNECTING)
        hosts_silent(c->lane->options.url, c->connection);
    lane_disconnect(c);
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
        lane_disconnect(c);
    }
}

void lane_connection_ready(struct watch *watch, uint32_t events)
{
    struct lane_connection *c = container_of(watch, struct lane_connection, watch);
    if (c->state == CONNECTING) {
        continue_connecting(c);
        return;
    }
    if (PQconsumeInput(c->connection) != 1) {
        lane_disconnect(c);
        return;
    }
    lane_take_results(c);
    if (c->connection && PQstatus(c->connection) != CONNECTION_OK)
        lane_disconnect(c);
    else if (c->connection && (events & EPOLLOUT))
        lane_flush(c);
}

void lane_connect(struct lane_connection *c)
{
    struct connect_parameters parameters;
    struct hosts hosts;
    if (group_is_closed()) {
        lane_disconnect(c);
        return;
    }
    const char *url = c->lane->options.url;
    bool standby = c->lane->serves;
    enum way way = standby ? hosts_at_once(url, c->host_number++, &hosts) : hosts_in_order(url, &hosts);
    if (way == WAY_UNKNOWN) {
        if (standby)
            standby_blame(c->lane->serves, "its name could not be looked up");
        lane_disconnect(c);
        return;
    }
    connect_parameters_fill(&parameters, &c->lane->connect, way == WAY_FOUND ? &hosts : NULL);
    c->connecting_since = way == WAY_FOUND && !standby ? monotonic_ns() : 0;
    c->connection = PQconnectStartParams(parameters.keywords, parameters.values, 1);
    connection_hush(c->connection);
    c->state = CONNECTING;
    c->host = NULL;
    watch_host(c);
    if (!c->connection || PQstatus(c->connection) == CONNECTION_BAD)
        lane_disconnect(c);
    else
        poller_watch(c->lane->poller, &c->watch, PQsocket(c->connection), EPOLLOUT);
}
