// How requests are worked on, each lane in a file: the parts of this layer for one another.
#ifndef THIDUA_HANDLER_LANES_WORK_H
#define THIDUA_HANDLER_LANES_WORK_H

#include "handler/lanes/loop.h"
#include "http/request.h"

struct session;

// ---- reads.c ----
// For routes that compute: answers from memory, or sees to it that what is computed is kept there. False: not there.
bool read_from_memory(struct request *request, struct loop_state *state);
void read_start(struct request *request, struct loop_state *state);
// Records that the service is busy or its database away.
void refuse_busy(struct request *request);
// The value of one source of a read's parameters (`read` in http/route.h), and the values of all its parameters.
const char *read_parameter(struct request *request, const char *source);
void read_parameters(struct request *request, const char *ret_values[]);
// What a read gives (tools/embed_statements.py): the only columns that are known by their place.
struct read_row {
    const char *body; // NULL: not found
    size_t length;
    const char *version, *next; // NULL: none
};
struct read_row read_row_of(const struct rows *rows);

// ---- export_file.c ----
// Answers with the list as a table where the caller's Accept asks for one: a file that a worker makes, in one snapshot.
// False: it does not.
bool export_start(struct request *request);

// ---- papers.c ----
// Answers with the route's paper where the caller's Accept asks for one. False: it does not.
bool paper_start(struct request *request);

// ---- writes.c ----
// Runs the route's `act` on a worker.
void write_start(struct request *request);
// Runs `act` instead of the route's own, in a transaction that only reads.
void compute_start(struct request *request, struct reply (*act)(struct request *request, struct session *session));

#endif
