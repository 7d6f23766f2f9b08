// The signature under a decision: what must hold at that moment, and what it does to awards and to the proposal.
#ifndef THIDUA_DECISIONS_SIGNING_H
#define THIDUA_DECISIONS_SIGNING_H

#include "evaluations/evaluate.h"

struct rows;

struct sign_body {
    const char *number, *signed_on, *signer;
};

// On a worker's thread, inside the transaction of the request; what it points to lives as long as the request.
struct signing {
    // Of the caller.
    struct request *request;
    struct session *session;
    const char *id;
    struct sign_body body;
    // Found on the way.
    const char *kind, *campaign, *year, *subject_id, *proposal_id, *submitted_on;
    struct evaluation evaluation;
};

// Signs the decision whose row, locked by decision_lock, is `*decision`: read anew once its proposal is held. False
// with a problem recorded. `ret_signed`: version and JSON.
bool decision_signed(struct signing *signing, struct rows **decision, struct rows **ret_signed);

#endif
