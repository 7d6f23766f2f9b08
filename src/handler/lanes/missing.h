// A 404 says what was not found, where everybody may know what there is.
#ifndef THIDUA_HANDLER_LANES_MISSING_H
#define THIDUA_HANDLER_LANES_MISSING_H

#include "database/quick.h"
#include "http/request.h"

struct session;

// Completes the problem on the request, on a worker, outside of a transaction. NULL session: nothing can be said.
void missing_tell(struct request *request, struct session *session);
// The same on an event loop; then answers with the problem.
void refuse_telling(struct request *request, struct quick_lane *lane);

#endif
