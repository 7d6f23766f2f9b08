// One item of a list of things that are made together: an import, or a bulk write. Each is made as its single write
// would make it. A feature offers a function that makes one, `bool x_listed(request, session, listed, &made)`, with the
// code, statements and constraints of the single write, and the same event.
#ifndef THIDUA_HANDLER_BULK_LISTED_H
#define THIDUA_HANDLER_BULK_LISTED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct request;
struct session;

enum { VERSION_MOST = 100 }; // characters of a tag

struct listed {
    const char *unit_id;         // whom it is about; NULL: the kind has another subject
    const char *subject;         // what it is about, where that is no unit
    const char *campaign, *year; // of the whole list, where its kind has them
    // The tag of what is there, as If-Match names it: while the item is made, it is request->if_match. NULL: nothing
    // that exists is written over.
    const char *version;
    json_t *body; // the single write's body, not yet checked (read_item)
};

// What an item is about by those members, for one that repeats another. As they came, and so only as good as they are;
// UUIDs are alike whatever their case. NULL: it lacks one of them.
const char *listed_key(struct request *request, const char *const *members, const json_t *item);

// What came of it.
struct listed_made {
    const char *resource;       // where it lies
    const char *version, *json; // what the single write answers; an import has no use for it
    bool is_new;
};

// A whole list of things that are about units.
struct listing {
    const char *campaign, *year; // where its kind has them
    const char *const *units;    // by place; NULL: what stands there is no id
    size_t count;
    const void *before; // what `begin` keeps for `end`
};

// Where the things of a list bear on one another, such as on their ranks, to read them one by one would cost each the
// work of all. So `enter` only writes: what they were is read once before the first, and what became of them is read,
// told to the journal and answered once after the last.
struct listed_together {
    bool (*begin)(struct request *request, struct session *session, struct listing *listing);
    // `ret_made`, by place: version and json of each. NULL: nobody asks.
    bool (*end)(struct request *request, struct session *session, const struct listing *listing,
                struct listed_made *ret_made);
};

#endif
