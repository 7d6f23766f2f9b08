// What a request holds once its work is done.
#ifndef THIDUA_HANDLER_LANES_LIGHTEN_H
#define THIDUA_HANDLER_LANES_LIGHTEN_H

#include "http/request.h"

// Releases all that was allocated since the mark, and deferred since `kept`, but for what answers: who takes an answer
// slowly would hold what the work took, and a worker has long begun the next one. A long answer goes into a file, so
// that those have a bound together. Where there is no room for it, a request that changed nothing is refused.
struct reply lighten(struct request *request, struct reply reply, struct arena_mark mark, const struct deferred *kept);

#endif
