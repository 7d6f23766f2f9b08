// What the files of this folder share with one another alone.
#ifndef THIDUA_DOSSIERS_PRIVATE_H
#define THIDUA_DOSSIERS_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route dossier_routes[], dossier_move_routes[], nomination_routes[], notification_routes[],
    document_routes[];
extern const struct constraint_problem dossier_constraints[];

// Of the writes by which the nominator makes up its dossier.
#define DOSSIER_CONTENT                                                                                                \
    NO_UNIT_AT_STAKE("The nominator makes up its dossier, and an office enters one from paper. What counts is its "    \
                     "receipt, which is a step of its own.")

#endif
