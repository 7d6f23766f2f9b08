// Where the units of evaluations stand, in memory: to tell it, all verdicts of one are read. An evaluation that is done
// never changes; what people decided on it since does, and is not kept.
#ifndef THIDUA_EVALUATIONS_STORED_KEPT_PLACES_H
#define THIDUA_EVALUATIONS_STORED_KEPT_PLACES_H

#include "evaluations/stored/places.h"

// A copy for the request, whose names hold as long as the request lasts. False: they are not in memory.
bool places_known(struct request *request, const char *evaluation_id, struct places *ret_places);
// Keeps a copy, for the next who asks.
void places_keep(const char *evaluation_id, const struct places *places);

#endif
