// How a transaction begins and ends. An acknowledged commit is one that PostgreSQL has told of: in answer to COMMIT or,
// where the connection broke after COMMIT was sent, on the next connection.
#include "base/poller.h"
#include "database/session/session_private.h"

#include <string.h>
#include <time.h>

// COMMIT_MS: a synchronous standby that is away would let a worker wait for ever. FATE_MS: for the next connection.
enum { COMMIT_MS = 10000, FATE_MS = 3000, FATE_PAUSE_MS = 50 };

static const struct statement commit_statement = {.name = "transaction_commit", .sql = "COMMIT"},
                              rollback_statement = {.name = "transaction_rollback", .sql = "ROLLBACK"},
                              fate_statement = {.name = "transaction_fate",
                                                .sql = "SELECT pg_xact_status($1::xid8)",
                                                .parameters = 1};

void session_begin(struct session *session, const struct statement *begin, bool writes)
{
    session->begin = begin;
    session->numbered = writes;
    session->number[0] = '\0';
}

// NULL where it is not known yet, or cannot be.
static const char *fate_of(struct session *session, const char *number, struct rows **ret_rows)
{
    struct failure ignored;
    *ret_rows = session_connect(session) ? session_run(session, &fate_statement, &number, &ignored) : NULL;
    const char *fate = *ret_rows ? rows_text(*ret_rows, 0, 0) : NULL;
    return fate && strcmp(fate, "in progress") != 0 ? fate : NULL;
}

static bool was_kept(struct session *session, const char *number, struct failure *ret_failure)
{
    int64_t end = monotonic_ns() + (int64_t)FATE_MS * 1000000;
    for (; *number && monotonic_ns() < end; nanosleep(&(struct timespec){.tv_nsec = FATE_PAUSE_MS * 1000000L}, NULL)) {
        struct rows *rows;
        const char *fate = fate_of(session, number, &rows);
        bool known = fate != NULL, kept = known && strcmp(fate, "committed") == 0;
        rows_free(rows);
        if (known) {
            *ret_failure = kept ? (struct failure){.kind = FAILURE_NONE} : failure_away();
            return kept;
        }
    }
    *ret_failure = (struct failure){.kind = FAILURE_UNKNOWN};
    session_note(session, ret_failure);
    return false;
}

static bool land_commit(struct session *session, struct failure *ret_failure)
{
    PGresult *answers[FLIGHT_MOST];
    unsigned count = session->sent_count;
    if (!flight_land(session, COMMIT_MS, answers, ret_failure))
        return false;
    // A transaction in which a statement failed answers COMMIT with a successful ROLLBACK: nothing was kept.
    bool kept = strcmp(PQcmdStatus(answers[count - 1]), "COMMIT") == 0;
    for (unsigned i = 0; i < count; i++)
        PQclear(answers[i]);
    if (!kept) {
        *ret_failure = (struct failure){.kind = FAILURE_SQL, .sqlstate = "25P02"}; // in_failed_sql_transaction
        session_note(session, ret_failure);
    }
    return kept;
}

bool session_commit(struct session *session, struct failure *ret_failure)
{
    char number[NUMBER_SIZE];
    memcpy(number, session->number, sizeof number);
    session->numbered = false;
    if (!flight_send(session, &commit_statement, NULL, NULL, ret_failure))
        return false;
    if (land_commit(session, ret_failure))
        return true;
    // From here on PostgreSQL may have committed without telling us.
    bool lost = ret_failure->kind == FAILURE_AWAY && !is_read_only(ret_failure->sqlstate);
    return lost && was_kept(session, number, ret_failure);
}

void session_rollback(struct session *session)
{
    struct failure ignored;
    bool began = !session->begin;
    session->begin = NULL;
    session->numbered = false;
    session_settle(session, &ignored);
    if (began && session->connection && flight_send(session, &rollback_statement, NULL, NULL, &ignored))
        flight_land(session, 0, NULL, &ignored);
}
