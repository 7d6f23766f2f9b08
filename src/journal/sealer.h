// The sealer gives committed journal rows their gapless number and their link in the hash chain, and tells all
// instances that data changed. One at a time over all instances (advisory lock); each has one that tries.
#ifndef THIDUA_JOURNAL_SEALER_H
#define THIDUA_JOURNAL_SEALER_H

#include "database/session.h"

#include <stdbool.h>

// Seals whenever something was committed here, and what other instances left.
bool sealer_start(const struct session_options *options);
// Seals what is left, then ends.
void sealer_stop(void);
// Committed rows not yet sealed when the sealer last looked.
long long sealer_lag(void);
// Since it last found everything sealed.
double sealer_lag_seconds(void);

#endif
