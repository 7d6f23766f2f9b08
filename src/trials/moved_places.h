// Whose place in the standings would be another.
#ifndef THIDUA_TRIALS_MOVED_PLACES_H
#define THIDUA_TRIALS_MOVED_PLACES_H

#include "http/request.h"

struct session;

// Between the standings of two evaluations: a new reference. False with a problem recorded.
bool moved_places(struct request *request, struct session *session, const char *before, const char *after,
                  json_t **ret_json);

#endif
