// Standings and JSON.
//
// The policy stands in a rule set under "standings":
//   {"group_by": "contestant_kind", "cluster_by"?: "cluster", "groups": {"HUYEN": {"vi", "en"}, …}, "cap": 6,
//    "ties": "admit_none" | "admit_all" | "decide",
//    "keys": [{"id", "text", "citations", "direction": "descending" | "ascending", "nulls": "last" | "first",
//              "kind": "finding_count", "contents": ["A", …], "result": "…"  |  "finding_score", "contents"
//                    | "ratio", "part", "whole"  |  "fact", "fact"  |  "condition", "leaf": {…}
//                    | "sum", "terms": [{"weight": 2 | "0.5", "fact": name | "score": content | "count": {"register",
//                      "where"?, "window"?, "complete_through"?}, "at_most"?: 2}
//                      | {"terms": [such ones, bounded together], "least"?: "-10", "most"?: "5"}]}],
//    "keys_by_group"?: {"XA": [keys of that group instead]}, "note"?}
// What a round adds to it (the allocation, decisions on ties, overrides), each optional:
//   {"quotas": [{"name": "cap", "places": 6, "taken"?: 2},
//               {"name": "huyen", "places": 2, "parent": "cap", "groups": ["HUYEN"]},
//               {"name": "huyen/1", "places": 1, "parent": "huyen", "clusters": [{"group": "HUYEN", "cluster": "1"}]}],
//    a share of those who are eligible has "of": "ELIGIBLE" instead of "places", for which form_count_eligible() is;
//    "awarded": ["unit id", …], "tie_decisions": [{"id": "…", "order": ["unit id", …]}],
//    "overrides": [{"unit_id", "decided": "SECURE" | …, "by", "at", "reason", "legal_basis"}]}
// The result:
//   {"cap": 6, "taken": 0, "overrides_exceed_cap": false, "exact": true, "allocated": true,
//    "items": [{"unit_id", "group", "cluster", "status", "freed",
//               "rank", "of", "among": {"group", "cluster", "label"},
//               "decided_by": {"key", "against_unit_id", "margin", "text"} | null,
//               "waits_for": [{"unit_id", "fact"}, …], "tied_with": ["unit id", …], "override": {…, "moot"} | null}]}
// `status` is the computed one; an override stands beside it. rank is null for an ineligible unit and
// for one that has its award, and with it `of` and `among`.
#ifndef THIDUA_ENGINE_JSON_STANDINGS_JSON_H
#define THIDUA_ENGINE_JSON_STANDINGS_JSON_H

#include "engine/json/expression_json.h"
#include "engine/json/verdict_json.h"
#include "thidua/standings.h"

// Reads and checks; faults point under `pointer`. NULL if there was a fault.
const struct standing_policy *standing_policy_from_json(const struct rule_reader *reader, const json_t *value,
                                                        const char *pointer, bool has_forms);
// The list of keys in that member.
struct standing_keys read_keys(const struct rule_reader *reader, const json_t *object, const char *pointer,
                               const char *name);
// What that member adds up.
struct sum_terms read_terms(const struct rule_reader *reader, const json_t *object, const char *pointer,
                            const char *name);
// The slot of the fact that the member names; 0 and a fault where there is none of these types.
size_t fact_slot(const struct rule_reader *reader, const json_t *object, const char *pointer, const char *key,
                 unsigned types);

// One contestant out of a unit's facts and its verdict. Keys are copied into the arena.
struct contestant contestant_of(struct arena *arena, const struct standing_policy *policy,
                                const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                enum overall_outcome overall);

// Fills quotas, tie decisions (into `contestants`) and overrides; `value` may be NULL: the cap alone. False on a fault.
bool standings_input_from_json(struct arena *arena, const struct standing_policy *policy,
                               struct contestant *contestants, size_t contestant_count, const json_t *value,
                               const char *pointer, struct rule_faults *faults, struct standings_input *ret_input);

// A new reference. The public sees no margins, from which a confidential index could be computed. Where more than 1,000
// rows are shown `together`, in all forms of award, each names fewer of those that it waits for and ties with. Rows are
// left out once the budget of the thread is overdrawn (base/pure/budget.h).
json_t *standings_to_json(const struct standings_input *input, const struct standings *standings, size_t together,
                          enum audience audience);

#endif
