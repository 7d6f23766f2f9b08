// What a refusal by the database means to the caller: the name of a constraint → a problem. Each feature owns a table.
#ifndef THIDUA_HANDLER_CONSTRAINTS_H
#define THIDUA_HANDLER_CONSTRAINTS_H

#include "database/statement.h"
#include "http/request.h"

struct constraint_problem {
    const char *constraint; // of a table, or the name given to refuse() in SQL
    enum problem_kind kind;
    const char *pointer; // the field at fault, or several (pointer_to_sent); NULL: none in particular
    const char *clause;  // of the plan or law; NULL: none
    const char *vi, *en; // the rule and the way out
};

struct feature;

// Gives the features whose tables are searched, a list ended by NULL. Once, before the first request.
void constraints_use(const struct feature *const features[]);
// The row for a constraint, or NULL.
const struct constraint_problem *constraint_rule(const char *constraint);

// Whether an SQLSTATE tells of the server's own passing state (passing.c), and the problem of it. Always false.
bool is_passing_state(const char *sqlstate);
bool refuse_passing(struct request *request, const struct statement *statement, const char *sqlstate);

// Records the problem that a failed statement means. Always false.
bool refuse_failure(struct request *request, const struct statement *statement, const struct failure *failure);

#endif
