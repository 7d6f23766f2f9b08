#include "app/command/failure.h"

#include "handler/constraints.h"

#include <stdio.h>

void print_failure(const char *doing, const struct session *session, const struct failure *failure)
{
    const struct constraint_problem *rule = constraint_rule(failure->constraint);
    fprintf(stderr, "%s: %s\n", doing, rule ? rule->en : session_message(session));
}
