// The snapshot of one unit's facts, and the parameters of an evaluation, out of JSON.
//
// A snapshot, which the database layer builds and an evaluation stores as it was read:
//   {"unit_id": "uuid",
//    "facts": {"NAME": {"value": <bool | string | integer | null>, "source": "contestants/…", "version": 3,
//                       "recorded_at": "2025-01-02T…Z"}},
//    "ranks"?: {"leaf id": [best, worst]}: only in cases and trials; else the round says them
//    "earlier"?: {"-1": {"NAME": {…}}}: facts of the rounds of earlier years, where the rules ask for them
//    "registers": {"discipline": {"complete": true, "complete_source": "…", "complete_through": "2025-03-01",
//                                 "entries": [{"id": "…", "source": "…", "version": 1, "recorded_at": "…", …fields}]},
//                  "initiatives": {…}, "proceedings": {…}, "awards": {…}},
//    "findings": {"A": {"result": "OUTSTANDING_LEADING", "found_by": "home_affairs", "score": "95.50", "source": "…",
//                       "version": 1, "recorded_at": "…"}, …},
//    "documents": {"TO_TRINH": "PRESENT", "MINUTES": "PRESENT", "REPORT": "PRESENT"}}
// Decimals travel as strings. A fact that is absent, or whose value is null, is unknown; so is a field of an entry. A
// register that is absent is unknown; one without complete_through covers no window that has an end; `inherits` (true)
// says that the unit has no declaration of its own, so that the round's stands in (thidua/facts_pack.h). Without
// `documents` it is unknown which there are; a kind that is not in it is missing. Names that the rule set does not
// declare are ignored: one snapshot serves several rule sets. A value of a type other than declared is a fault.
//
// Parameters:
//   {"as_of": "2025-03-05T08:00:00+07:00", "award_year": 2024,
//    "award_year_days"?: {"from": "2023-12-01", "through": "2024-11-30"}: where it is not the calendar year
//    "limits": {"dossier_cut_off": "2024-12-31", "submitted_on": null, "signed_on_or_as_of": "2025-03-05"},
//    "holidays": ["2025-01-01"], "worked_weekends"?: ["2025-04-26"],
//    "holidays_known"?: {"from": "2024-01-01", "through": "2026-12-31"}}: beyond it working days are not known
// `limits` are the parameters that the rule set declares; absent or null is unknown.
#ifndef THIDUA_ENGINE_JSON_FACTS_JSON_H
#define THIDUA_ENGINE_JSON_FACTS_JSON_H

#include <jansson.h>

#include "thidua/criteria.h"

// Both copy what they keep into the arena, report every fault (pointers start with `pointer`) and return false if there
// was one.
bool facts_from_json(struct arena *arena, const struct rule_set_source *source, const json_t *snapshot,
                     const char *pointer, struct rule_faults *faults, struct unit_facts *ret_facts);
bool parameters_from_json(struct arena *arena, const struct rule_set_source *source, const json_t *value,
                          const char *pointer, struct rule_faults *faults,
                          struct evaluation_parameters *ret_parameters);

#endif
