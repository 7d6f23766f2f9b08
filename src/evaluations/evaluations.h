// Stored evaluations as the interface shows them.
#ifndef THIDUA_EVALUATIONS_EVALUATIONS_H
#define THIDUA_EVALUATIONS_EVALUATIONS_H

#include "http/request.h"

struct session;

// The standings of an evaluation, with labels: a new reference. False with a problem recorded.
bool evaluation_standings(struct request *request, struct session *session, const char *id, json_t **ret_json);

#endif
