// A decision as an official paper.
#ifndef THIDUA_DECISIONS_PAPER_H
#define THIDUA_DECISIONS_PAPER_H

#include "http/request.h"
#include "paper/metadata.h"

struct paper;
struct session;

// NULL with a problem recorded: the caller may not see the decision, or there is none.
struct paper *decision_as_paper(struct request *request, struct session *session);
// What document systems ask of it. False with a problem recorded.
bool decision_metadata(struct request *request, struct session *session, struct paper_metadata *ret_metadata);

#endif
