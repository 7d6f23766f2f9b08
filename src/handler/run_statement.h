// How the functions that the build makes of .sql files (tools/embed_statements.py) run a statement for a request.
//
// A handler calls those functions; they alone call these. Every function records one problem on the request when it
// returns false.
#ifndef THIDUA_HANDLER_RUN_STATEMENT_H
#define THIDUA_HANDLER_RUN_STATEMENT_H

#include "database/session.h"
#include "database/statement.h"
#include "http/request.h"

// Runs `statement` with its parameters as texts. A refusal by the database becomes the problem of its constraint
// (handler/constraints.h). The rows are freed with the request; where `ret_rows` is NULL, they are freed at once.
bool run_statement(struct request *request, struct session *session, const struct statement *statement,
                   const char *const values[], struct rows **ret_rows);
// The same with a bytea of `size` bytes as the last parameter; `values` holds the texts before it.
bool run_statement_bytes(struct request *request, struct session *session, const struct statement *statement,
                         const char *const values[], const char *bytes, size_t size, struct rows **ret_rows);
// Sends `statement` with what is awaited next, which fails where it does (session_send in database/session.h).
bool send_statement(struct request *request, struct session *session, const struct statement *statement,
                    const char *const values[]);
bool send_statement_bytes(struct request *request, struct session *session, const struct statement *statement,
                          const char *const values[], const char *bytes, size_t size);
// Asks by `statement` whether the request may go on; `judge` says so by its rows, or records the problem. A short write
// does not wait for that: it travels with the statement that is awaited next, which gives nothing where `judge`
// refused.
bool run_guard(struct request *request, struct session *session, const struct statement *statement,
               const char *const values[], bool (*judge)(struct request *request, const struct rows *rows));
// After the handler, whatever became of it: judges what it did not wait for. Such a refusal counts before its own.
bool guards_kept(struct request *request, struct session *session);
// Frees the rows when the request ends.
void defer_rows(struct request *request, struct rows *rows);
// 404 where there is no row.
bool require_row(struct request *request, const struct rows *rows);

#endif
