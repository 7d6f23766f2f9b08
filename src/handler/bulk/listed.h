// One item of a list of things that are made together: an import, or a bulk write. Each is made as its single write
// would make it. A feature offers a function that makes one, `bool x_listed(request, session, listed, &made)`, with the
// code, statements and constraints of the single write, and the same event.
#ifndef THIDUA_HANDLER_BULK_LISTED_H
#define THIDUA_HANDLER_BULK_LISTED_H

#include <jansson.h>
#include <stdbool.h>

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

// What came of it.
struct listed_made {
    const char *resource;       // where it lies
    const char *version, *json; // what the single write answers; an import has no use for it
    bool is_new;
};

#endif
