// One way to take a step of a life cycle (include/thidua/life_cycle.h) for a caller.
#ifndef THIDUA_HANDLER_STEP_H
#define THIDUA_HANDLER_STEP_H

#include "http/input/body.h"
#include "http/request.h"
#include "thidua/life_cycle.h"

// The transition that `action` makes from `state`. NULL with one problem recorded where there is none: 409 names the
// actions that are possible, 403 the roles that may, 422 says that the step needs a reason.
const struct transition *step_allowed(struct request *request, const struct life_cycle *cycle, const char *state,
                                      const char *action, const char *reason);

#endif
