// The law that is data: what a campaign's plan says of bonuses (III.5).
#ifndef THIDUA_DECISIONS_LAW_H
#define THIDUA_DECISIONS_LAW_H

#include "http/request.h"

struct session;

// The bonus by the rule that is in force on `date` (YYYY-MM-DD): đồng, and its basis as JSON. `coefficient`: in
// hundredths, of a form of award, which the plan itself sets; -1: the plan's table of the law says.
bool bonus_in_force(struct request *request, struct session *session, const char *campaign, const char *date,
                    int64_t coefficient, long long *ret_vnd, const char **ret_basis);

#endif
