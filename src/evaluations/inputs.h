// What an evaluation is made by beside rules and facts: dates, days, the allocation, and what people decided.
#ifndef THIDUA_EVALUATIONS_INPUTS_H
#define THIDUA_EVALUATIONS_INPUTS_H

#include "http/request.h"

#include "thidua/award_forms.h"

struct session;

struct round_dates {
    const char *year, *first_day, *last_day, *as_of, *as_of_date, *cut_off, *report_cut_off;
    const char *conference_on, *submitted_on, *signed_on; // NULL: not yet
    const char *parameters;                               // of the round, as JSON
};
// An evaluation's parameters: the round's dates under the names that the rules declare, and which days are worked where
// they ask for it. A new reference. False with a problem recorded.
bool parameters_inputs(struct request *request, struct session *session, const struct rule_set *rules,
                       const struct round_dates *dates, json_t **ret_json);

// The member "standings" of an evaluation's inputs, as they stand now: a new reference. `cap`: of the round; `policy`:
// of the rules, NULL where they rank nobody; with `forms`, each has inputs of its own. False with a problem recorded.
bool standings_inputs(struct request *request, struct session *session, const char *campaign, const char *year,
                      int32_t cap, const struct standing_policy *policy, const struct award_forms *forms,
                      json_t **ret_json);
// Is anything allocated in them? Else only the cap holds (III.2.b).
bool inputs_allocated(const json_t *standings);
// Whether no form of award has more quotas than standings take: with places for each cluster they are as many as those.
bool inputs_rankable(const json_t *standings);
// Whether forms of award have more places together than the year has awards.
bool inputs_beyond_cap(const json_t *standings);

#endif
