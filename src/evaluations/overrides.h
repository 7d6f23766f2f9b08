// What people decided of places in standings, beside what the engine computed.
#ifndef THIDUA_EVALUATIONS_OVERRIDES_H
#define THIDUA_EVALUATIONS_OVERRIDES_H

#include "http/request.h"

struct session;

// Puts the newest override of each unit into standings as they are shown (evaluations.h): of those recorded on
// `evaluation`, or, where it is NULL, of all of the round.
bool overrides_show(struct request *request, struct session *session, const char *campaign, const char *year,
                    const char *evaluation, json_t *standings);
// Does the newest override of each unit of a decision, where there is one, let it be awarded? Else a problem.
bool may_sign_overrides(struct request *request, struct session *session, const char *decision);
// The unit's row in them, or NULL; `form`: where the plan has forms of award, of which, else NULL.
const json_t *standing_of(const json_t *standings, const char *unit_id, const char *form);
// Where the standings are of forms, whether it is one of theirs; where they are not, whether it is NULL. Else a problem
// at the pointer.
bool form_is_named(struct request *request, const json_t *standings, const char *form, const char *pointer);
// The status that counts in a row: the decided one, else the computed one.
const char *standing_in_force(const json_t *item);

#endif
