// `thidua restored`: what the service cannot see by itself, such as a data directory that was copied back.
#include "app/command/command.h"
#include "app/command/failure.h"
#include "app/command/place.h"
#include "app/command/record.h"
#include "database/session.h"
#include "journal/journal.sql.h"

#include <stdio.h>
#include <string.h>

static bool mark(struct session *session, struct failure *ret_failure)
{
    struct rows *rows = journal_restored_run(session, ret_failure);
    rows_free(rows);
    return rows != NULL;
}

// The number with which the journal goes on; 0 where that failed.
static long long resume(struct session *session, struct failure *ret_failure)
{
    begin_by_command(session);
    if (!mark(session, ret_failure))
        return 0;
    struct rows *rows = journal_seal_run(session, ret_failure);
    long long number = rows ? journal_seal_at(rows, 0).resumed : 0;
    rows_free(rows);
    return rows && session_commit(session, ret_failure) ? number : 0;
}

int command_restored(const struct arguments *arguments)
{
    (void)arguments;
    struct place place;
    if (!place_open(&place, PLACE_FOR_COMMAND))
        return 1;
    struct session *session = place_connect(&place, place.owner_url, "thidua restored");
    struct failure failure = {0};
    long long number = session ? resume(session, &failure) : 0;
    if (number)
        printf("resumed: event numbers go on from %lld\n", number);
    else if (strcmp(failure.sqlstate, "42501") == 0) // insufficient_privilege
        fputs("thidua restored: only the owner of the database may say so: set DATABASE_OWNER_URL\n", stderr);
    else if (session)
        print_failure("thidua restored", session, &failure);
    session_free(session);
    place_close(&place);
    return number ? 0 : 1;
}
