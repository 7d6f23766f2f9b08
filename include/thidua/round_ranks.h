// Ranks that criteria ask for: of every unit among those of its group or cluster in the round, as intervals while facts
// are open. A first pass over the round adds every unit, a second one judges by what came out.
#ifndef THIDUA_ROUND_RANKS_H
#define THIDUA_ROUND_RANKS_H

#include "thidua/standings.h"

enum rank_within { RANK_WITHIN_GROUP, RANK_WITHIN_CLUSTER };

struct rank_leaf {
    struct leaf leaf;
    struct standing_keys keys;
    enum rank_within within;
    int64_t at_most;
    size_t slot; // in unit_facts.ranks; set by criteria_compile()
};

struct round_ranks; // in its arena

// `policy`: of the rules' standings, which says in which group and cluster a unit is.
struct round_ranks *round_ranks_new(struct arena *arena, const struct rule_set *rules,
                                    const struct standing_policy *policy,
                                    const struct evaluation_parameters *parameters);
// Copies what it keeps.
void round_ranks_add(struct round_ranks *ranks, const struct unit_facts *facts);
// When all were added: works the intervals out, in O(n log n).
void round_ranks_settle(struct round_ranks *ranks);
// By rank slot, of the unit that was added in that turn, from 0; a best of 0 where it is in no group.
const struct rank_interval *round_ranks_of(const struct round_ranks *ranks, size_t turn);
// The turn of a unit, where units were added in the order of their ids; SIZE_MAX: it was not.
size_t round_ranks_turn(const struct round_ranks *ranks, const char *unit_id);

#endif
