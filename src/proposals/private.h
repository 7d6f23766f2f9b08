// What the files of this folder share with one another alone.
#ifndef THIDUA_PROPOSALS_PRIVATE_H
#define THIDUA_PROPOSALS_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route proposal_routes[], proposal_move_routes[], summary_routes[], results_routes[];
extern const struct constraint_problem proposal_constraints[];

#endif
