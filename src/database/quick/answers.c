// The queries of a connection: sent in order, answered in order, and sent again where a neighbour's fault took them
// along.
#include "database/quick/private.h"

#include <stdlib.h>

enum {
    ATTEMPTS_MAX = 3,
    LEAST_NS = 50000, // what a statement is expected to take at least
    WEIGHT = 4,       // what it took just now changes what is known by one part of so many
};

// ---- what statements take ----

static int64_t *known_of(struct quick_lane *lane, const struct statement *statement)
{
    return &lane->took[(uintptr_t)statement / sizeof *statement % LANE_KNOWN];
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

static void finish(struct quick_lane *lane, struct quick_query *query, enum standby_outcome fault)
{
    struct rows *rows = query->rows;
    if (query->answered) {
        rows_free(rows);
        free(query);
        return;
    }
    if (lane->serves && standby_falls_back(lane->serves, query, fault))
        return;
    query->rows = NULL;
    query->done(query, rows, &query->failure);
}

void lane_lose_queries(struct lane_connection *c)
{
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
        finish(c->lane, query, STANDBY_AWAY);
    }
}

// A server that is stopped, or behind a network that swallows packets, neither answers nor closes: statement_timeout
// does not help then.
static void expect_answer(struct lane_connection *c)
{
    c->began = monotonic_ns();
    c->give_up = c->began + c->lane->silence;
}

// ---- who has waited for too long ----

static int64_t late_at(const struct lane_connection *c, const struct quick_query *query)
{
    return query->answered ? INT64_MAX : query->asked_at + c->lane->patience;
}

// In its place comes a copy, of which nobody but the lane knows. The query itself is the caller's again.
static struct quick_query *take_out(struct lane_connection *c, struct quick_query **place)
{
    struct quick_query *query = *place, *copy = malloc(sizeof *copy);
    if (!copy)
        abort(); // as an arena does
    *copy = *query;
    copy->answered = true;
    copy->values = NULL;
    copy->done = NULL;
    *place = copy;
    if (c->last == &query->next)
        c->last = &copy->next;
    query->next = NULL;
    query->rows = NULL;
    query->failure = failure_away();
    return query;
}

// Where a table is locked, each query ends after statement_timeout, and those behind it have waited for all of these
// times together. The connection stays: it goes on to the reads of other tables, and one that is made anew could not
// even prepare its statements while the lock lasts.
void lane_answer_late(struct lane_connection *c)
{
    struct quick_query *late = NULL, **end = &late;
    int64_t now = monotonic_ns(), next = INT64_MAX;
    for (struct quick_query **place = &c->first; *place; place = &(*place)->next) {
        int64_t when = late_at(c, *place);
        if (when <= now) {
            *end = take_out(c, place);
            end = &(*end)->next;
        } else if (when < next) {
            next = when;
        }
    }
    c->late_at = next;
    while (late) { // what they do next may be to ask again
        struct quick_query *query = late;
        late = query->next;
        finish(c->lane, query, STANDBY_SLOW);
    }
}

// ---- sending ----

bool lane_send_query(struct lane_connection *c, struct quick_query *query)
{
    const struct statement *s = query->statement;
    query->preparing = NULL;
    bool sent =
        s->list ? shapes_send(&c->shapes, c->connection, s, query->values, &query->preparing)
                : PQsendQueryPrepared(c->connection, s->name, s->parameters, query->values, NULL, NULL, s->binary) == 1;
    if (!sent)
        return false;
    query->next = NULL;
    *c->last = query;
    c->last = &query->next;
    if (c->under_way++ == 0) {
        expect_answer(c);
        c->late_at = INT64_MAX;
    }
    if (late_at(c, query) < c->late_at)
        c->late_at = late_at(c, query);
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
        if (lane_send_query(c, query)) {
            PQpipelineSync(c->connection);
        } else {
            query->failure = failure_away();
            finish(c->lane, query, STANDBY_AWAY);
        }
        query = next;
    }
}

// ---- results ----

// Where it was not prepared, the query that needs it fails too, and the next one tries again.
static void take_shape(struct lane_connection *c, PGresult *result)
{
    struct quick_query *query = c->first;
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        shape_forget(query->preparing);
    PQclear(result);
    query->preparing = NULL;
    c->head_prepared = true;
}

static void take_result(struct lane_connection *c, PGresult *result)
{
    struct quick_query *query = c->first;
    if (!query) {
        lane_take_preparation(c, result);
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
    bool again = query->failure.kind == FAILURE_AGAIN && !query->answered;
    if (again && ++query->attempts < ATTEMPTS_MAX) {
        query->next = c->resend;
        c->resend = query;
    } else {
        finish(c->lane, query, query->failure.kind == FAILURE_AWAY ? STANDBY_AWAY : STANDBY_FAILED);
    }
}

void lane_take_results(struct lane_connection *c)
{
    // On a lost connection libpq would give "nothing more" for ever.
    while (c->connection && PQstatus(c->connection) == CONNECTION_OK && !PQisBusy(c->connection)) {
        PGresult *result = PQgetResult(c->connection);
        if (result && PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            if (c->state == PREPARING)
                lane_prepared(c);
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
