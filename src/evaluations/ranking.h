// The first pass of an evaluation whose criteria ask for ranks: over the whole round, whatever is judged of it.
#ifndef THIDUA_EVALUATIONS_RANKING_H
#define THIDUA_EVALUATIONS_RANKING_H

#include "evaluations/stored/round_ranking.h"
#include "facts/round_facts.h"

// `facts` says of which round, with which changes on trial; it is not read from. False with a problem recorded.
bool rank_round(const struct round_facts *facts, const struct evaluation_parameters *parameters,
                const struct round_ranks **ret_ranks);

#endif
