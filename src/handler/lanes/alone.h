// A request that no client sent: work for the command line, or work that goes on after the client has its answer.
#ifndef THIDUA_HANDLER_LANES_ALONE_H
#define THIDUA_HANDLER_LANES_ALONE_H

#include "http/request.h"

struct session;

void request_begin_alone(struct request *request, const char *id, const char *actor, unsigned roles);
// Releases what the request holds.
void request_end_alone(struct request *request);

// Runs `act` in one transaction whose statements all see one state of the data, again where the transaction failed only
// for being concurrent (handler/lanes/transaction.h). False with the problem on the request. What `act` allocates lives
// until request_end_alone().
bool run_alone(struct request *request, struct session *session,
               bool (*act)(struct request *request, struct session *session, void *context), void *context);

#endif
