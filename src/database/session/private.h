// What a session consists of: shared by the files that connect it, run statements on it, and end its transactions.
#ifndef THIDUA_DATABASE_SESSION_PRIVATE_H
#define THIDUA_DATABASE_SESSION_PRIVATE_H

#include "database/private.h"
#include "database/session.h"

#include <stdatomic.h>

// PREPARED_SLOTS: a power of two, far above the number of statements.
enum { PREPARED_SLOTS = 2048, FLIGHT_MOST = 16, NUMBER_SIZE = 24, LIFE_SIZE = 80 };

struct session {
    const struct session_options *options;
    PGconn *connection;
    const struct statement *prepared[PREPARED_SLOTS]; // on this connection: a hash set by address
    int64_t failed_at, not_before;                    // monotonic_ns of the last attempt to connect, and of the next
    unsigned attempts;
    bool read_only; // what it is connected to takes no writes: the next transaction needs another connection
    bool warned;    // by PostgreSQL, since that was last asked
    atomic_int_fast64_t told_at; // of statements that were refused, for log_due()
    unsigned refused;            // since then
    char reason[256];            // see session_message()
    // A flight: statements that were sent together, in pipeline mode, and are not answered yet.
    const struct statement *sent[FLIGHT_MOST];
    struct rows **asked[FLIGHT_MOST]; // where the rows of each go, or NULL
    unsigned sent_count;
    // The transaction that session_begin() began.
    const struct statement *begin; // not sent yet: it goes with the first statement
    bool numbered;                 // it may write, so its number is to be known before it commits
    char number[NUMBER_SIZE];      // "" until PostgreSQL gave it one
    char life[LIFE_SIZE];          // of the server at that time (commit.c)
};

// Of the server, as SQL: another text after each crash of it, and on another server.
#define SERVER_LIFE "concat_ws(' ', pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time())"

// Gives the connection up; the next transaction finds another one.
void session_drop(struct session *session);
// Why the last statement failed, for session_message(); and for the log, where nobody else tells of it.
void session_note(struct session *session, const struct failure *failure);
void session_tell(struct session *session, const struct failure *failure);

// The last parameter of a statement, where that is a bytea.
struct blob {
    const char *bytes;
    size_t size;
};
// Sends a statement with the next flight; `blob` is NULL where it takes none. False where that is not possible, or
// where what was sent before it failed.
bool flight_send(struct session *session, const struct statement *statement, const char *const values[],
                 const struct blob *blob, struct failure *ret_failure);
// Awaits all answers of the flight, the last one for `last_ms` at most (0: as long as a statement may take).
// `ret_answers` has room for FLIGHT_MOST, or is NULL; the caller clears them. False where one is a failure: the first
// one, after which PostgreSQL ran nothing more.
bool flight_land(struct session *session, int64_t last_ms, PGresult *ret_answers[], struct failure *ret_failure);

#endif
