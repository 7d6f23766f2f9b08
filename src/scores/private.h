// What the files of this folder share with one another alone.
#ifndef THIDUA_SCORES_PRIVATE_H
#define THIDUA_SCORES_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route frame_routes[], score_routes[];
// Is the step one of an appraiser or of the Chair's office, and not of the unit itself?
bool is_office_step(const struct request *request);
extern const struct constraint_problem frame_constraints[], score_constraints[];

#endif
