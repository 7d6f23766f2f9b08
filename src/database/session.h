// One connection to PostgreSQL, held by one worker thread, which waits for its answers: where writes run. Every wait
// has an end: a connection that stays silent is given up.
#ifndef THIDUA_DATABASE_SESSION_H
#define THIDUA_DATABASE_SESSION_H

#include "database/statement.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

struct session_options {
    const char *url;
    const char *application_name;
    int statement_timeout_ms; // 0: none
    const char *now;          // fixed clock for tests, or NULL
    int work_ms;              // how long a caller may work between two statements; less than a minute counts as one
    const char *background;   // whose it is, where no caller is told of what PostgreSQL refuses: then the log is
};

// Does the text say where to connect to? Nothing connects yet. A password that is not percent-encoded is none of its
// URL's: libpq would take it for a host, a port or a database, and write it into the log.
bool session_url_fits(const char *url);
// Does it, or the environment, ask for a server that takes no writes?
bool session_url_is_of_standby(const char *url);
// What it says without its passwords, as "host=… dbname=… user=… password=***". False where it has no room.
bool session_url_show(const char *url, char *ret_text, size_t size);
// False where a pooler gives each transaction another server process: then prepared statements, settings and LISTEN are
// lost. True where no server answers: that is told when one is needed.
bool session_is_kept(const char *url);
// It is there, and takes nobody as yet (SQLSTATE 57P03).
bool session_server_starts(const char *url);
// Do both lead to one database? True where one of them does not lead anywhere: that is told when it is needed.
bool session_urls_meet(const char *url, const char *owner_url);

// Does not connect yet. `options` must outlive the session.
struct session *session_new(const struct session_options *options);
void session_free(struct session *session);

// Asks nobody: what the server has said tells.
bool session_is_connected(const struct session *session);
// Connects where there is no live connection. False while PostgreSQL is away. Callers may
// ask as often as they like: the next attempt comes after a random pause.
bool session_connect(struct session *session);
// When that is (monotonic_ns). It has passed where another session of the process has connected since.
int64_t session_pauses_until(const struct session *session);

// Runs a statement of the program, which the connection prepares at its first use. Returns its rows (the caller frees
// them), or NULL with the reason.
struct rows *session_run(struct session *session, const struct statement *statement, const char *const values[],
                         struct failure *ret_failure);
// The same with a bytea of `size` bytes as the last parameter; `values` holds the ones before it. The bytes travel as
// they are, which takes half the memory of the hexadecimal text and no encoding.
struct rows *session_run_bytes(struct session *session, const struct statement *statement, const char *const values[],
                               const char *bytes, size_t size, struct failure *ret_failure);
// The same without awaiting what becomes of it: it goes to PostgreSQL together with what is awaited next, in one round
// trip. Where it fails, nothing after it runs, and what is awaited next fails with its failure, which names it.
bool session_send(struct session *session, const struct statement *statement, const char *const values[],
                  struct failure *ret_failure);
bool session_send_bytes(struct session *session, const struct statement *statement, const char *const values[],
                        const char *bytes, size_t size, struct failure *ret_failure);
// The same for a statement whose rows matter: they are in `*ret_rows` once it is answered, NULL until then and where it
// failed. The caller frees them, and keeps the place until the session has settled or rolled back.
bool session_ask(struct session *session, const struct statement *statement, const char *const values[],
                 struct rows **ret_rows, struct failure *ret_failure);
// Hands what was sent so to PostgreSQL now, which works on it while the caller does something else.
void session_push(struct session *session);
// Takes in what has come of its answers by now, and does not wait: PostgreSQL goes on only where it can send.
void session_take_in(struct session *session);
// Awaits what was sent so.
bool session_settle(struct session *session, struct failure *ret_failure);
// Starts a COPY … FROM STDIN statement. Where it returned true, its data are put piece by piece (each at most INT_MAX),
// and session_copied() must be called before anything else: it says what became of all. PostgreSQL takes in one piece
// while the caller makes the next.
bool session_copy_in(struct session *session, const struct statement *statement, struct failure *ret_failure);
// Where it returned false, the connection was given up.
bool session_copy_put(struct session *session, const char *bytes, size_t size, struct failure *ret_failure);
bool session_copied(struct session *session, struct failure *ret_failure);
// Runs SQL text that is a constant of the program (SAVEPOINT, migrations): several commands are allowed.
bool session_script(struct session *session, const char *sql, struct failure *ret_failure);

// Begins a transaction by `begin`, which goes to PostgreSQL with its first statement: where there is none, PostgreSQL
// never hears of it. `writes`: what becomes of its commit can be found out where the connection breaks.
void session_begin(struct session *session, const struct statement *begin, bool writes);
// Commits. True only when the transaction is kept. FAILURE_UNKNOWN: it may be kept; any other failure: it is not.
bool session_commit(struct session *session, struct failure *ret_failure);
// Ends a transaction that session_begin() began, and keeps nothing of it.
void session_rollback(struct session *session);

// Another connection, in a transaction that reads what this one reads by now, but nothing that this one has written:
// then one is read while the other is written. NULL where none can be had; the caller frees it.
struct session *session_beside(struct session *session);

// Why the last attempt to connect or the last statement failed, in one line for the operator: never with SQL or rows.
// `session` NULL: there was no memory for one.
const char *session_message(const struct session *session);

#endif
