// What the files of this folder share with one another alone.
#ifndef THIDUA_DECISIONS_PRIVATE_H
#define THIDUA_DECISIONS_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const char *const decision_kinds[];
// "/v1/decisions/…"
const char *decision_location(struct request *request, const char *id);

extern const struct route draft_routes[], decision_routes[], award_routes[], certificate_routes[], metadata_routes[];
extern const struct constraint_problem decision_constraints[], award_constraints[], certificate_constraints[];
extern const struct duty award_duty; // of what is recorded of an award

#endif
