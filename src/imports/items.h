// A file's rows as the things they stand for.
#ifndef THIDUA_IMPORT_ITEMS_H
#define THIDUA_IMPORT_ITEMS_H

#include "handler/bulk/listed.h"
#include "imports/imports.h"

struct import_item {
    struct listed listed;
    const json_t *rows; // the numbers of its rows: the first, then one for each member of its list
    size_t place;       // among the things as the file has them
};

struct import_items {
    struct import_item *items;
    size_t count;
};

// Reads the file and finds the units that it names: the things of its good rows, with what is wrong with the others
// recorded. False where that is all that can be said.
bool import_items_of(struct request *request, struct session *session, const struct import_kind *kind,
                     struct import_items *ret_items);

#endif
