// Reads one expression of a rule set from JSON: `{"kind": …}` with exactly the members of its kind (see
// rule_set_json.h).
#ifndef THIDUA_ENGINE_JSON_EXPRESSION_JSON_H
#define THIDUA_ENGINE_JSON_EXPRESSION_JSON_H

#include "engine/json/json_reader.h"

// The citations of a rule set that have a name. Each is read once, for a short name can stand for a long quotation.
struct named_citations {
    const json_t *json; // by name; may be NULL
    struct named_citation {
        const json_t *json;
        struct citation citation;
    } * read; // those that were asked for
    size_t count;
};

struct rule_reader {
    struct json_reader json;
    struct named_citations *citations;
    struct rule_set_source *source; // facts of earlier years are added to it where a rule asks for them
};
struct named_citations named_citations(struct arena *arena, const json_t *json);

// Never NULL. If the expression cannot be read, the fault is reported and an empty `all` stands in its place.
struct expression *read_expression(const struct rule_reader *reader, const json_t *value, const char *pointer,
                                   size_t depth);
// The name of a fact: a text, or {"fact": name, "year": -1} for that of an earlier year. "" and a fault if it is
// neither.
const char *read_fact_name(const struct rule_reader *reader, const json_t *value, const char *pointer);
// False, and a fault, where the document's semantics do not have it yet. `what` is named in the fault.
bool needs_semantics(const struct rule_reader *reader, const char *pointer, int64_t semantics, const char *what);
// Reads those of `citations` that nothing cites, too.
void read_all_citations(const struct rule_reader *reader);
// A citation: an object, or the name of one of the rule set's.
struct citation read_citation(const struct rule_reader *reader, const json_t *value, const char *pointer);
// A list of them.
const struct citation *read_citations(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                      enum presence presence, size_t *ret_count);

#endif
