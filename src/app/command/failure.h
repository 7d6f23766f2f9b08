// Why a command's statement failed, to the operator.
#ifndef THIDUA_APP_COMMAND_FAILURE_H
#define THIDUA_APP_COMMAND_FAILURE_H

#include "database/session.h"

// One line: what the rule that was broken says to a caller too, or PostgreSQL's words. `session` may be NULL.
void print_failure(const char *doing, const struct session *session, const struct failure *failure);

#endif
