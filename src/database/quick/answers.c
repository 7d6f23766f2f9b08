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

static void finish(struct quick_lane *lane, struct quick_query *query)
{
    struct rows *rows = query->rows;
    if (lane->serves && standby_falls_back(lane->serves, query))
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
        finish(c->lane, query);
    }
}

// A server that is stopped, or behind a network that swallows packets, neither answers nor closes: statement_timeout
// does not help then. Nor where a table is locked: each query ends after that time, and those behind it have waited for
// all of these times together. So none waits for longer than a silent primary is waited for.
static void expect_answer(struct lane_connection *c)
{
    c->began = monotonic_ns();
    int64_t silent = c->began + c->lane->silence, late = c->first ? c->first->asked_at + c->lane->patience : silent;
    c->give_up = silent < late ? silent : late;
}

bool lane_send_query(struct lane_connection *c, struct quick_query *query)
{
    const struct statement *s = query->statement;
    query->preparing = false;
    bool sent =
        s->list ? shapes_send(&c->shapes, c->connection, s, query->values, &query->preparing)
                : PQsendQueryPrepared(c->connection, s->name, s->parameters, query->values, NULL, NULL, s->binary) == 1;
    if (!sent)
        return false;
    query->next = NULL;
    *c->last = query;
    c->last = &query->next;
    if (c->under_way++ == 0)
        expect_answer(c);
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
            finish(c->lane, query);
        }
        query = next;
    }
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
    if (query->failure.kind == FAILURE_AGAIN && ++query->attempts < ATTEMPTS_MAX) {
        query->next = c->resend;
        c->resend = query;
    } else {
        finish(c->lane, query);
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
