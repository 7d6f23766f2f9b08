#include "database/session.h"

#include "base/poller.h"
#include "database/private.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A power of two, far above the number of statements.
enum { PREPARED_SLOTS = 2048 };

struct session {
    const struct session_options *options;
    PGconn *connection;
    const struct statement *prepared[PREPARED_SLOTS]; // on this connection: a hash set by address
    int64_t not_before;                               // monotonic_ns of the next attempt to connect
    unsigned attempts;
    bool read_only;   // what it is connected to takes no writes: the next transaction needs another connection
    char reason[256]; // see session_message()
};

bool session_url_fits(const char *url)
{
    PQconninfoOption *read = PQconninfoParse(url, NULL);
    bool fits = read != NULL;
    PQconninfoFree(read);
    return fits;
}

bool session_url_show(const char *url, char *ret_text, size_t size)
{
    PQconninfoOption *read = PQconninfoParse(url, NULL);
    size_t length = 0;
    ret_text[0] = '\0';
    for (const PQconninfoOption *option = read; option && option->keyword && length < size; option++) {
        bool secret = strchr(option->dispchar, '*') != NULL;
        if (option->val && *option->val)
            length += (size_t)snprintf(ret_text + length, size - length, "%s%s=%s", length ? " " : "", option->keyword,
                                       secret ? "***" : option->val);
    }
    PQconninfoFree(read);
    return length < size;
}

struct session *session_new(const struct session_options *options)
{
    struct session *session = calloc(1, sizeof *session);
    if (session)
        session->options = options;
    return session;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    PQfinish(session->connection);
    free(session);
}

static const char other_tables[] = "the tables of the database are not those of this program: run thidua migrate";

// libpq may say more than one line, such as one for each host that was tried.
static void note_unusable(struct session *session, const char *fault)
{
    if (!fault)
        fault = PQerrorMessage(session->connection);
    snprintf(session->reason, sizeof session->reason, "%.*s", (int)strcspn(fault, "\n"), fault);
}

static void note_failure(struct session *session, const struct failure *failure)
{
    static const char *const words[] = {
        [FAILURE_AWAY] = "the connection to PostgreSQL was lost",
        [FAILURE_AGAIN] = "another transaction was in the way: run it again",
        [FAILURE_SQL] = "PostgreSQL refused it",
    };
    bool named = failure->constraint[0] != '\0', read_only = is_read_only(failure->sqlstate);
    // Of class 42 (undefined table, column or function) all but 42501, insufficient_privilege.
    if (strncmp(failure->sqlstate, "42", 2) == 0 && strcmp(failure->sqlstate, "42501") != 0 && !named) {
        snprintf(session->reason, sizeof session->reason, "%s", other_tables);
        return;
    }
    snprintf(session->reason, sizeof session->reason, "%s%s%s%s%s%s",
             read_only ? "the database takes no writes" : words[failure->kind],
             failure->sqlstate[0] ? " (SQLSTATE " : "", failure->sqlstate, named ? ", " : "", failure->constraint,
             failure->sqlstate[0] ? ")" : "");
}

// An idle connection has nothing to read, unless the server said good-bye: then the next transaction shall find a new
// connection instead of failing on the dead one. Its last words come first: only reading on shows that it is gone.
static bool is_alive(PGconn *connection)
{
    if (!connection || PQstatus(connection) != CONNECTION_OK)
        return false;
    struct pollfd wait = {.fd = PQsocket(connection), .events = POLLIN};
    while (poll(&wait, 1, 0) != 0)
        if (PQconsumeInput(connection) != 1 || PQstatus(connection) != CONNECTION_OK)
            return false;
    return true;
}

bool session_connect(struct session *session)
{
    if (!session->read_only && is_alive(session->connection))
        return true;
    int64_t now = monotonic_ns();
    if (now < session->not_before)
        return false;
    PQfinish(session->connection);
    const char *fault;
    session->connection =
        connection_open(&(struct connect_options){.url = session->options->url,
                                                  .application_name = session->options->application_name,
                                                  .statement_timeout_ms = session->options->statement_timeout_ms,
                                                  .now = session->options->now},
                        &fault);
    session->read_only = false;
    memset(session->prepared, 0, sizeof session->prepared);
    if (!fault) {
        session->attempts = 0;
        return true;
    }
    note_unusable(session, fault);
    session->not_before = now + (int64_t)backoff_ms(session->attempts++) * 1000000;
    return false;
}

static struct rows *taken(struct session *session, PGresult *result, struct failure *ret_failure)
{
    *ret_failure = result ? failure_of_result(result) : failure_away();
    if (ret_failure->kind != FAILURE_NONE && PQstatus(session->connection) != CONNECTION_OK)
        *ret_failure = failure_away();
    if (ret_failure->kind == FAILURE_NONE)
        return rows_of_result(result);
    session->read_only = session->read_only || is_read_only(ret_failure->sqlstate);
    note_failure(session, ret_failure);
    PQclear(result);
    return NULL;
}

// Prepares the statement where this connection runs it for the first time. Most connections run few of them, and to
// prepare them all would cost PostgreSQL more than everything that a command does.
static bool prepare_session(struct session *session, const struct statement *statement, struct failure *ret_failure)
{
    size_t slot = (uintptr_t)statement / sizeof *statement % PREPARED_SLOTS;
    while (session->prepared[slot] && session->prepared[slot] != statement)
        slot = (slot + 1) % PREPARED_SLOTS;
    if (session->prepared[slot])
        return true;
    PGresult *answer = PQprepare(session->connection, statement->name, statement->sql, 0, NULL);
    struct rows *none = taken(session, answer, ret_failure);
    if (!none)
        return false;
    rows_free(none);
    session->prepared[slot] = statement;
    return true;
}

struct rows *session_run(struct session *session, const struct statement *statement, const char *const values[],
                         struct failure *ret_failure)
{
    if (!prepare_session(session, statement, ret_failure))
        return NULL;
    return taken(session,
                 PQexecPrepared(session->connection, statement->name, statement->parameters, values, NULL, NULL,
                                statement->binary),
                 ret_failure);
}

struct rows *session_run_bytes(struct session *session, const struct statement *statement, const char *const values[],
                               const char *bytes, size_t size, struct failure *ret_failure)
{
    if (!prepare_session(session, statement, ret_failure))
        return NULL;
    const char *all[STATEMENT_PARAMETERS_MAX] = {0};
    int lengths[STATEMENT_PARAMETERS_MAX] = {0}, formats[STATEMENT_PARAMETERS_MAX] = {0};
    int last = statement->parameters - 1;
    memcpy(all, values, (size_t)last * sizeof *values);
    all[last] = bytes;
    lengths[last] = (int)size;
    formats[last] = 1;
    return taken(session,
                 PQexecPrepared(session->connection, statement->name, statement->parameters, all, lengths, formats,
                                statement->binary),
                 ret_failure);
}

bool session_copy_in(struct session *session, const struct statement *statement, const char *bytes, size_t size,
                     struct failure *ret_failure)
{
    if (!prepare_session(session, statement, ret_failure))
        return false;
    PGconn *connection = session->connection;
    PGresult *opened = PQexecPrepared(connection, statement->name, 0, NULL, NULL, NULL, 0);
    if (PQresultStatus(opened) != PGRES_COPY_IN) {
        rows_free(taken(session, opened, ret_failure));
        return false;
    }
    PQclear(opened);
    bool sent = PQputCopyData(connection, bytes, (int)size) == 1;
    if (PQputCopyEnd(connection, sent ? NULL : "interrupted") == 1)
        return true;
    // The server would wait for the rest, and we for its answer, for ever.
    PQfinish(connection);
    session->connection = NULL;
    *ret_failure = failure_away();
    return false;
}

bool session_copied(struct session *session, struct failure *ret_failure)
{
    PGresult *closed = PQgetResult(session->connection), *last;
    while ((last = PQgetResult(session->connection)))
        PQclear(last);
    struct rows *rows = taken(session, closed, ret_failure);
    rows_free(rows);
    return rows != NULL;
}

bool session_script(struct session *session, const char *sql, struct failure *ret_failure)
{
    struct rows *rows = taken(session, PQexec(session->connection, sql), ret_failure);
    if (!rows)
        return false;
    rows_free(rows);
    return true;
}

bool session_commit(struct session *session, struct failure *ret_failure)
{
    PGresult *result = PQexec(session->connection, "COMMIT");
    // A transaction in which a statement failed answers COMMIT with a successful ROLLBACK: nothing was kept.
    bool rolled_back = PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") != 0;
    struct rows *rows = taken(session, result, ret_failure);
    rows_free(rows);
    if (rolled_back) {
        *ret_failure = (struct failure){.kind = FAILURE_SQL, .sqlstate = "25P02"}; // in_failed_sql_transaction
        note_failure(session, ret_failure);
    }
    return ret_failure->kind == FAILURE_NONE;
}

const char *session_message(const struct session *session)
{
    return session ? session->reason : "out of memory";
}
