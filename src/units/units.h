// What the unit routes share: reading back, and changes over time.
#ifndef THIDUA_UNITS_H
#define THIDUA_UNITS_H

#include "http/route.h"
#include "units/units.sql.h"

extern const char *const unit_kinds[];
extern const struct column unit_columns[]; // of the list that shows them
extern const struct field code_item;       // {scheme, value}
extern const struct field unit_change_fields[], succession_fields[], succeeds_fields[], successions_fields[];
extern const struct duty succession_duty;

// PATCH: a dated change. POST …/successions: who takes over.
struct reply change_unit(struct request *request, struct session *session);
struct reply succeed_unit(struct request *request, struct session *session);
// The same of many, one after the other in the order of the list, so that a chain may be told from its start.
struct listed;
struct listed_made;
extern const struct field succession_file_fields[]; // of a row of a file
extern const struct column succession_columns[];    // of the list that shows them
struct reply succeed_units(struct request *request, struct session *session);
bool successions_listable(struct request *request, struct session *session, const char *campaign, const char *year);
bool succession_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made);
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
