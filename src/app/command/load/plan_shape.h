// What a campaign's file must hold for the service to run its rounds. All that is wrong is named on standard error.
#ifndef THIDUA_APP_COMMAND_LOAD_PLAN_SHAPE_H
#define THIDUA_APP_COMMAND_LOAD_PLAN_SHAPE_H

#include "thidua/award_forms.h"

#include <jansson.h>

// Is it one of the words, which blanks set apart?
bool is_word_of(const char *words, const char *word);

bool plan_has_shape(const char *file, const json_t *plan);
// That nothing in it asks for what the service does not do, or would be overlooked.
bool plan_is_served(const char *file, const json_t *plan);
// That what it says of papers is words that they can bear.
bool plan_words_papers(const char *file, const json_t *plan);
// A contestant whose group the standings do not know would be in none of them, and a place beyond their cap nobody's.
// `policy`: of the plan's own criteria set; NULL where it ranks nobody.
bool plan_fits_standings(const char *file, const json_t *plan, const struct standing_policy *policy);
// Says where the places of forms, as far as numbers tell, are more than the plan's cap: a warning, for the cap holds.
void plan_warn_of_cap(const char *file, const json_t *plan, const struct award_forms *forms);
// Says which groups hold kinds of units that have no index, where a criterion or the standings would wait for it.
void plan_warn_of_index(const char *file, const json_t *plan);

#endif
