// Checks the names in what a caller sends to be judged against those that a rule set declares. A stored snapshot serves
// several rule sets, and each ignores what it does not declare (facts_json.h). From a caller such a name is a mistake:
// if it were ignored, the answer would say that nothing changes.
#ifndef THIDUA_ENGINE_JSON_SENT_NAMES_H
#define THIDUA_ENGINE_JSON_SENT_NAMES_H

#include <jansson.h>

#include "thidua/criteria.h"

// Both report a fault for every unknown name, with a list of the known ones, and return false if there was one. The
// types of members are checked by facts_json.h.

// A snapshot of a unit's facts; or a merge patch on one, which names no unit.
bool sent_facts_named(struct arena *arena, const struct rule_set_source *source, const json_t *sent, bool is_patch,
                      const char *pointer, struct rule_faults *faults);
// The limits among the parameters of an evaluation.
bool sent_limits_named(struct arena *arena, const struct rule_set_source *source, const json_t *sent,
                       const char *pointer, struct rule_faults *faults);

#endif
