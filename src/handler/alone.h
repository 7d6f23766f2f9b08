// A request of our own: work that runs as a client's would, for the command line or after the client has its answer.
#ifndef THIDUA_HANDLER_ALONE_H
#define THIDUA_HANDLER_ALONE_H

#include "http/request.h"

struct session;

void request_begin_alone(struct request *request, const char *id, const char *actor, unsigned roles);
// Releases what it holds; of the caller's only copies were kept.
void request_end_alone(struct request *request);

// `act` in one transaction whose statements all see one state, run again where it failed only for being concurrent.
// False with the problem on the request. What it allocates lives until request_end_alone().
bool run_alone(struct request *request, struct session *session,
               bool (*act)(struct request *request, struct session *session, void *context), void *context);

#endif
