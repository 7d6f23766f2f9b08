// Many things written as one: all of them or none, and everything that is wrong with them named at once.
//
// At first without savepoints, for a list is mostly good and thousands of subtransactions cost every reader of the
// database. Where something is refused nothing will be kept anyway: then once more from the start, each thing in a
// savepoint of its own, to name whatever else is wrong. Where something is named already, so at once.
#ifndef THIDUA_HANDLER_BULK_WHOLE_H
#define THIDUA_HANDLER_BULK_WHOLE_H

#include "http/request.h"

struct session;

struct whole {
    const char *list; // the first part of the pointers to its things: "rows", "findings"
    size_t count;
    void *context;
    // Makes one; false with its problem alone on the request. What it takes is given back before the next, so it keeps
    // nothing in the request's arena.
    bool (*make)(struct request *request, struct session *session, void *context, size_t index);
    // Names what is wrong with it, by whole_fault(); request->problem holds what was named before. Says whether any of
    // it is kept.
    bool (*name)(struct request *request, void *context, size_t index, const struct problem *refused);
    void (*forget)(void *context); // what was made is undone
};

// Makes all of them, or false with every fault named in the order of the list.
bool whole_make(struct request *request, struct session *session, const struct whole *whole);

// One thing wrong with item `number` of the list: "/findings/3/contents". `member` NULL: with the item itself; "/x" is
// the pointer of something beside the list. A list that is refused for several kinds of problems is `invalid`.
struct whole_fault {
    enum problem_kind kind;
    const char *clause;
    long long number;
    const char *member;
    const char *code, *detail;
    const char *unit_id, *unit_label;
};
// Says whether it is among those that are named: the first by the order of the list are.
bool whole_fault(struct request *request, const char *list, const struct whole_fault *fault);
// Brings them into the order of the list. True if there is none.
bool whole_faultless(struct request *request, const char *list);

// A detail with the clause behind it.
const char *with_clause(struct request *request, const char *clause, const char *words);

#endif
