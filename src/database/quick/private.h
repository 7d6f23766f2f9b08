// The quick lane from within. All of it runs on the loop's thread.
#ifndef THIDUA_DATABASE_QUICK_PRIVATE_H
#define THIDUA_DATABASE_QUICK_PRIVATE_H

#include "database/private.h"
#include "database/quick.h"
#include "database/shape.h"

// Statements that a lane remembers the duration of; those that share a place are taken for one.
enum { LANE_KNOWN = 1021, LINEAGE_SIZE = 96 };

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
    int64_t began;                 // READY: when the first query came to be the first, or the last one ended
    const char *host;              // CONNECTING: which of several it is at
    int64_t connecting_since;      // CONNECTING at one of several hosts; 0: there is only one
    int64_t give_up;            // CONNECTING, PREPARING: when to start over; READY: when the silence has been too long
    int64_t late_at;            // READY: no query has waited for too long before that
    bool writing;               // READY: the watch also waits for room to write
    unsigned refused;           // PREPARING: statements that the server does not know how to run
    unsigned syncs;             // PREPARING: that have come
    PGresult *made, *asked;     // PREPARING: the settings of the session
    char lineage[LINEAGE_SIZE]; // of a primary: journal_lineage(), once it was asked
    uint64_t replayed;          // of a standby: it has replayed so much at least; 0: not known to be the primary's
    unsigned behind;            // of a standby: how often in succession it had not replayed what was needed
    int64_t rests_until;        // of a standby: it is left alone, because it was behind
    unsigned host_number;       // of a standby: where attempts begin
};

struct quick_lane {
    struct quick_options options;
    struct connect_options connect;
    struct poller *poller;
    int64_t silence;          // ns without any answer after which the server counts as gone
    int64_t patience;         // ns for which a query may wait for its own, since it was asked
    struct standby *standby;  // which is asked first; NULL: none is
    struct standby *serves;   // whose connections these are; NULL: they lead to the primary
    int64_t took[LANE_KNOWN]; // what each statement took lately
    struct lane_connection connections[];
};

// ---- quick.c: which connection a query goes to ----

struct quick_lane *lane_open(const struct quick_options *options, struct poller *poller, struct standby *serves);
// Of those that have replayed so much at least, and have queries under way or ended the last one since. NULL: none is
// ready, or all are full.
struct lane_connection *lane_best(struct quick_lane *lane, uint64_t replayed, int64_t heard_since);
// The first query sent down it is taking so long that others had better not stand behind it.
bool lane_is_held_up(const struct lane_connection *c, int64_t now);
// To this one; false where that is NULL, or libpq takes it not.
bool lane_submit(struct lane_connection *c, struct quick_query *query);

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
// Those that have waited for too long, while the server answers others, end without an answer. Theirs are still to
// come.
void lane_answer_late(struct lane_connection *c);
// Whatever has come.
void lane_take_results(struct lane_connection *c);
// The connection is gone: they end without an answer.
void lane_lose_queries(struct lane_connection *c);

// ---- standby.c: reads that a standby answers ----

struct standby *standby_open(struct quick_lane *primary, const struct quick_options *options, struct poller *poller);
// False where the primary is to be asked.
bool standby_takes(struct standby *standby, struct quick_query *query);
// A query of its lane has ended; without rows because of `fault`. True where it is asked of the primary instead.
bool standby_falls_back(struct standby *standby, struct quick_query *query, enum standby_outcome fault);
// Why a connection to it is given up; the first reason since one could be asked counts.
void standby_blame(struct standby *standby, const char *reason);
// As quick_flush and quick_timeout, before those of the primary's lane.
void standby_flush(struct standby *standby);
int standby_timeout(const struct standby *standby);
// Its connections. Reads that wait for it go to the primary.
void standby_close(struct standby *standby);

#endif
