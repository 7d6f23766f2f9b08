// What bars a decision for good. A draft that could never be signed is refused when it is made.
#ifndef THIDUA_DECISIONS_BARS_H
#define THIDUA_DECISIONS_BARS_H

#include <stdbool.h>

struct request;
struct session;

// False where an award was given or revoked already, or its initiative has earned one: each such unit is a violation.
bool decision_possible(struct request *request, struct session *session, const char *id);
// Ground (d) holds only for a fault inside the period for which the merit was counted: the award year.
bool fault_counts(struct request *request, struct session *session, const char *campaign, const char *year,
                  const char *from, const char *to);

#endif
