// `thidua head`: the end of the journal's chain as `thidua verify --head` takes it, to be noted outside of the machine.
#include "app/command/command.h"
#include "app/command/place.h"
#include "database/session.h"
#include "journal/journal.sql.h"

#include <stdio.h>

static int print_head(struct session *session)
{
    struct failure failure;
    struct rows *rows = journal_end_run(session, &failure);
    if (!rows) {
        fprintf(stderr, "thidua head: %s\n", session_message(session));
        return 1;
    }
    bool any = rows_count(rows) > 0;
    if (any)
        printf("%lld:%s\n", journal_end_at(rows, 0).seq, journal_end_at(rows, 0).hash);
    else
        fputs("thidua head: the journal has no sealed row yet\n", stderr);
    rows_free(rows);
    return any ? 0 : 1;
}

int command_head(const struct arguments *arguments)
{
    (void)arguments;
    struct place place;
    int status = 1;
    if (!place_open(&place, PLACE_FOR_COMMAND))
        return 1;
    struct session *session = place_connect(&place, place.url, "thidua head");
    if (session)
        status = print_head(session);
    session_free(session);
    place_close(&place);
    return status;
}
