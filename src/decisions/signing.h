// The signature under a decision: what must hold at that moment, and what it does to awards and to the proposal.
#ifndef THIDUA_DECISIONS_SIGNING_H
#define THIDUA_DECISIONS_SIGNING_H

#include "decisions/decisions.sql.h"
#include "evaluations/evaluate.h"
#include "rounds/round.h"

struct sign_body {
    const char *number, *issued_by, *signed_on, *signed_by;
};

// On a worker's thread, inside the transaction of the request; what it points to lives as long as the request.
struct signing {
    // Of the caller.
    struct request *request;
    struct session *session;
    const char *id;
    struct sign_body body;
    struct decision_lock decision; // decision_signed() reads it again once it holds the proposal
    // Found on the way.
    struct evaluation evaluation;
    struct round round; // held alone: signers of one award year take turns, the second sees the first one's slots
};

// Signs the decision, whose row is locked. False with a problem recorded.
bool decision_signed(struct signing *signing, struct decision_now *ret_signed);

#endif
