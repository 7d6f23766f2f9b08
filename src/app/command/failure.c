#include "app/command/failure.h"

#include "handler/constraints.h"

#include <stdio.h>

void print_failure(const char *doing, const struct session *session, const struct failure *failure)
{
    const struct constraint_problem *rule = constraint_rule(failure->constraint);
    if (rule)
        fprintf(stderr, "%s: %s\n", doing, rule->en);
    else
        fprintf(stderr, "%s: %s", doing, session ? session_message(session) : "out of memory\n");
}
