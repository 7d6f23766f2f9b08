// Many single writes as one JSON body: {"findings": [{"unit_id": …, "contents": …}, …], …}, all or none.
//
// An item is the body of the single write, with what that one's path names ("unit_id") and the tag that its If-Match
// would name ("version"). What stands beside the list belongs to the body of each item. The answer holds what each
// single write would answer, with its tag as "version", in the order of the list: {"items": […]}.
#ifndef THIDUA_HANDLER_BULK_H
#define THIDUA_HANDLER_BULK_H

#include "handler/bulk/listed.h"
#include "http/request.h"

struct duty;
struct session;

enum { BULK_MOST = 1000 }; // items of one body

struct bulk {
    const char *list;    // the member of the route's body (`body` of its row) that holds the items
    const char *subject; // the member of an item that says what it is about: "unit_id", or another for listed.subject
    bool versions;       // an item may have a "version"
    bool yearly;         // "year" beside the list is what the single write's path names
    // Members beside the list that an item by its state does not fit: a fault of them is one of the item itself.
    const char *const *judged;
    // No two items have these members in common. NULL: the subject alone; empty: nothing is.
    const char *const *once;
    // An item may build on those before it. Else they are taken in the order of their subjects, so that two callers who
    // write the same things do not wait for one another.
    bool in_order;
    const struct duty *duty; // of the single write; the route's own says so
    // What all of them need, judged once: else every item would be refused for it. NULL: nothing.
    bool (*ready)(struct request *request, struct session *session, const char *campaign, const char *year);
    bool (*enter)(struct request *request, struct session *session, const struct listed *listed,
                  struct listed_made *ret_made);
    const struct listed_together *together; // where items bear on one another; NULL: they do not
    // What is answered of an item where a later one may change it: version and json, read once all are written. NULL:
    // as it was when it was written.
    bool (*show)(struct request *request, struct session *session, const struct listed *listed,
                 struct listed_made *ret_made);
    const char *location; // of the list that shows what was made; NULL: the path that was called
};

// The `act` of a route: reads the body, makes all of it, and answers. 201 where something is new.
struct reply bulk_write(struct request *request, struct session *session, const struct bulk *bulk);

#endif
