// What is kept for a time is forgotten when it is over: here, and by no write. One that sees one state of the data
// would be refused what another has taken away since, and run again.
#ifndef THIDUA_HANDLER_LANES_FORGET_H
#define THIDUA_HANDLER_LANES_FORGET_H

#include "database/session.h"

#include <stdbool.h>

// In a thread of its own, until forget_stop(). `options` are copied.
bool forget_start(const struct session_options *options);
void forget_stop(void);

#endif
