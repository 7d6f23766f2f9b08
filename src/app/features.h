// The features of the service, and what the layers below are given of them.
#ifndef THIDUA_APP_FEATURES_H
#define THIDUA_APP_FEATURES_H

#include "handler/feature.h"

// Gives the layers below what the program brings: statements, migrations, and what each broken constraint means. Before
// any command runs.
void features_register(void);
// The route tables of all features, ended by NULL.
const struct route *const *features_routes(void);
// What the features keep on every event loop, ended by NULL.
void features_loop_parts(const struct loop_part *ret_parts[static LOOP_PARTS_MAX]);
// Offers the features' gauges to /metrics.
void features_offer_gauges(void);

#endif
