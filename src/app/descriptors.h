// How many descriptors the service needs, and what the limit of open files leaves for clients.
#ifndef THIDUA_APP_DESCRIPTORS_H
#define THIDUA_APP_DESCRIPTORS_H

#include "app/settings.h"

#include <stdbool.h>

// Raises the limit as far as the system grants, and bounds `settings->connections` by it. False after one log line:
// it does not suffice.
bool descriptors_plan(struct settings *settings);

#endif
