// Life cycles as constant tables: which action leads from which state to which, who may take it, and what it means in
// words. The same table answers "may I?" and "what may I do instead?", and makes the documentation.
#ifndef THIDUA_LIFE_CYCLE_H
#define THIDUA_LIFE_CYCLE_H

#include <stdbool.h>
#include <stddef.h>

#include "thidua/roles.h"

struct transition {
    const char *from;
    const char *action; // a verb in the imperative, as the interface names it
    const char *to;
    const char *event; // what the journal calls the step, a past participle: "dossier.accepted"
    unsigned roles;    // bits of enum role: who may do it
    bool needs_reason; // the action is refused without a written reason
    const char *sentence_vi;
    const char *sentence_en;
};

struct life_cycle {
    const char *name;          // "dossier"
    const char *created;       // what the journal calls the making of a new one; NULL where that is no single event
    const char *const *states; // the one of a new one first; ended by NULL
    const struct transition *transitions;
    size_t count;
};

// Section 5 of the domain: the nominator's package. To accept one that came late (III.4.a) is an action of its own,
// `accept_late`, because it needs a reason from Sở Nội vụ. The statement that reads the dossier says which of both is
// open.
extern const struct life_cycle dossier_life_cycle;
// Section 4: the self-scored and appraised card. APPROVED and PUBLISHED bind for III.1.b.
extern const struct life_cycle scorecard_life_cycle;
// III.4.b: Sở Nội vụ's submission to the Chair.
extern const struct life_cycle proposal_life_cycle;
// Section 5: a signed decision never changes; it is corrected or revoked by a new one.
extern const struct life_cycle decision_life_cycle;
// Section 3: the time line of an award year.
extern const struct life_cycle round_life_cycle;
// III.1.c: recognition by the provincial Initiative Council.
extern const struct life_cycle initiative_life_cycle;
// Investigation, inspection or complaint: while OPEN the unit's award waits.
extern const struct life_cycle proceedings_life_cycle;
// III.1.d: whether a disciplinary decision still bars.
extern const struct life_cycle discipline_life_cycle;

// Their states, for the filters of lists.
extern const char *const dossier_states[];
extern const char *const scorecard_states[];
extern const char *const proposal_states[];
extern const char *const decision_states[];
extern const char *const round_states[];
extern const char *const initiative_states[];
extern const char *const proceedings_states[];
extern const char *const discipline_states[];

// The transition that `action` makes from the state `from`, or NULL.
const struct transition *life_cycle_find(const struct life_cycle *cycle, const char *from, const char *action);

// The way out of a state: steps through the transitions from `from`. Start with NULL; returns NULL after the last.
const struct transition *life_cycle_next(const struct life_cycle *cycle, const char *from,
                                         const struct transition *previous);

#endif
