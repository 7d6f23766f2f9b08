// What the files of this folder share. They alone know libpq.
#ifndef THIDUA_DATABASE_PRIVATE_H
#define THIDUA_DATABASE_PRIVATE_H

#include "database/reach/reach.h"
#include "database/statement.h"

#include <libpq-fe.h>
#include <stdint.h>

// Where and how to connect; text outlives all connections.
struct connect_options {
    const char *url;
    const char *application_name;
    int statement_timeout_ms; // 0: none
    const char *now;          // fixed clock for tests (setting thidua.now), or NULL
    bool standby;             // nothing but a standby is wanted
    bool anywhere;            // of several hosts a standby will do too
    int host_ms;              // for which a host may be silent while it connects; 0: 3 s
    int work_ms;              // as session_options has it
};

// The parameters of PQconnectStartParams/PQconnectdbParams, filled from `options`. `hosts`: to be tried in this order;
// NULL: those of the connection string, as they stand there.
struct connect_parameters {
    const char *keywords[16];
    const char *values[16];
};
void connect_parameters_fill(struct connect_parameters *parameters, const struct connect_options *options,
                             const struct hosts *hosts);

// What a connection string says, with what the environment and a service file add to it; the caller frees it by
// PQconninfoFree(). NULL: it cannot be read.
PQconninfoOption *options_of(const char *url);
// "" where there is no such option.
const char *value_of(const PQconninfoOption *options, const char *keyword);

// For how long a transaction may rest between two statements, while what was read is worked on. Longer, and who holds
// it is taken for hung: PostgreSQL ends it, and with it what it holds.
int rest_of_transaction_ms(int work_ms);

// Connects and waits. Of several hosts the one that was last reached is asked first, and the next ones soon after, side
// by side; the first that takes us as target_session_attrs asks is it. The caller closes the connection in any case.
// NULL where there is none to be tried.
PGconn *hosts_connect(const struct connect_options *options);
// Why, where libpq says nothing.
const char *hosts_fault(void);

// libpq would write what a server says as it ends to standard error, among the lines of the log. The log tells of it
// anyway (database/news.c).
void connection_hush(PGconn *connection);

// What statements_use() was given.
const struct statement *const *const *statement_files(void);

// Connects, waits, and makes the settings of the session. `ret_fault`: NULL, or why the connection cannot be used,
// until it is closed. The caller closes it in either case.
PGconn *connection_open(const struct connect_options *options, const char **ret_fault);
// The same settings in pipeline mode: made, a sync, asked for. The caller syncs, and judges the two results.
bool settings_send_both(PGconn *connection, const struct connect_options *options);
bool settings_hold(const PGresult *made, const PGresult *asked);
extern const char settings_lost[]; // why they do not hold, and the way out

// The database takes no writes: it is a standby, or was told so. Another connection may find one that does.
bool is_read_only(const char *sqlstate);

// Sends and takes in until the next PQgetResult() need not wait. False where the connection broke, or `end`
// (monotonic_ns) passed. The connection does not block (PQsetnonblocking), or has little to send.
bool answer_await(PGconn *connection, int64_t end);
// Sends all that is to be sent, and waits for no answer. False as above.
bool sending_await(PGconn *connection, int64_t end);
// The same without an end. False where the server takes no new connection either (patience.c).
bool answer_await_patiently(PGconn *connection, const struct connect_options *options);
// The last answer to what was sent. NULL: there is none, or not all has come. `comes` awaits each of them and is given
// `until`: answer_await, or what else knows how long to wait.
PGresult *last_awaited(PGconn *connection, bool (*comes)(PGconn *, int64_t), int64_t until);

// What the one thread that listens (news.c) says of changes. A notification: "data", what kinds of events tell of the
// change, as "data dossier unit", or "keys".
void changes_take(const char *news);
void changes_arrived(void); // some were taken: calls who waits for them
// The news begin or cease to flow: what is kept from before is old.
void changes_flow(bool flowing);
bool changes_let_wait(bool wait); // whether COMMITs wait; true where that is new

// What a sign of life says of the server's clock (clock.c), for the one thread that asks for them. True where the days
// are others than before.
bool clock_note_days(const char *days);
void clock_note_time(const char *milliseconds); // since 1970

struct failure failure_of_result(const PGresult *result);
struct failure failure_away(void);
struct rows *rows_of_result(PGresult *result);

// Milliseconds to wait before attempt number `attempt` (0, 1, …) to reconnect. They double from 100 ms to 5 s. Each is
// drawn from its upper half, so that instances do not come back all at once.
int backoff_ms(unsigned attempt);

#endif
