// What a nominator is told of its nominees.
#ifndef THIDUA_PROPOSALS_RESULTS_H
#define THIDUA_PROPOSALS_RESULTS_H

#include "http/request.h"

struct paper;
struct session;

// As JSON: {…, "items"}. Beside the interface's members it holds what a paper calls things ("wording", "nominator",
// items' "printed"). NULL with one problem recorded.
json_t *results_gathered(struct request *request, struct session *session);
// The notice (Thông báo), from them.
struct paper *results_as_paper(struct request *request, struct session *session);

#endif
