// What the files of this folder share with one another alone.
#ifndef THIDUA_DOSSIERS_PRIVATE_H
#define THIDUA_DOSSIERS_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route dossier_routes[], dossier_move_routes[], nomination_routes[], document_routes[];
extern const struct constraint_problem dossier_constraints[];

#endif
