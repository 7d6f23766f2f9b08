// Evaluations that go on after the client has its answer (RFC 7240, respond-async).
#ifndef THIDUA_EVALUATIONS_BACKGROUND_H
#define THIDUA_EVALUATIONS_BACKGROUND_H

#include "evaluations/evaluate.h"

// Enters a RUNNING evaluation in the caller's transaction, and the caller records the event. Once the transaction is
// committed, a worker does what was ordered. False with a problem recorded.
bool background_start(struct request *request, struct session *session, const struct evaluation_order *order,
                      struct evaluation *ret_evaluation);

#endif
