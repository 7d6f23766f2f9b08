// The quick lane from within. All of it runs on the loop's thread.
#ifndef THIDUA_DATABASE_QUICK_QUICK_PRIVATE_H
#define THIDUA_DATABASE_QUICK_QUICK_PRIVATE_H

#include "database/private.h"
#include "database/quick.h"
#include "database/shape.h"

// Statements that a lane remembers the duration of; those that share a place are taken for one.
enum { LANE_KNOWN = 1021 };

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
    int64_t took[LANE_KNOWN]; // what each statement took lately
    struct lane_connection connections[];
};

// ---- connection.c: how a connection is made, prepared and lost ----

void lane_connect(struct lane_connection *c);
// Its watch: what has come is taken in, and what waits for room is sent.
void lane_connection_ready(struct watch *watch, uint32_t events);
// Its queries are lost with it. It is made again after a pause.
void lane_disconnect(struct lane_connection *c);
// It has been silent for too long.
void lane_leave_silent(struct lane_connection *c);
// Sends what libpq holds of it.
void lane_flush(struct lane_connection *c);
// PREPARING: a result, and the end of one step.
void lane_take_preparation(struct lane_connection *c, PGresult *result);
void lane_prepared(struct lane_connection *c);

// ---- answers.c: queries that are under way ----

// False where libpq takes it not; then it is the caller's to finish.
bool lane_send_query(struct lane_connection *c, struct quick_query *query);
// Whatever has come.
void lane_take_results(struct lane_connection *c);
// The connection is gone: they end without an answer.
void lane_lose_queries(struct lane_connection *c);

#endif
