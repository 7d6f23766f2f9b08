// Ranks that criteria ask for, as part of an evaluation: of the whole round, they follow from its facts; where only
// some units are judged, they are among its inputs.
#ifndef THIDUA_EVALUATIONS_STORED_ROUND_RANKING_H
#define THIDUA_EVALUATIONS_STORED_ROUND_RANKING_H

#include "evaluations/stored/stored.h"
#include "thidua/round_ranks.h"

// Of the units that an evaluation found, from the facts stored with them or from its inputs (stored_inputs()); NULL
// where its rules ask for none. False with a problem recorded.
bool stored_ranks(struct stored_evaluation *evaluation, const struct round_ranks **ret_ranks);
// What a unit has of them, by rank slot; NULL: nothing is known.
const struct rank_interval *ranks_of_unit(struct arena *arena, const struct rule_set *rules,
                                          const struct round_ranks *ranks, const json_t *inputs, const char *unit_id);
// {"unit id": {"leaf id": [best, worst]}} of these units, or of all where there are none: a new reference.
json_t *ranks_json(const struct rule_set *rules, const struct round_ranks *ranks, const char *const *units,
                   size_t count);

#endif
