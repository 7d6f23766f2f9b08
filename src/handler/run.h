// How a handler works inside its transaction: preconditions, scope, and one way to end a write.
//
// Every function that returns bool records one problem on the request when it returns false.
#ifndef THIDUA_HANDLER_RUN_H
#define THIDUA_HANDLER_RUN_H

#include "database/statement.h"
#include "http/request.h"

struct session;

// 404 where a `maybe` statement gave no row. Its result says so to compilers and analysers, as refuse() cannot.
static inline bool is_found(struct request *request, const void *row)
{
    if (row)
        return true;
    refuse(request, PROBLEM_NOT_FOUND, NULL);
    return false;
}

// From here on refusals name clauses as the campaign's plan prints them: `json` is its member "clauses", or NULL.
void clauses_of_plan(struct request *request, const char *json);

// The unit that the caller's key belongs to; NULL: none.
const char *caller_unit(const struct request *request);

// Refuses what asks for more than `most` of something, with both numbers. Always false.
bool too_much_work(struct request *request, uint64_t asked, uint64_t most, const char *what_vi, const char *what_en);
// Is the work on the request still within its memory and its time (handler/lanes/writes.c)? Loops whose length a caller
// chose ask this in every turn.
bool within_budget(struct request *request);

// If-Match, and If-None-Match, against the version of the row at hand: 428, 412.
bool version_is(struct request *request, const char *current);
// May a PUT create the record that is not there? 412 where If-Match wants one.
bool may_be_new(struct request *request);
// May a PUT write the record? `version` is that of the one that is there; NULL: there is none.
bool may_put(struct request *request, const char *version);
// The same for a part that is not there yet, where If-Match may be left out or name the version of the whole.
bool part_may_be_new(struct request *request, const char *whole);

// A new UUID (RFC 9562, version 4), for a resource that is named before PostgreSQL has made it: what makes it and what
// reads it back can travel together.
const char *new_id(struct request *request);

// The last question of a write: 401 where the caller's key was revoked while it was under way. A token holds for what
// was begun by it.
bool caller_holds(struct request *request, struct session *session);

// What happened to a resource, as the journal keeps it. Texts may be NULL but for type and resource.
struct event {
    const char *type;     // "unit.created"
    const char *resource; // "/v1/units/…"
    // What the next write has to match, where that is not the resource itself: the dossier of a document. The answer
    // bears its ETag.
    const char *whole;
    const char *unit_id; // whom it concerns
    const char *campaign, *year;
    const char *reason;
    const char *before, *after; // JSON; where `after` is NULL, created() and changed() take the JSON that they answer
    bool restricted;            // personal data: only MAY_READ_RESTRICTED reads it
    // What is answered is, word for word, what a GET of it gives this caller: it need not be read again for its ETag.
    bool read_alike;
};
// Appends an event to the journal in the handler's transaction. For writes that are more than one event; the last one
// goes with created(), changed() or removed().
bool record(struct request *request, struct session *session, struct event event);

// The same event of many units: [{"unit_id", "resource", "before", "after"}] as JSON. The event names none itself. One
// of them may have a "type" of its own.
bool record_each(struct request *request, struct session *session, struct event event, const char *units);

// The end of a write, in one call: records the event and answers with the resource as it now stands, and with the ETag
// that a GET of it gives (handler/validator.h). 201 with the event's resource as Location, 200, and 204.
struct reply created(struct request *request, struct session *session, struct event event, const char *version,
                     const char *json);
struct reply changed(struct request *request, struct session *session, struct event event, const char *version,
                     const char *json);
struct reply removed(struct request *request, struct session *session, struct event event);
// The same where a part of a resource is removed: 200 with what is left of the whole.
struct reply part_removed(struct request *request, struct session *session, struct event event, const char *version,
                          const char *json);
// The end of a write that finds everything as it is wanted: 200 with the resource, and nothing for the journal.
struct reply unchanged(struct request *request, struct session *session, const char *resource, const char *version,
                       const char *json);

// Answer of a LANE_COMPUTE route; `next` is the cursor of a list's next page, or NULL.
struct reply computed(struct request *request, const char *next, const char *json);
// Of JSON that is in the one spelling already, as its canonical form is. It has room for the line feed at its end.
// `etag`: of what it was made from; NULL: its bytes are digested.
struct reply computed_spelled(struct request *request, char *json, size_t length, const char *etag);

// Of writes. A caller with only the role `unit` may act on its own subtree alone, while its unit stands: 403 outside
// it.
bool within_scope(struct request *request, struct session *session, const char *unit_id);
// For what only the unit itself does: inside the subtree of the key's unit, whatever other roles the key has. 403
// outside it.
bool in_own_subtree(struct request *request, struct session *session, const char *unit_id);
// The unit is not the caller's: 403, which says whose key it takes. Always false.
bool refuse_outside_scope(struct request *request);
// A body that has ended acts through its successor (domain, section 8): 403. Always false.
bool refuse_ended_unit(struct request *request);

// A reason that the rules demand: 422 on `pointer` where it is missing.
bool reason_given(struct request *request, const char *reason, const char *pointer);

#endif
