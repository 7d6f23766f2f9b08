// POST /v1/what-if
#ifndef THIDUA_TRIALS_WHAT_IF_H
#define THIDUA_TRIALS_WHAT_IF_H

#include "http/request.h"

struct session;

// Who would be awarded if a round's rules or facts were others. The whole trial happens in the transaction at hand, by
// the same steps as a real evaluation, and is rolled back, for its route is a trial.
struct trial {
    const char *campaign, *year, *as_of;
    const json_t *rule_set; // a document; NULL: `name` and `version`, or, where they are NULL, the campaign's own
    const char *name, *version;
    const json_t *changes; // unit id → merge patch on the unit's snapshot; may be NULL
};

// The unit there was named before. Always false.
bool unit_twice(struct request *request, const char *pointer);
struct reply try_round(struct request *request, struct session *session, const struct trial *trial);

#endif
