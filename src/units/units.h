// What the unit routes share: reading back, and changes over time.
#ifndef THIDUA_UNITS_H
#define THIDUA_UNITS_H

#include "http/route.h"
#include "units/units.sql.h"

extern const char *const unit_kinds[];
extern const struct column unit_columns[]; // of the list that shows them
extern const struct field code_item;       // {scheme, value}
extern const struct field unit_change_fields[], succession_fields[], succeeds_fields[];

// PATCH: a dated change. POST …/successions: who takes over.
struct reply change_unit(struct request *request, struct session *session);
struct reply succeed_unit(struct request *request, struct session *session);
// DELETE: one that was entered by mistake.
struct reply withdraw_unit(struct request *request, struct session *session);

// The unit as it is shown on a day, or today (NULL). 404 where there is no such unit.
bool unit_on(struct request *request, struct session *session, const char *id, const char *day,
             const struct unit_get **ret_unit);

// For POST /v1/units with `succeeds`: before the new unit is there, its predecessors end and free their codes; once it
// is there, they are recorded as its predecessors.
struct succeeding;
bool succeeding_begin(struct request *request, struct session *session, struct succeeding **ret_succeeding);
bool succeeding_end(struct request *request, struct session *session, const struct succeeding *succeeding,
                    const char *id);

#endif
