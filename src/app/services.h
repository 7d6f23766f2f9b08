// What runs in the background while the program serves: one table, walked forwards to start and backwards to stop.
#ifndef THIDUA_APP_SERVICES_H
#define THIDUA_APP_SERVICES_H

#include "app/command/place.h"

#include <stdbool.h>

// Starts every service, the HTTP server last. Where one fails, the log says which, and those before it are stopped
// again.
bool services_start(struct place *place);
// Lets what is under way end, then stops every service.
void services_stop(struct place *place);

#endif
