// What the files of this folder share with one another alone.
#ifndef THIDUA_DISCIPLINE_PRIVATE_H
#define THIDUA_DISCIPLINE_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route discipline_routes[], proceeding_routes[];
extern const struct constraint_problem discipline_constraints[], proceeding_constraints[];

#endif
