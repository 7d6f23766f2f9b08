// What the files of this folder share with one another alone.
#ifndef THIDUA_JOURNAL_PRIVATE_H
#define THIDUA_JOURNAL_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route journal_routes[], event_routes[];
extern const struct constraint_problem journal_constraints[];

#endif
