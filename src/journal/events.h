// The journal as CloudEvents: what happened, and whom it concerns.
//
// An event names a resource, never its content, so that nothing confidential travels with it; and where even the
// existence of a resource is confidential, its events go only to those who may read it. Callers without a key see what
// happens to published data.
#ifndef THIDUA_EVENTS_H
#define THIDUA_EVENTS_H

#include "http/request.h"

struct event_row;      // journal/events.sql
struct event_position; // the same

// What a caller wants of them; NULL: everything.
struct event_filter {
    const char *type, *campaign, *unit_id;
};
// Out of the request's query.
struct event_filter event_filter_of(const struct request *request);

// Is there such an event, or nothing before it? Else a refusal is recorded: whoever goes on from a number that there is
// not yet would miss what comes up to it, and one that there is no more tells of what has not happened.
bool position_holds(struct request *request, const char *pointer, const struct event_position *position);

// May the caller hear of it?
bool event_known(const struct caller *caller, const struct event_row *event);
// The same, and does it pass the filter?
bool event_wanted(const struct caller *caller, const struct event_filter *filter, const struct event_row *event);

#endif
