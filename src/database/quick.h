// The quick lane: an event loop's own few connections to PostgreSQL. The loop sends reads down them, each one prepared
// statement, and goes on with other clients until the rows come back. No read waits for a worker, and no thread for a
// read.
//
// All of it runs on the loop's thread. Queries that are submitted during one turn of the loop share one sync of the
// pipeline, and so one round trip. A query that failed only because a neighbour in the same sync did is sent again.
//
// Where there are standbys, they answer, but only with what was committed by then (quick/standby.c).
#ifndef THIDUA_DATABASE_QUICK_H
#define THIDUA_DATABASE_QUICK_H

#include "base/poller.h"
#include "database/statement.h"

#include <stdbool.h>

struct quick_lane;
struct shape;

struct quick_query {
    const struct statement *statement; // must be marked `quick` in its .sql file
    const char *const *values;         // statement->parameters texts; valid until `done`
    // Called once, on the loop's thread. `rows` is NULL on failure; else the callee frees it.
    void (*done)(struct quick_query *query, struct rows *rows, const struct failure *failure);
    bool at_primary; // costs the primary no more than the question that a standby's answer takes there
    // For the lane.
    struct quick_query *next;
    unsigned attempts;
    struct shape *preparing; // where its shape (shape.h) is prepared before it; NULL: it need not be
    int64_t expected;        // ns
    int64_t asked_at;        // monotonic_ns
    bool answered;           // the caller was, and has its query back: a copy stands for what is still to come
    struct rows *rows;
    struct failure failure;
};

struct quick_options {
    const char *url;
    const char *application_name;
    unsigned connections;
    int statement_timeout_ms;
    const char *now;
    const char *read_url; // of standbys; NULL: none is asked
    // How far the primary has written, and a standby replayed (handler/handler.sql).
    const struct statement *written, *replayed;
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

// ---- standbys, of all lanes of the process ----

enum standby_outcome {
    STANDBY_ANSWERED,
    // The primary was asked instead: the standby …
    STANDBY_BEHIND, // had not replayed what was committed by then, now or just before
    STANDBY_AWAY,   // cannot be reached, was lost meanwhile, or is none of this primary's
    STANDBY_SLOW,   // has others to answer first, or does not say in time how far it is
    STANDBY_FAILED, // refused the statement, as where it must not hold up replay
    STANDBY_OUTCOMES,
};
unsigned long long standby_reads(enum standby_outcome outcome);
unsigned standby_connections(void); // that can be asked

#endif
