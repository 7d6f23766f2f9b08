// News of committed changes from every instance (LISTEN/NOTIFY): counters that caches compare, and subscribers.
//
// A cached value holds while its counter has not moved and the news are flowing. Read the counter before the query
// whose answer is cached: then no change that commits meanwhile is missed. When a day begins by the clock of
// PostgreSQL, all data count as changed.
#ifndef THIDUA_DATABASE_CHANGES_H
#define THIDUA_DATABASE_CHANGES_H

#include "database/session.h"

#include <stdbool.h>
#include <stdint.h>

enum change_topic { CHANGE_DATA, CHANGE_KEYS, CHANGE_TOPICS };

// The value to store beside a cached answer. 0 while the news are interrupted: then cache nothing and trust nothing.
uint64_t changes_seen(enum change_topic topic);
// The same, and only moved by changes of these kinds: the first words of types of events (journal/event.def), with
// blanks between, such as "award unit". NULL: of any kind.
uint64_t changes_seen_of(const char *kinds);
// Whether COMMITs wait for a synchronous standby that is away, as far as was seen in the last second: those of other
// instances too. What only reads is not held up.
bool changes_commits_wait(void);
// This instance committed a change. It takes effect here at once, before the news of it come back.
void changes_note(enum change_topic topic);
// The same of data, where it is known which kinds of events tell of the change.
void changes_note_of(const char *kinds);

// When a subscriber is called.
enum change_moment {
    CHANGE_COMMITTED, // this instance has committed a change; on the thread that did
    CHANGE_ARRIVED, // the news brought a change of any instance, or began or ceased to flow; on the thread of the news
    CHANGE_BACK,    // the news flow, at first or again: the server is there; on the same thread
};
enum { CHANGE_SUBSCRIBERS_MAX = 8 };
// From then on `wake` is called at that moment. It must not block, and is called until the program ends.
void changes_subscribe(enum change_moment moment, void (*wake)(void));

// Starts to follow the news, on a thread of its own.
bool changes_start(const struct session_options *options);
void changes_stop(void);

#endif
