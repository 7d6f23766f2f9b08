// Separation of duties (domain, section 1): nobody appraises, scores or decides on their own unit, nor on what competes
// with it where that would help it. What a write bears on stands in the route table (struct duty in http/route.h).
//
// A unit is the caller's own where the unit of the key or token is that unit, lies below it or is part of it, or was so
// on any day since the award year began (own_units in SQL). A caller that belongs to no unit has no unit of its own.
#ifndef THIDUA_HANDLER_DUTY_H
#define THIDUA_HANDLER_DUTY_H

#include "http/request.h"

struct duty;
struct listed;
struct session;

// Of the request's route, before `act`: 403 where the caller has a stake.
bool route_duty_kept(struct request *request, struct session *session);
// Of an item of an import, whose subject and body stand for the path and the body of the single write.
bool listed_duty_kept(struct request *request, struct session *session, const struct duty *duty,
                      const struct listed *listed);

#endif
