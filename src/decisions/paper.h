// A decision as an official paper.
#ifndef THIDUA_DECISIONS_PAPER_H
#define THIDUA_DECISIONS_PAPER_H

#include "http/request.h"

struct paper;
struct session;

// NULL with a problem recorded: the caller may not see the decision, or there is none.
struct paper *decision_as_paper(struct request *request, struct session *session);

#endif
