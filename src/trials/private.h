// What the files of this folder share with one another alone.
#ifndef THIDUA_TRIALS_PRIVATE_H
#define THIDUA_TRIALS_PRIVATE_H

#include "http/route.h"

extern const struct route impact_routes[], replay_routes[], what_if_routes[];

#endif
