// What an evaluation is made by beside rules, parameters and facts: the allocation, and what people decided.
#ifndef THIDUA_AWARDS_INPUTS_H
#define THIDUA_AWARDS_INPUTS_H

#include "http/request.h"

struct session;

// The member "standings" of an evaluation's inputs, as they stand now: a new reference. `clustered`: the rules compare
// inside clusters. False with a problem recorded.
bool standings_inputs(struct request *request, struct session *session, const char *campaign, const char *year,
                      int32_t cap, bool clustered, json_t **ret_json);
// Is anything allocated in them? Else only the cap holds (III.2.b).
bool inputs_allocated(const json_t *standings);

#endif
