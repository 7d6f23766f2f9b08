// The event stream (server-sent events, WHATWG HTML section 9.2): one feed an event loop, which reads what is new once
// and hands it to all its listeners, however many. All on the loop's thread.
//
// A listener gets every event that it wants exactly in order from the number it names on (Last-Event-ID, or `after`);
// without one, from now on. A listener that does not read is dropped by the loop's deadline for sending; it comes back
// with Last-Event-ID and misses nothing.
#ifndef THIDUA_FEED_H
#define THIDUA_FEED_H

#include "handler/lanes/loop.h"
#include "http/request.h"

extern const struct loop_part feed_part;

// Wakes the loops for their listeners whenever news arrive.
bool feed_start(void);
// Open streams of all loops; from any thread.
unsigned feed_listeners(void);

// `open` of the stream's route, whose read is event_position.
struct reply feed_open(struct request *request, const struct rows *rows);

#endif
