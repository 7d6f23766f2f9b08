// The journal as CloudEvents: what happened, and whom it concerns.
//
// An event names a resource, never its content, so that nothing confidential travels with it; and where even the
// existence of a resource is confidential, its events go only to those who may read it. Callers without a key see what
// happens to published data.
#ifndef THIDUA_EVENTS_H
#define THIDUA_EVENTS_H

#include "http/request.h"

struct event_row; // journal/events.sql

// What a caller wants of them; NULL: everything.
struct event_filter {
    const char *type, *campaign, *unit_id;
};
// Out of the request's query.
struct event_filter event_filter_of(const struct request *request);

// Records that the caller goes on from an event that there is not (yet): it would miss what comes up to that number.
bool refuse_ahead(struct request *request, const char *pointer, long long head);

// May the caller hear of it?
bool event_known(const struct caller *caller, const struct event_row *event);
// The same, and does it pass the filter?
bool event_wanted(const struct caller *caller, const struct event_filter *filter, const struct event_row *event);

#endif
