// When keys were last used: noted on the loops in memory and written behind, at most about once in an interval for each
// key. No request waits for it, none fails by it, and the journal hears nothing of it.
#ifndef THIDUA_KEYS_USES_H
#define THIDUA_KEYS_USES_H

#include "database/session.h"

#include <stdbool.h>
#include <stdint.h>

bool key_uses_start(const struct session_options *options, unsigned interval_seconds);
void key_uses_stop(void); // writes what is left

// The key is in use now. `noted` is the caller's memory of when it last said so, 0 at first: within an interval nothing
// is done. From any thread, without waiting: what another thread is in the way of is noted by the key's next use.
void key_use_note(const char *key_id, int64_t *noted);

#endif
