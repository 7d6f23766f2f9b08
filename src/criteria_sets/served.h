// Whether the service does what a rule set asks for: a rule set that is sound may still want what no store keeps.
#ifndef THIDUA_CRITERIA_SETS_SERVED_H
#define THIDUA_CRITERIA_SETS_SERVED_H

#include "engine/json/rule_set_json.h"

// Reports all that would stay unknown, be passed over, or not be done, each with its place and the way out. True if
// there was nothing. For what is to be published: what was published before keeps its meaning. `json` is what the
// document was read from.
bool rules_served(const struct rule_set_document *document, const json_t *json, struct rule_faults *faults);

// What the service keeps (served.def).
struct served {
    const char *of; // the register of a field; NULL: a fact
    const char *name;
    enum value_type type;
    unsigned decimals;
    const char *words; // the vocabulary of a text that is one of few; NULL: any text
};
// NULL: no such thing is kept. `of` as above.
const struct served *served_named(const char *of, const char *name);

// served_words.c: reports each word that rules compare with and that the service never writes.
void check_served_words(struct rule_faults *faults, const json_t *json);

#endif
