// News of committed changes from every instance (LISTEN/NOTIFY), as counters that caches compare.
//
// A cached value is good while the counter it was read under has not moved and the news are flowing. The counter is
// read before the query whose answer is cached, so a change that commits meanwhile is never missed.
#ifndef THIDUA_DATABASE_CHANGES_H
#define THIDUA_DATABASE_CHANGES_H

#include "database/session.h"

#include <stdbool.h>
#include <stdint.h>

enum change_topic { CHANGE_DATA, CHANGE_KEYS, CHANGE_TOPICS };

// The value to store beside a cached answer; 0 while the news are interrupted: cache nothing, trust nothing.
uint64_t changes_seen(enum change_topic topic);
// This instance committed a change: takes effect at once, before the news come back.
void changes_note(enum change_topic topic);

// `news` is called after counters moved, on a thread of its own: it must not block.
bool changes_start(const struct session_options *options, void (*news)(void));
void changes_stop(void);

#endif
