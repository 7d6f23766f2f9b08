// Where the units of an evaluation stand, without the reasons: what a board shows of its standings.
#ifndef THIDUA_EVALUATIONS_STORED_PLACES_H
#define THIDUA_EVALUATIONS_STORED_PLACES_H

#include "evaluations/stored/stored.h"

// Who is compared with one another: a group, or a cluster of it.
struct place_group {
    const char *name, *cluster; // NULL: of the whole group
    size_t form;                // of award
};
struct place {
    const char *unit_id;
    uint32_t group;                          // among the groups; their count: in none
    uint32_t rank;                           // 0: none is shown
    enum standing_status computed, in_force; // what people decided on this evaluation is in force
};
struct places {
    struct place *items; // of one form of award after another, of each by unit
    size_t forms, units;
    const struct place_group *groups;
    size_t group_count;
};

// False with a problem recorded, as where nobody was ranked. Of an evaluation that was asked for lately, they are in
// memory, and nothing is read but what people decided.
bool stored_places(struct stored_evaluation *evaluation, struct places *ret_places);
// Of several forms, the highest that the unit has or may have; NULL: it is not among them.
const struct place *place_of_unit(const struct places *places, const char *unit_id);

#endif
