// One of a list of things that are made together, as its single write would make it. Features offer functions that make
// one (`bool x_listed(request, session, listed, &resource)`): the same code, statements and constraints as the single
// write, but with no version to match, so that what is there already is not written over.
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
