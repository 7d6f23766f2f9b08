// What the files of this folder share with one another alone.
#ifndef THIDUA_EVALUATIONS_PRIVATE_H
#define THIDUA_EVALUATIONS_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route evaluation_routes[], override_routes[], tie_routes[];
extern const struct constraint_problem override_constraints[], tie_constraints[];

#endif
