// What the files of this folder share with one another alone.
#ifndef THIDUA_SCORES_PRIVATE_H
#define THIDUA_SCORES_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route frame_routes[], score_routes[];
extern const struct constraint_problem frame_constraints[], score_constraints[];

#endif
