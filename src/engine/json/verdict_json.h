// A verdict as JSON, with the names of the interface:
//   {"unit_id", "overall",
//    "criteria": [{"id", "clause", "text", "result", "observed", "required", "margin", "explanation": {"vi", "en"},
//                  "citations": [{"document", "clause", "quote", "valid_from", "valid_to", "note"}],
//                  "facts": [{"name" | "register" | "content" | "document", "value" | "entry" …, "source", "version",
//                             "recorded_at"}],
//                  "leaves": [{"id", "kind", "role": "APPLIES_WHEN" | "HOLD" | "REQUIRES", "result", "reason",
//                              "observed", "required", "margin", "explanation", "citations", "facts"}]}],
//    "decisive_unknowns": [{"criterion", "leaf", "reason", "text": {"vi", "en"}}],
//    "changes": [{"criterion", "leaf", "from", "to", "required", "text": {"vi", "en"}}]}
// observed, required and margin are text or null; those of a criterion are those of the leaf that decided it. The same
// verdict gives the same bytes, always: members stand in sorted order, compact.
#ifndef THIDUA_ENGINE_JSON_VERDICT_JSON_H
#define THIDUA_ENGINE_JSON_VERDICT_JSON_H

#include <jansson.h>

#include "thidua/criteria.h"

enum audience {
    AUDIENCE_RESTRICTED, // home_affairs, chair_office, auditor: everything
    AUDIENCE_UNIT,       // the unit itself: no discipline, no proceedings (registers declared confidential)
    AUDIENCE_PUBLIC,     // "III.1.d: not met", not who or why: no observed, margin, facts, leaves, unknowns, changes
};

// The citations of an answer, each once. Where a view has such a table, "citations" of its criteria and leaves are
// places in it.
struct citation_table {
    struct arena *arena;
    json_t *items; // an array
    const struct citation **seen;
    size_t room;
};
// An empty one; `items` is a new reference.
struct citation_table citation_table_new(struct arena *arena);

struct verdict_view {
    const struct rule_set *rules;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
    const struct verdict *verdict;
    enum audience audience;
    struct citation_table *cited; // NULL: citations stand where they are used
};

// The unit sees its own index, but not who is under discipline or investigation; the public sees no leaf at all.
bool verdict_hides(const struct verdict_view *view, const struct leaf *leaf);

// About how many bytes every verdict by these rules has at the least: its members, citations and descriptions.
size_t verdict_least_length(const struct rule_set *rules);

// A new reference. What it is made of was checked before. Leaves are left out once the budget of the thread is
// overdrawn (base/pure/budget.h).
json_t *verdict_to_json(struct arena *arena, const struct verdict_view *view);
// Its canonical bytes, in the arena.
const char *verdict_to_text(struct arena *arena, const struct verdict_view *view, size_t *ret_length);

// [{"pointer", "code", "detail": {"vi", "en"}}]: a new reference.
json_t *rule_faults_to_json(const struct rule_faults *faults);

#endif
