// Where HTTP and PostgreSQL meet: identifies callers, answers reads on the quick lane, runs writes on the workers.
#ifndef THIDUA_APP_SERVICE_H
#define THIDUA_APP_SERVICE_H

#include "app/settings.h"

#include <stdbool.h>

// Starts the workers, the sealer of the journal, the news of changes and the HTTP side. `url` is the application's.
bool service_start(const struct settings *settings, const char *url);
// Lets what is under way end, then stops everything.
void service_stop(void);

#endif
