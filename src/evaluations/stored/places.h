// Where the units of an evaluation stand, without the reasons: what a board shows of its standings.
#ifndef THIDUA_EVALUATIONS_STORED_PLACES_H
#define THIDUA_EVALUATIONS_STORED_PLACES_H

#include "evaluations/stored/stored.h"

struct place {
    const char *unit_id;
    const char *group, *cluster;             // NULL: in none
    int64_t rank;                            // 0: none is shown
    enum standing_status computed, in_force; // what people decided on this evaluation is in force
};
struct places {
    struct place *items; // of one form of award after another, of each by unit
    size_t forms, units;
};

// False with a problem recorded, as where nobody was ranked.
bool stored_places(struct stored_evaluation *evaluation, struct places *ret_places);
// Of several forms, the highest that the unit has or may have; NULL: it is not among them.
const struct place *place_of_unit(const struct places *places, const char *unit_id);

#endif
