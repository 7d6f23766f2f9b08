// How a transaction begins and ends. An acknowledged commit is one that PostgreSQL has told of: in answer to COMMIT or,
// where the connection broke after COMMIT was sent, on the next connection.
#include "base/poller.h"
#include "database/session/private.h"

#include <string.h>
#include <time.h>

// COMMIT_MS: a synchronous standby that is away would let a worker wait for ever. FATE_MS: for the next connection.
enum { COMMIT_MS = 10000, FATE_MS = 3000, FATE_PAUSE_MS = 50 };

static const struct statement commit_statement = {.name = "transaction_commit", .sql = "COMMIT"},
                              rollback_statement = {.name = "transaction_rollback", .sql = "ROLLBACK"},
                              fate_statement = {.name = "transaction_fate",
                                                .sql = "SELECT pg_xact_status($1::xid8), " SERVER_LIFE,
                                                .parameters = 1},
                              proof_statement = {.name = "transaction_proof",
                                                 .sql = "SELECT pg_logical_emit_message(true, 'thidua', '')"};

void session_begin(struct session *session, const struct statement *begin, bool writes)
{
    session->begin = begin;
    session->numbered = writes;
    session->number[0] = '\0';
}

enum fate { FATE_OPEN, FATE_KEPT, FATE_GONE, FATE_UNKNOWN };

// A server that has crashed gives the number of a transaction that it lost to another one, and tells of that. So what
// it says then proves only that ours is gone.
static enum fate fate_of(struct session *session, const char *number, const char *life)
{
    struct failure failure = failure_away();
    struct rows *rows = session_connect(session) ? session_run(session, &fate_statement, &number, &failure) : NULL;
    const char *told = rows ? rows_text(rows, 0, 0) : NULL;
    // Refused: another server, or one that has crashed, has not come to this number yet.
    enum fate fate = !rows && failure.kind == FAILURE_SQL ? FATE_UNKNOWN : FATE_OPEN;
    if (told && strcmp(told, "aborted") == 0)
        fate = FATE_GONE;
    else if (told && strcmp(told, "committed") == 0)
        fate = strcmp(rows_text(rows, 0, 1), life) == 0 ? FATE_KEPT : FATE_UNKNOWN;
    rows_free(rows);
    return fate;
}

// Where PostgreSQL ended the connection while COMMIT waited for a synchronous standby, the transaction is committed on
// this server and perhaps on no other. What is written to the log after it reaches the standby after it.
static bool is_replicated(struct session *session)
{
    struct failure ignored;
    return flight_send(session, &proof_statement, NULL, NULL, &ignored) &&
           flight_land(session, FATE_MS, NULL, &ignored) && session->connection;
}

// PostgreSQL warns where an operator has cancelled the waiting for a synchronous standby, and says COMMIT all the same.
static bool is_kept_for_good(struct session *session, struct failure *ret_failure)
{
    if (is_replicated(session))
        return true;
    *ret_failure = (struct failure){.kind = FAILURE_UNKNOWN};
    session_note(session, ret_failure);
    return false;
}

static bool was_kept(struct session *session, struct failure *ret_failure)
{
    char number[NUMBER_SIZE], life[LIFE_SIZE];
    memcpy(number, session->number, sizeof number);
    memcpy(life, session->life, sizeof life);
    int64_t end = monotonic_ns() + (int64_t)FATE_MS * 1000000;
    enum fate fate = *number ? FATE_OPEN : FATE_UNKNOWN;
    while (fate == FATE_OPEN && monotonic_ns() < end) {
        fate = fate_of(session, number, life);
        if (fate == FATE_OPEN)
            nanosleep(&(struct timespec){.tv_nsec = FATE_PAUSE_MS * 1000000L}, NULL);
    }
    if (fate == FATE_KEPT && !is_replicated(session))
        fate = FATE_UNKNOWN;
    *ret_failure = (struct failure){.kind = fate == FATE_KEPT   ? FAILURE_NONE
                                            : fate == FATE_GONE ? FAILURE_AWAY
                                                                : FAILURE_UNKNOWN};
    if (fate != FATE_KEPT)
        session_note(session, ret_failure);
    return fate == FATE_KEPT;
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
    session->numbered = session->warned = false;
    // Else PostgreSQL would keep the answers of before until COMMIT is done, and COMMIT_MS would begin with the last.
    if (session->sent_count > 0)
        PQsendFlushRequest(session->connection);
    if (!flight_send(session, &commit_statement, NULL, NULL, ret_failure))
        return false;
    if (land_commit(session, ret_failure))
        return !session->warned || is_kept_for_good(session, ret_failure);
    // From here on PostgreSQL may have committed without telling us.
    bool lost = ret_failure->kind == FAILURE_AWAY && !is_read_only(ret_failure->sqlstate);
    return lost && was_kept(session, ret_failure);
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
