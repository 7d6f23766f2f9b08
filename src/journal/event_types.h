// The types of events, and who hears of each (event.def).
#ifndef THIDUA_EVENT_TYPES_H
#define THIDUA_EVENT_TYPES_H

#include "http/route.h"

#include <stdbool.h>

#define EVENT_CONCERNED (MAY_READ_RESTRICTED | ROLE_UNIT) // with the role `unit` alone, only one's own subtree
#define EVENT_JUDGED    (1U << 31) // what is restricted of it is for the initiative council too, which judges it

// As the feed names them, "thidua.unit.created", and as the journal does, "unit.created"; sorted, ended by NULL.
extern const char *const event_types[];
extern const char *const journal_types[];

// Who hears of events of a type, unless the journal marks them as restricted.
unsigned event_audience(const char *type);
// Does any type fit "thidua.dossier.lodged", or a beginning such as "thidua.dossier.*"?
bool event_type_known(const char *wanted);

#endif
