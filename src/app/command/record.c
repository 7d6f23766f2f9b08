#include "app/command/record.h"

#include "handler/handler.sql.h"
#include "handler/run.h"

static const struct statement begin = {.name = "command_begin", .sql = "BEGIN"};

void begin_by_command(struct session *session)
{
    session_begin(session, &begin, true);
}

bool record_by_command(struct session *session, const char *command, const struct event *event,
                       struct failure *ret_failure)
{
    struct rows *rows = journal_append_run(session, "SERVICE", NULL, NULL, command, "admin", NULL, "command",
                                           event->type, event->resource, event->campaign, event->year, event->unit_id,
                                           event->restricted, event->reason, event->before, event->after, ret_failure);
    rows_free(rows);
    return rows != NULL;
}
