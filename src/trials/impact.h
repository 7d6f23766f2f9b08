// POST /v1/criteria-sets/{name}/{version}/impact: which past verdicts would be others by these rules.
#ifndef THIDUA_TRIALS_IMPACT_H
#define THIDUA_TRIALS_IMPACT_H

#include "evaluations/stored/stored.h"

#include "thidua/facts_translation.h"

enum { IMPACT_ROUNDS_MOST = 100, IMPACT_FLIPS_MOST = 200 };

// One stored evaluation judged again from its own facts by other rules.
struct impact {
    struct request *request;
    struct session *session;
    const struct rule_set *rules;         // the new ones
    struct stored_evaluation evaluation;  // by the old ones
    struct facts_translation translation; // of its facts
    struct evaluation_parameters parameters;
    const size_t *criteria; // by the new slot: the old one with that id; SIZE_MAX: there was none
    size_t verdicts, flipped, criteria_only;
    size_t flips[OVERALL_PENDING + 1][OVERALL_PENDING + 1];
    json_t *missing; // what the stored facts and parameters do not hold of what the new rules declare
    json_t *shown;   // flips, over all evaluations
};

// False with a problem recorded. `ret_covered`: the new rules are for the year at all; else nothing was judged.
bool impact_of(struct impact *impact, const char *evaluation, bool *ret_covered);

#endif
