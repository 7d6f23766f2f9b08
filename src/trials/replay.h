// POST /v1/evaluations/{id}/replay
#ifndef THIDUA_TRIALS_REPLAY_H
#define THIDUA_TRIALS_REPLAY_H

#include "http/request.h"

struct session;

struct reply replay_evaluation(struct request *request, struct session *session);

#endif
