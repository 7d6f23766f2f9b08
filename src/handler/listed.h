// One item of an import: a list of things that are made together, each as its single write would make it. A feature
// offers a function that makes one, `bool x_listed(request, session, listed, &resource)`, with the code, statements and
// constraints of the single write. No version is matched, so nothing that exists is written over.
#ifndef THIDUA_HANDLER_LISTED_H
#define THIDUA_HANDLER_LISTED_H

#include <jansson.h>

struct listed {
    const char *unit_id;         // whom it is about; NULL: the kind has another subject
    const char *subject;         // what it is about, where that is no unit
    const char *campaign, *year; // of the import, where its kind has them
    json_t *body;                // the single write's body, not yet checked (read_item)
};

#endif
