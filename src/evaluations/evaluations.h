// Stored evaluations as the interface shows them.
#ifndef THIDUA_EVALUATIONS_EVALUATIONS_H
#define THIDUA_EVALUATIONS_EVALUATIONS_H

#include "http/request.h"

struct session;

// The standings of an evaluation, with labels: a new reference. False with a problem recorded.
bool evaluation_standings(struct request *request, struct session *session, const char *id, json_t **ret_json);
// Why it did not find the unit eligible, in the caller's language and for offices only: one sentence for each criterion
// that stands in the way, and for each question that keeps it open. `form`: the form of award that is asked about;
// NULL: any. False with a problem recorded.
bool evaluation_reasons(struct request *request, struct session *session, const char *id, const char *unit_id,
                        const char *form, const char **ret_text);
// A decision is published: units hear what is new in the evaluations of which they could not know until then (V.3).
// False with a problem recorded.
bool evaluations_tell(struct request *request, struct session *session, const char *decision);

#endif
