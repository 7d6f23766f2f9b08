// Whether the service does what a rule set asks for: a rule set that is sound may still want what no store keeps.
#ifndef THIDUA_CRITERIA_SETS_SERVED_H
#define THIDUA_CRITERIA_SETS_SERVED_H

#include "engine/json/rule_set_json.h"

// Reports all that would stay unknown, be passed over, or not be done, each with its place and the way out. True if
// there was nothing. For what is to be published: what was published before keeps its meaning.
bool rules_served(const struct rule_set_document *document, struct rule_faults *faults);

#endif
