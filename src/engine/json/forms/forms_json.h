// Forms of award and JSON.
//
// In a rule set of semantics 2, beside its standings (which then have no "cap"):
//   "forms": [{"form": "CO", "text", "citations", "category"?, "exclusive"?: true, "ties"?, "keys"?,
//              "places": 6 | {"number": 1, "per"?: "WHOLE" | "GROUP" | "CLUSTER"}
//                      | {"share": "10 %", "of": "CONTESTANTS" | "NOMINEES" | "ELIGIBLE", "citations": […],
//                         "rounding": "DOWN" | "UP" | "HALF_UP", "per"?, "at_least"?: 1, "at_most"?: 20,
//                         "form"?: of ELIGIBLE, the form for which they are, where that is not this one},
//              "eligible"?: "III.1.a" | {"all": […]} | {"any": […]} | {"at_least": 2, "of": […]}, over ids of criteria,
//              "tiers"?: [{"tier": "NHAT", "text", "places": 1, "coefficient"?: "2.00"}],
//              "bonus"?: {"coefficient": "1.50"} | [{"when"?: as "eligible", "coefficient"}]}],  highest first
//   "balance"?: [{"where": {"fact", "value"}, "at_least": "30 %", "text", "citations"}]
// What a round adds to each, as in standings_json.h, with the number of places that was worked out:
//   {"forms": {"CO": {"quotas", "awarded", "tie_decisions", "overrides", "tiers_given": {"unit id": "NHAT"},
//                     "places": {"count": 3, …}}}}
#ifndef THIDUA_ENGINE_JSON_FORMS_FORMS_JSON_H
#define THIDUA_ENGINE_JSON_FORMS_FORMS_JSON_H

#include "engine/json/standings_json.h"
#include "thidua/award_forms.h"

// A share of those who are eligible has "of": "ELIGIBLE" in its quotas and its "places", and no number.
enum { FORM_MOST_PLACES = 1000000 }; // the cap of a form's own policy: its quotas hold the real number

// `root`: the rule set; `policy`: of its standings, NULL where it has none. Faults point under /forms and /balance.
struct award_forms award_forms_from_json(const struct rule_reader *reader, const json_t *root,
                                         const struct standing_policy *policy);

// Where a form's places are a share of those who are eligible: what they came out as, by form, else NULL. A new
// reference: {"CO": {"count": 3, "most": 5, "counted": 17, "counted_most": 27, "quotas": {"cap": 3, …}}}. "count",
// those of "quotas" and "counted" are the fewest; the most are reached where all that is open becomes eligible.
json_t *eligible_places_to_json(const struct award_forms *forms, const struct form_standings *all);

// A new reference: {"cap", "taken", "overrides_exceed_cap", "allocated", "items"} of all forms together, each item with
// its form and tier, and "forms": what each has by itself.
json_t *forms_to_json(const struct award_forms *forms, const struct form_standings *all, const json_t *inputs,
                      enum audience audience);

#endif
