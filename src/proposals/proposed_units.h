// Which units a proposal may name: those that the evaluation finds eligible and that have a sure place (III.1,
// III.2.b).
#ifndef THIDUA_PROPOSALS_PROPOSED_UNITS_H
#define THIDUA_PROPOSALS_PROPOSED_UNITS_H

#include "http/request.h"
#include "proposals/proposals.sql.h"

struct session;

// Names every unit that is barred. What the body itself gets wrong goes first: it decides what kind of problem it is.
void bar_units(struct request *request, struct session *session, const char *evaluation,
               const struct proposed_unit *units, size_t count);

// III.2.b: the newest standings of the round say who has a place, with what people decided against them since: an older
// evaluation knows nothing of later changes. A round too large to be ranked has no standings; there only the cap holds,
// when a decision is signed. `evaluation` is the one that the caller names, or NULL. Units that are barred already are
// not looked at.
bool have_sure_places(struct request *request, struct session *session, const char *campaign, const char *year,
                      const char *evaluation, const struct proposed_unit *units, size_t count);

#endif
