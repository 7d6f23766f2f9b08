// A proposal as official papers.
#ifndef THIDUA_PROPOSALS_PAPER_H
#define THIDUA_PROPOSALS_PAPER_H

#include "http/request.h"

struct paper;
struct session;

// NULL with a problem recorded: there is no such proposal, or more nominees than a paper can list.
struct paper *proposal_as_paper(struct request *request, struct session *session);
// Its annex alone.
struct paper *summary_as_paper(struct request *request, struct session *session);

#endif
