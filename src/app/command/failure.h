// Why a command's statement failed, to the operator.
#ifndef THIDUA_APP_COMMAND_FAILURE_H
#define THIDUA_APP_COMMAND_FAILURE_H

#include "database/session.h"

// One line: what the rule that was broken says to a caller too, or what session_message() says.
void print_failure(const char *doing, const struct session *session, const struct failure *failure);

#endif
