// Contestants of an evaluation on their way to the standings, the same for running, reading and replaying one.
#ifndef THIDUA_EVALUATIONS_STORED_STANDING_ROWS_H
#define THIDUA_EVALUATIONS_STORED_STANDING_ROWS_H

#include "engine/json/standings_json.h"
#include "facts/rules.h"

struct contestants {
    struct arena *arena;
    const struct standing_policy *policy;
    const struct evaluation_parameters *parameters;
    struct contestant *items;
    size_t count, room;
};

// Copies what it keeps of the facts.
void contestants_add(struct contestants *contestants, const struct unit_facts *facts, enum overall_outcome overall);

// Names what is open of the contestant that was added last (contestant_name_open()).
void contestants_name_open(struct contestants *contestants, struct arena *scratch, const struct judged *judged);

// `inputs`: an evaluation's inputs (its member "standings" is read). False with faults where they do not fit.
bool standings_input_of(struct contestants *contestants, const json_t *inputs, struct rule_faults *faults,
                        struct standings_input *ret_input);

#endif
