// What each unit of a decision gets in money (III.5): by the plan's law, or by the form of its award.
#ifndef THIDUA_DECISIONS_BONUSES_H
#define THIDUA_DECISIONS_BONUSES_H

#include "http/request.h"

struct session;

// {unit id: {"vnd", "basis"}} as the statement takes it, of the units that `evaluation` judged when the decision was
// signed on `date`. False with a problem recorded.
bool decision_bonuses(struct request *request, struct session *session, const char *decision, const char *evaluation,
                      const char *campaign, const char *date, const char **ret_json);

#endif
