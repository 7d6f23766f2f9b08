// One way to take a step of a life cycle (include/thidua/life_cycle.h) for a caller.
#ifndef THIDUA_HANDLER_STEP_H
#define THIDUA_HANDLER_STEP_H

#include "http/input/body.h"
#include "http/request.h"
#include "thidua/life_cycle.h"

// The transition that `action` makes from `state`. Refused: 409 naming the actions that are possible, 403 naming the
// roles that may, 422 where the step needs a reason. Records one problem and returns NULL then.
const struct transition *step_allowed(struct request *request, const struct life_cycle *cycle, const char *state,
                                      const char *action, const char *reason);

#endif
