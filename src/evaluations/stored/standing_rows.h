// Contestants of an evaluation on their way to the standings, the same for running, reading and replaying one. Where
// the plan has forms of award, each form ranks them by itself, and what a higher one gives counts in those below.
#ifndef THIDUA_EVALUATIONS_STORED_STANDING_ROWS_H
#define THIDUA_EVALUATIONS_STORED_STANDING_ROWS_H

#include "engine/json/forms/forms_json.h"
#include "facts/rules.h"

struct contestants {
    struct arena *arena;
    const struct rule_set_document *document; // whose standings rank them
    const struct evaluation_parameters *parameters;
    struct contestant *lists[FORMS_MOST]; // by form; the first one alone where there are none
    size_t count, room;
    long long semantics; // by which they are ranked: of the evaluation
};

// Copies what it keeps of the facts. `criteria` may be NULL where the plan has no forms.
void contestants_add(struct contestants *contestants, const struct unit_facts *facts, enum overall_outcome overall,
                     const struct criterion_result *criteria);

struct ranked {
    const struct award_forms *forms;       // none: `all` holds one, of the standings
    struct form_standings all[FORMS_MOST]; // by form
    size_t count;
};

// Names what is open of the contestant that was added last (contestant_name_open()).
void contestants_name_open(struct contestants *contestants, struct arena *scratch, const struct judged *judged);

// `inputs`: an evaluation's inputs (its member "standings" is read). False with faults where they do not fit.
bool ranked_open(struct contestants *contestants, const json_t *inputs, struct rule_faults *faults,
                 struct ranked *ret_ranked);
void ranked_compute(struct arena *arena, struct ranked *ranked);
const char *ranked_pack(struct arena *arena, const struct ranked *ranked, size_t *ret_length);
// False where the bytes are no standings of what was opened.
bool ranked_unpack(struct arena *arena, struct ranked *ranked, const char *bytes, size_t length);
// How many places all forms have together.
int64_t ranked_cap(const struct ranked *ranked);
// eligible_places_to_json() as canonical text; NULL: there are none.
const char *ranked_places(struct arena *arena, const struct ranked *ranked);
// A new reference; see standings_json.h and forms/forms_json.h.
json_t *ranked_json(const struct ranked *ranked, const json_t *inputs, enum audience audience);

#endif
