// The shape of a list: which of its parameters a caller gives. Most are filters, and its SQL asks of each of them
// `$3::unit_kind IS NULL OR kind = $3`. PostgreSQL cannot know whether the one plan that it keeps of that will be given
// a cursor or a filter, and makes one that reads the list from its beginning for every page. So each shape is planned
// for itself, from a text in which those questions are answered. How long a page may be stands in it too: without that
// number PostgreSQL expects a tenth of the list, and may prefer to read and sort all of it.
#ifndef THIDUA_DATABASE_SHAPE_H
#define THIDUA_DATABASE_SHAPE_H

#include "database/private.h"

struct shape {
    const struct statement *statement;
    unsigned given; // bit n: $(n + 1) has a value
    unsigned limit; // the most items of a page; 0: not known
    unsigned
        rights; // bit n: the caller has the right that $(n + 1) asks for; others' lists begin with what they may see
};

struct shape shape_of(const struct statement *statement, const char *const values[]);
// Its text, where no other value of a caller's stands; NULL: out of memory. The caller frees it. `ret_used`: as
// `given`, the parameters that are left in it.
char *shape_text(const struct shape *shape, unsigned *ret_used);

// Does one plan of it serve any values? Of a filter's value it depends which way is short: PostgreSQL would keep a plan
// for what is usual, and walk a journal of millions for a type that nothing has.
bool shape_plan_lasts(const struct shape *shape);

// Runs it once, planned anew for its values.
bool shape_run(PGconn *connection, const struct shape *shape, const char *const values[]);

// What a connection keeps plans of. Other shapes are planned whenever they are read.
enum { SHAPES_MAX = 32 };
struct shapes {
    struct shape places[SHAPES_MAX]; // prepared as "shape_0" and so on; without a statement: not prepared
};
// In pipeline mode. `ret_preparing`: the place for which it is prepared first, which has an answer of its own.
bool shapes_send(struct shapes *shapes, PGconn *connection, const struct statement *list, const char *const values[],
                 struct shape **ret_preparing);
// It was not prepared: the place is free again.
void shape_forget(struct shape *place);

#endif
