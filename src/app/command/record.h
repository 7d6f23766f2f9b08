// What commands write into the journal.
#ifndef THIDUA_APP_COMMAND_RECORD_H
#define THIDUA_APP_COMMAND_RECORD_H

#include "database/session.h"

struct event; // handler/run.h

// Begins a transaction of a command: what becomes of its commit can be found out where the connection breaks.
void begin_by_command(struct session *session);
// Appends an event to the journal in the transaction at hand; `command` is its actor, as in "thidua load".
bool record_by_command(struct session *session, const char *command, const struct event *event,
                       struct failure *ret_failure);

#endif
