// The event stream (server-sent events, WHATWG HTML section 9.2): one feed an event loop, which reads what is new once
// and hands it to all its listeners, however many. All on the loop's thread.
//
// A listener gets every event that it wants exactly in order from the number it names on (Last-Event-ID, or `after`);
// without one, from now on. A listener that does not read is dropped by the loop's deadline for sending; it comes back
// with Last-Event-ID and misses nothing.
#ifndef THIDUA_FEED_H
#define THIDUA_FEED_H

#include "database/quick.h"
#include "http/request.h"

struct feed;

struct feed *feed_new(struct quick_lane *lane);
// After quick_close, which answers what the feed has asked.
void feed_free(struct feed *feed);
// The end of a loop's turn. Milliseconds until it wants another by itself, -1 for never.
int feed_turn(struct feed *feed);
// Open streams of all loops; from any thread.
unsigned feed_listeners(void);

// `open` of the stream's route, whose read is event_position.
struct reply feed_open(struct request *request, const struct rows *rows);

#endif
