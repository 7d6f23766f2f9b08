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

#include "engine/json/json_text.h"
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
    const struct citation **seen;
    size_t count, room;
};
// They as an array. `ret_length` may be NULL.
const char *citations_to_text(const struct citation_table *table, size_t *ret_length);

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
// Is the leaf open and decides, as far as the view may know?
bool verdict_misses(const struct verdict_view *view, size_t node);
// Why a criterion came out as it did, in one language, in the arena.
const char *verdict_explanation(struct arena *arena, const struct verdict_view *view, size_t criterion, bool english);

// About how many bytes every verdict by these rules has at the least: its members, citations and descriptions.
size_t verdict_least_length(const struct rule_set *rules);

// Its canonical bytes, in the arena. What it is made of was checked before. Leaves are left out once the budget of the
// thread is overdrawn (base/pure/budget.h).
const char *verdict_to_text(struct arena *arena, const struct verdict_view *view, size_t *ret_length);
// An answer of its own, with room for one more byte behind it: with its citations, each once, and the members beside it
// (nine at most). All but the answer lies in `scratch`.
char *verdict_to_answer(struct arena *arena, struct arena *scratch, struct verdict_view view,
                        const struct json_member *beside, size_t beside_count, size_t *ret_length);
// A new reference to the same, for who looks into it.
json_t *verdict_to_json(struct arena *arena, const struct verdict_view *view);

// [{"pointer", "code", "detail": {"vi", "en"}}]: a new reference.
json_t *rule_faults_to_json(const struct rule_faults *faults);

#endif
