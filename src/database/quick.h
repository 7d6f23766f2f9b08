// The quick lane: an event loop's own few connections to PostgreSQL. The loop sends reads down them, each one prepared
// statement, and goes on with other clients until the rows come back. No read waits for a worker, and no thread for a
// read.
//
// All of it runs on the loop's thread. Queries that are submitted during one turn of the loop share one sync of the
// pipeline, and so one round trip. A query that failed only because a neighbour in the same sync did is sent again.
#ifndef THIDUA_DATABASE_QUICK_H
#define THIDUA_DATABASE_QUICK_H

#include "base/poller.h"
#include "database/statement.h"

#include <stdbool.h>

struct quick_lane;

struct quick_query {
    const struct statement *statement; // must be marked `quick` in its .sql file
    const char *const *values;         // statement->parameters texts; valid until `done`
    // Called once, on the loop's thread. `rows` is NULL on failure; else the callee frees it.
    void (*done)(struct quick_query *query, struct rows *rows, const struct failure *failure);
    // For the lane.
    struct quick_query *next;
    unsigned attempts;
    bool preparing;   // its shape (shape.h) is prepared before it
    int64_t expected; // ns
    struct rows *rows;
    struct failure failure;
};

struct quick_options {
    const char *url;
    const char *application_name;
    unsigned connections;
    int statement_timeout_ms;
    const char *now;
};

struct quick_gauges {
    unsigned ready, connections, under_way;
};

struct quick_lane *quick_open(const struct quick_options *options, struct poller *poller);
// False when no connection is ready or all are full: `done` is then not called.
bool quick_submit(struct quick_lane *lane, struct quick_query *query);
// Ends the loop's turn: one sync for each connection that was given queries. Starts reconnections that are due.
void quick_flush(struct quick_lane *lane);
// Milliseconds until quick_flush has something to do by itself, -1 for never.
int quick_timeout(const struct quick_lane *lane);
struct quick_gauges quick_gauges(const struct quick_lane *lane);
// Fails what is under way with FAILURE_AWAY.
void quick_close(struct quick_lane *lane);

#endif
