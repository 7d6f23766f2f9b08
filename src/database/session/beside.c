// A second connection that sees the same as the first (PostgreSQL's exported snapshots), so that one transaction can
// read and write at the same time.
#include "database/session/private.h"

#include <stdio.h>
#include <string.h>

// The first is idle while the caller waits for the second, for as long as a statement there may take.
static const struct statement share_statement = {
    .name = "snapshot_share",
    .sql = "SELECT pg_export_snapshot(), set_config('idle_in_transaction_session_timeout', $1, true)",
    .parameters = 1};

static struct rows *share(struct session *session)
{
    struct failure ignored; // what is run next on this session fails with it
    char idle[12];
    int limit = session->options->statement_timeout_ms;
    snprintf(idle, sizeof idle, "%d", limit ? limit + rest_of_transaction_ms(session->options->work_ms) : 0);
    const char *values[] = {idle};
    return session_run(session, &share_statement, values, &ignored);
}

// A name of a snapshot is no parameter in PostgreSQL's grammar. It comes from PostgreSQL, and is made of such
// characters. Where a change of the schema waits for a lock of the first connection, the second would wait for it in
// turn.
static bool take_up(struct session *beside, const char *snapshot)
{
    struct failure ignored;
    char sql[192];
    if (snapshot[strspn(snapshot, "0123456789ABCDEF-")] || strlen(snapshot) > 64)
        return false;
    snprintf(sql, sizeof sql,
             "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '%s'; SET LOCAL lock_timeout = "
             "'2s'",
             snapshot);
    return session_script(beside, sql, &ignored);
}

struct session *session_beside(struct session *session)
{
    struct session *beside = session_new(session->options);
    struct rows *shared = beside && session_connect(beside) ? share(session) : NULL;
    bool taken = shared && take_up(beside, rows_text(shared, 0, 0));
    rows_free(shared);
    if (taken)
        return beside;
    session_free(beside);
    return NULL;
}
