// The dossiers of a proposal's units go along with it (domain, section 5), each with its row in the journal.
#ifndef THIDUA_PROPOSALS_PROPOSED_DOSSIERS_H
#define THIDUA_PROPOSALS_PROPOSED_DOSSIERS_H

#include <stdbool.h>

struct request;
struct session;

enum dossiers_step {
    DOSSIERS_PROPOSED,   // ACCEPTED → IN_PROPOSAL
    DOSSIERS_TAKEN_BACK, // IN_PROPOSAL → ACCEPTED, but not where another proposal holds a nominee, submitted or decided
    DOSSIERS_DECIDED,    // IN_PROPOSAL → DECIDED, once the decision is published
};

// May the proposal be submitted? Holds its dossiers until the transaction ends; all of them must be accepted.
bool may_submit_dossiers(struct request *request, struct session *session, const char *proposal);
// May the decision be signed? None of its units' dossiers has been taken back meanwhile.
bool may_sign_dossiers(struct request *request, struct session *session, const char *decision);
// `reason`: that of the proposal's own step, kept where the step of a dossier needs one.
bool dossiers_follow(struct request *request, struct session *session, const char *proposal, enum dossiers_step step,
                     const char *reason);
// A decision on the proposal is signed, and not yet published: nothing tells its nominees from others before the Chair.
bool dossiers_conceal(struct request *request, struct session *session, const char *proposal);

#endif
