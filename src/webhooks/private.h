// What the files of this folder share with one another alone.
#ifndef THIDUA_WEBHOOKS_PRIVATE_H
#define THIDUA_WEBHOOKS_PRIVATE_H

#include "handler/constraints.h"
#include "http/route.h"

extern const struct route webhook_routes[], delivery_routes[];
extern const struct constraint_problem webhook_constraints[];

#endif
