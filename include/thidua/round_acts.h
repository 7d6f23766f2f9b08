// What may be done in an award round while it is in which state, and which acts move it on by themselves: one table of
// every act and every state. What is not of one round (units, scores, initiatives, discipline) asks for no round.
#ifndef THIDUA_ROUND_ACTS_H
#define THIDUA_ROUND_ACTS_H

enum { ROUND_STATES = 5 };

enum round_act {
    ROUND_CONFERENCE,
    ROUND_CONTESTANTS,
    ROUND_QUOTA,
    ROUND_REGISTERS,
    ROUND_PARAMETERS,
    ROUND_FINDINGS,
    ROUND_EVALUATION,
    ROUND_PLACES, // ties and overrides
    ROUND_DOSSIERS,
    ROUND_PROPOSAL_DRAFT,
    ROUND_PROPOSAL_SUBMIT,
    ROUND_PROPOSAL_BACK, // one that was submitted is returned or withdrawn
    ROUND_AWARD_DRAFT,
    ROUND_AWARD_SIGN,
    ROUND_AWARD_PUBLISH,
    ROUND_CHANGE_DRAFT, // of an award: a correction or a revocation
    ROUND_CHANGE_SIGN,
    ROUND_CHANGE_PUBLISH,
    ROUND_RESULT_TOLD,
    ROUND_ACTS
};

struct round_act_row {
    const char *name; // as openapi.yaml has it
    // In the order of round_states: NULL, not possible; "", possible; else the state to which it moves the round by
    // itself.
    const char *leads[ROUND_STATES];
    enum { FIRST_NOTHING, FIRST_SUBMIT, FIRST_SIGN } first; // in a state before those in which it is possible
    const char *instead_vi, *instead_en; // what may be done in a closed round in its place, if anything
};

// What has to come first, and how.
struct round_first {
    const char *vi, *en;
};
extern const struct round_first round_firsts[];
extern const struct round_act_row round_acts[ROUND_ACTS];

// NULL: not possible in that state.
const char *round_act_leads(enum round_act act, const char *state);

#endif
