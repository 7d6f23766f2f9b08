// Statements travel in flights (libpq's pipeline mode): sent together, answered together, in one round trip. PostgreSQL
// runs nothing of a flight after a statement that failed.
#include "base/poller.h"
#include "database/session/private.h"
#include "database/shape.h"

#include <stdio.h>
#include <string.h>

// Beyond its limit of time, PostgreSQL has this long to say that a statement has passed it.
enum { SILENCE_MS = 5000 };

static int64_t after_ms(int64_t milliseconds)
{
    return monotonic_ns() + milliseconds * 1000000;
}

static int64_t statement_end(const struct session *session)
{
    int limit = session->options->statement_timeout_ms;
    return limit ? after_ms(limit + SILENCE_MS) : INT64_MAX;
}

static bool answer_comes(const struct session *session, int64_t end)
{
    const struct connect_options options = {.url = session->options->url,
                                            .application_name = session->options->application_name};
    return end == INT64_MAX ? answer_await_patiently(session->connection, &options)
                            : answer_await(session->connection, end);
}

// After these nothing comes, and what stands between may not even say that the connection is closed.
static bool is_last_word(const PGresult *answer)
{
    const char *severity = PQresultErrorField(answer, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

// The next answer, or NULL: there is none, or the connection was given up.
static PGresult *next_answer(struct session *session, int64_t end)
{
    PGresult *answer = NULL;
    bool comes = answer_comes(session, end);
    if (comes)
        answer = PQgetResult(session->connection);
    if (!comes || is_last_word(answer))
        session_drop(session);
    return answer;
}

// The last answer to what was sent outside of a flight.
static PGresult *last_answer(struct session *session)
{
    PGresult *last = NULL, *next;
    while ((next = next_answer(session, statement_end(session)))) {
        PQclear(last);
        last = next;
        if (PQresultStatus(next) == PGRES_COPY_IN)
            return last;
    }
    if (session->connection)
        return last;
    PQclear(last);
    return NULL;
}

static bool is_good(struct session *session, const PGresult *answer, struct failure *ret_failure)
{
    *ret_failure = answer ? failure_of_result(answer) : failure_away();
    if (ret_failure->kind != FAILURE_NONE && PQstatus(session->connection) != CONNECTION_OK)
        *ret_failure = failure_away();
    if (ret_failure->kind == FAILURE_NONE)
        return true;
    session->read_only = session->read_only || is_read_only(ret_failure->sqlstate);
    session_note(session, ret_failure);
    return false;
}

static bool is_done(struct session *session, PGresult *answer, struct failure *ret_failure)
{
    bool good = is_good(session, answer, ret_failure);
    PQclear(answer);
    return good;
}

// ---- flights ----

static bool give_up(struct session *session, struct failure *ret_failure)
{
    session_drop(session);
    return is_good(session, NULL, ret_failure);
}

// One answer, and the mark at its end.
static PGresult *answer_whole(struct session *session, int64_t end)
{
    PGresult *answer = next_answer(session, end);
    if (answer && session->connection)
        PQclear(next_answer(session, end));
    return answer;
}

static void keep_answer(PGresult *ret_answers[], unsigned index, PGresult *answer)
{
    if (ret_answers)
        ret_answers[index] = answer;
    else
        PQclear(answer);
}

// NULL in place of the answer whose rows were asked for.
static PGresult *give_rows(struct session *session, unsigned index, PGresult *answer)
{
    if (!session->asked[index])
        return answer;
    *session->asked[index] = rows_of_result(answer);
    return NULL;
}

static void leave_flight(struct session *session, int64_t end)
{
    PGresult *sync = session->connection ? next_answer(session, end) : NULL;
    bool left = PQresultStatus(sync) == PGRES_PIPELINE_SYNC && PQexitPipelineMode(session->connection) == 1 &&
                PQsetnonblocking(session->connection, 0) == 0;
    PQclear(sync);
    if (!left)
        session_drop(session);
}

bool flight_land(struct session *session, int64_t last_ms, PGresult *ret_answers[], struct failure *ret_failure)
{
    unsigned count = session->sent_count;
    struct failure first = {.kind = FAILURE_NONE}, now;
    if (count > 0 && PQpipelineSync(session->connection) != 1)
        session_drop(session);
    for (unsigned i = 0; i < count; i++) {
        const struct statement *statement = session->sent[i];
        int64_t end = i + 1 == count && last_ms ? after_ms(last_ms) : statement_end(session);
        PGresult *answer = session->connection ? answer_whole(session, end) : NULL;
        if (first.kind == FAILURE_NONE && !is_good(session, answer, &now)) {
            first = now;
            first.statement = statement;
        } else if (first.kind == FAILURE_NONE) {
            answer = give_rows(session, i, answer);
        }
        keep_answer(ret_answers, i, answer);
    }
    if (count > 0)
        leave_flight(session, statement_end(session));
    session->sent_count = 0;
    *ret_failure = first;
    session_tell(session, &first);
    for (unsigned i = 0; ret_answers && first.kind != FAILURE_NONE && i < count; i++)
        PQclear(ret_answers[i]);
    return first.kind == FAILURE_NONE;
}

static bool land_all(struct session *session, struct failure *ret_failure)
{
    return session->sent_count == 0 || flight_land(session, 0, NULL, ret_failure);
}

// Prepares the statement where this connection runs it for the first time. Most connections run few of them, and to
// prepare them all would cost PostgreSQL more than everything that a command does. It is no part of a flight: what
// failed before it must not leave it unprepared.
static bool make_prepared(struct session *session, const struct statement *statement, struct failure *ret_failure)
{
    size_t slot = (uintptr_t)statement / sizeof *statement % PREPARED_SLOTS;
    while (session->prepared[slot] && session->prepared[slot] != statement)
        slot = (slot + 1) % PREPARED_SLOTS;
    if (session->prepared[slot])
        return true;
    if (!land_all(session, ret_failure))
        return false;
    PGresult *answer =
        PQsendPrepare(session->connection, statement->name, statement->sql, 0, NULL) == 1 ? last_answer(session) : NULL;
    if (!is_done(session, answer, ret_failure)) {
        ret_failure->statement = statement;
        session_tell(session, ret_failure);
        return false;
    }
    session->prepared[slot] = statement;
    return true;
}

static bool enter_flight(struct session *session)
{
    return session->sent_count > 0 ||
           (PQsetnonblocking(session->connection, 1) == 0 && PQenterPipelineMode(session->connection) == 1);
}

static bool send_prepared(struct session *session, const struct statement *statement, const char *const values[],
                          const struct blob *blob)
{
    const char *all[STATEMENT_PARAMETERS_MAX] = {0};
    int lengths[STATEMENT_PARAMETERS_MAX] = {0}, formats[STATEMENT_PARAMETERS_MAX] = {0};
    int texts = statement->parameters - (blob ? 1 : 0);
    if (values && texts > 0)
        memcpy(all, values, (size_t)texts * sizeof *values);
    if (blob) {
        all[texts] = blob->bytes;
        lengths[texts] = (int)blob->size;
        formats[texts] = 1;
    }
    return PQsendQueryPrepared(session->connection, statement->name, statement->parameters, all, lengths, formats,
                               statement->binary) == 1;
}

static bool send_one(struct session *session, const struct statement *statement, const char *const values[],
                     const struct blob *blob)
{
    if (!statement->list)
        return send_prepared(session, statement, values, blob);
    struct shape shape = shape_of(statement, values);
    return shape_run(session->connection, &shape, values);
}

static bool send_next(struct session *session, const struct statement *statement, const char *const values[],
                      const struct blob *blob, struct failure *ret_failure)
{
    if (session->sent_count == FLIGHT_MOST && !flight_land(session, 0, NULL, ret_failure))
        return false;
    if (!statement->list && !make_prepared(session, statement, ret_failure))
        return false;
    if (!enter_flight(session) || !send_one(session, statement, values, blob))
        return give_up(session, ret_failure);
    session->asked[session->sent_count] = NULL;
    session->sent[session->sent_count++] = statement;
    return true;
}

static bool send_begin(struct session *session, struct failure *ret_failure)
{
    const struct statement *begin = session->begin;
    session->begin = NULL;
    return !begin || send_next(session, begin, NULL, NULL, ret_failure);
}

bool flight_send(struct session *session, const struct statement *statement, const char *const values[],
                 const struct blob *blob, struct failure *ret_failure)
{
    return send_begin(session, ret_failure) && send_next(session, statement, values, blob, ret_failure);
}

// ---- what is awaited ----

// By this number the next connection can ask what became of the transaction (commit.c). Reading and refusing give none.
// A life of the server ends with a crash: then it counts its statistics anew.
static const struct statement number_statement = {.name = "transaction_number",
                                                  .sql = "SELECT x, CASE WHEN x IS NOT NULL THEN " SERVER_LIFE
                                                         " END FROM pg_current_xact_id_if_assigned() x"};

static void take_number(struct session *session, const PGresult *answer)
{
    snprintf(session->number, sizeof session->number, "%s", PQgetvalue(answer, 0, 0));
    snprintf(session->life, sizeof session->life, "%s", PQgetvalue(answer, 0, 1));
}

static struct rows *run(struct session *session, const struct statement *statement, const char *const values[],
                        const struct blob *blob, struct failure *ret_failure)
{
    PGresult *answers[FLIGHT_MOST];
    bool numbering = session->numbered && !session->number[0];
    // Prepared first: to prepare it afterwards would land the statement itself.
    if ((numbering && !make_prepared(session, &number_statement, ret_failure)) ||
        !flight_send(session, statement, values, blob, ret_failure))
        return NULL;
    unsigned wanted = session->sent_count - 1;
    numbering = numbering && session->sent_count < FLIGHT_MOST;
    if ((numbering && !send_next(session, &number_statement, NULL, NULL, ret_failure)) ||
        !flight_land(session, 0, answers, ret_failure))
        return NULL;
    if (numbering)
        take_number(session, answers[wanted + 1]);
    for (unsigned i = 0; i < wanted + 1 + numbering; i++)
        if (i != wanted)
            PQclear(answers[i]);
    return rows_of_result(answers[wanted]);
}

struct rows *session_run(struct session *session, const struct statement *statement, const char *const values[],
                         struct failure *ret_failure)
{
    return run(session, statement, values, NULL, ret_failure);
}

struct rows *session_run_bytes(struct session *session, const struct statement *statement, const char *const values[],
                               const char *bytes, size_t size, struct failure *ret_failure)
{
    return run(session, statement, values, &(struct blob){bytes, size}, ret_failure);
}

bool session_send(struct session *session, const struct statement *statement, const char *const values[],
                  struct failure *ret_failure)
{
    return flight_send(session, statement, values, NULL, ret_failure);
}

bool session_send_bytes(struct session *session, const struct statement *statement, const char *const values[],
                        const char *bytes, size_t size, struct failure *ret_failure)
{
    return flight_send(session, statement, values, &(struct blob){bytes, size}, ret_failure);
}

bool session_ask(struct session *session, const struct statement *statement, const char *const values[],
                 struct rows **ret_rows, struct failure *ret_failure)
{
    *ret_rows = NULL;
    if (!flight_send(session, statement, values, NULL, ret_failure))
        return false;
    session->asked[session->sent_count - 1] = ret_rows;
    return true;
}

void session_push(struct session *session)
{
    if (session->sent_count > 0)
        PQflush(session->connection); // where that fails, what is awaited next does
}

void session_take_in(struct session *session)
{
    // What fails here fails again where it is awaited. Looking at it makes rows of it.
    if (session->sent_count > 0 && PQconsumeInput(session->connection) == 1)
        (void)PQisBusy(session->connection);
}

bool session_settle(struct session *session, struct failure *ret_failure)
{
    *ret_failure = (struct failure){.kind = FAILURE_NONE};
    return land_all(session, ret_failure);
}

// ---- what cannot travel in a flight ----

bool session_copy_in(struct session *session, const struct statement *statement, struct failure *ret_failure)
{
    if (!send_begin(session, ret_failure) || !land_all(session, ret_failure) ||
        !make_prepared(session, statement, ret_failure))
        return false;
    PGresult *opened = send_prepared(session, statement, NULL, NULL) ? last_answer(session) : NULL;
    if (PQresultStatus(opened) != PGRES_COPY_IN) {
        is_done(session, opened, ret_failure);
        return false;
    }
    PQclear(opened);
    return PQsetnonblocking(session->connection, 1) == 0 || give_up(session, ret_failure);
}

// Of one piece the rest may wait here while the next is made, and never of more.
bool session_copy_put(struct session *session, const char *bytes, size_t size, struct failure *ret_failure)
{
    PGconn *connection = session->connection;
    return (sending_await(connection, statement_end(session)) && PQputCopyData(connection, bytes, (int)size) == 1 &&
            PQflush(connection) >= 0) ||
           give_up(session, ret_failure);
}

bool session_copied(struct session *session, struct failure *ret_failure)
{
    int64_t end = statement_end(session);
    bool ended = PQputCopyEnd(session->connection, NULL) == 1;
    PGresult *closed = ended ? next_answer(session, end) : NULL;
    if (session->connection)
        PQclear(last_answer(session));
    if (session->connection && PQsetnonblocking(session->connection, 0) != 0)
        session_drop(session);
    return is_done(session, closed, ret_failure);
}

bool session_script(struct session *session, const char *sql, struct failure *ret_failure)
{
    return send_begin(session, ret_failure) && land_all(session, ret_failure) &&
           is_done(session, PQsendQuery(session->connection, sql) == 1 ? last_answer(session) : NULL, ret_failure);
}
