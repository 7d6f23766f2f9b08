// What a round adds to the standings of one form of award: its places, worked out from the register, and who has one.
#ifndef THIDUA_EVALUATIONS_FORM_INPUTS_H
#define THIDUA_EVALUATIONS_FORM_INPUTS_H

#include "engine/json/forms/forms_json.h"
#include "evaluations/evaluations.sql.h"

struct round_field {
    const struct evaluation_field *rows; // contestants and nominees by group and cluster
    size_t row_count;
    const struct evaluation_quota *shares; // the allocation
    size_t share_count;
    const struct evaluation_awarded *awards;
    size_t award_count;
};

// A group with shares for its clusters has none for the rest of it.
void quotas_keep_clusters(json_t *quotas);

// {"quotas", "awarded", "tiers_given", "places"}: a new reference.
json_t *form_inputs(const struct award_form *form, const struct round_field *field);

#endif
