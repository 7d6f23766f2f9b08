// Attempts to connect that are made side by side.
#ifndef THIDUA_DATABASE_REACH_ATTEMPTS_H
#define THIDUA_DATABASE_REACH_ATTEMPTS_H

#include "database/private.h"

// HEAD_START_MS: the order of hosts says which is wanted, so each has some time before the next one is asked too. A
// host that is only slow goes on beside it. HOST_MS: as connect_options.host_ms where that is 0.
enum { ATTEMPTS_MAX = 16, HEAD_START_MS = 500, HOST_MS = 3000 };

struct attempts {
    const struct connect_options *options;
    struct hosts at[ATTEMPTS_MAX]; // one host each, in the order in which they are asked
    unsigned count;
    bool as_it_stands; // instead of those one attempt, at what the connection string says
};

// Waits for the first that is made; where none is, gives the one whose server said why. NULL: there was none, or the
// process ends. The caller closes it in any case.
PGconn *attempts_make(const struct attempts *attempts);

#endif
