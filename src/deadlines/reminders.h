// Tells of deadlines that come near or have passed: writes the events deadline.due and deadline.overdue, each once over
// all instances (deadline_notices). Nobody asks for it, so it looks by itself.
#ifndef THIDUA_DEADLINES_REMINDERS_H
#define THIDUA_DEADLINES_REMINDERS_H

#include "database/session.h"

#include <stdbool.h>

bool reminders_start(const struct session_options *options);
void reminders_stop(void);

#endif
