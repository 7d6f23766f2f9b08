// What the files of this folder share with one another alone.
#ifndef THIDUA_ROUNDS_PRIVATE_H
#define THIDUA_ROUNDS_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route round_routes[], contestant_routes[], quota_routes[], register_routes[], finding_routes[],
    report_routes[], round_step_routes[], parameter_routes[];
extern const struct constraint_problem round_constraints[], contestant_constraints[], quota_constraints[],
    register_constraints[], finding_constraints[], report_constraints[];

#endif
