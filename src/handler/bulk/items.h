// A bulk write under way, for the files that put its items in order, make them, and name what is wrong with them.
#ifndef THIDUA_HANDLER_BULK_ITEMS_H
#define THIDUA_HANDLER_BULK_ITEMS_H

#include "handler/bulk/bulk.h"

struct field;
struct problem;

struct bulk_items {
    const struct bulk *bulk;
    const struct field *item; // of the route's body
    json_t *shared;           // what stands beside the list
    const json_t *items;      // as they came
    const size_t *turns;      // in which order they are taken
    const long long *repeats; // the item before that has the same key; -1: none
    struct listing listing;   // where they bear on one another
    json_t *made;             // what is answered, by place
    bool is_new;              // some of it
};

// ---- order.c ----
// Finds the turns of the items and which of them repeat one another.
void items_put_in_order(struct request *request, struct bulk_items *items);
// The members that no two items have in common; `only` is room for the subject alone.
const char *const *items_key_members(const struct bulk *bulk, const char *only[static 2]);

// ---- refused.c ----
// The refusal of a single write as what is wrong with an item: `name` of struct whole.
bool items_name_refused(struct request *request, void *context, size_t index, const struct problem *refused);

#endif
