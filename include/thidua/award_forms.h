// The forms of award of a plan (Cờ thi đua, Bằng khen, Giấy khen), highest first: who may get each, how many there are,
// and who is sure of which. A plan without forms has the one of its standings.
#ifndef THIDUA_AWARD_FORMS_H
#define THIDUA_AWARD_FORMS_H

#include "thidua/decimal.h"
#include "thidua/standings.h"

enum { FORMS_MOST = 16, TIERS_MOST = 8, BALANCES_MOST = 16, FORM_TERMS_MOST = 64, FORM_DEPTH_MOST = 4 };

// Over the outcomes of criteria, which stand in the order FAIL, DEFERRED, PENDING, satisfied: `all` is the lowest of
// its terms, `any` the highest, `at_least` n the n-th from above.
struct form_condition {
    enum { CONDITION_CRITERION, CONDITION_ALL, CONDITION_ANY, CONDITION_AT_LEAST } kind;
    size_t criterion; // slot
    int64_t least;
    const struct form_condition *terms;
    size_t count;
};
// `condition` NULL: all criteria.
enum overall_outcome form_outcome(const struct form_condition *condition, const struct criterion_result *criteria,
                                  size_t criterion_count);

// Marks the criteria that the condition reads.
void form_criteria(const struct form_condition *condition, bool *reads, size_t criterion_count);

// Marks the criteria on which an open outcome of the form hangs. What cannot change it any more is none of them.
void form_open_criteria(const struct form_condition *condition, const struct criterion_result *criteria,
                        size_t criterion_count, bool *open);

// The sets of forms, as bits in order of rank, for which a unit with these outcomes can become eligible together: over
// every way in which the criteria that are open may end. NULL where more than FORM_OPEN_MOST of them are, or none.
enum { FORM_OPEN_MOST = 10 };
struct award_forms;
const uint32_t *form_eligible_sets(struct arena *arena, const struct award_forms *forms,
                                   const struct criterion_result *criteria, size_t criterion_count, size_t *ret_count);

enum places_of { PLACES_NUMBER, PLACES_OF_CONTESTANTS, PLACES_OF_NOMINEES, PLACES_OF_ELIGIBLE };
enum places_per { PLACES_WHOLE, PLACES_PER_GROUP, PLACES_PER_CLUSTER };
enum places_rounding { ROUND_DOWN, ROUND_UP, ROUND_HALF_UP };
extern const char *const places_of_names[];       // "NUMBER", "CONTESTANTS", "NOMINEES", "ELIGIBLE"; ended by NULL
extern const char *const places_per_names[];      // "WHOLE", "GROUP", "CLUSTER"
extern const char *const places_rounding_names[]; // "DOWN", "UP", "HALF_UP"

struct form_places {
    enum places_of of;
    enum places_per per; // the number is for the whole province, for each group, or for each cluster
    int64_t number;
    struct fraction share; // where `of` is no number
    enum places_rounding rounding;
    int64_t at_least, at_most; // 0 and INT64_MAX where the plan sets none
    size_t form;               // PLACES_OF_ELIGIBLE: the form for which they are eligible
};
// How many places a share of so many is, exactly. One more in the count is at most one place more.
int64_t form_places_of(const struct form_places *places, int64_t count);

struct form_tier {
    const char *name;
    struct bilingual text;
    int64_t places;
    int64_t coefficient; // hundredths; -1: that of the form
};

struct form_bonus {
    const struct form_condition *when; // NULL: in any case
    int64_t coefficient;               // hundredths
};

struct form_balance {
    const char *fact;
    size_t slot;
    const char *value;     // of a text fact; "true" or "false" of a boolean one
    struct fraction share; // of those awarded
    struct bilingual text;
};

struct award_form {
    const char *pointer, *code;
    struct bilingual text;
    const char *category;
    struct form_places places;
    const struct form_condition *eligible; // NULL: all criteria
    bool exclusive;                        // who gets a higher form does not get this one too
    const struct standing_policy *policy;  // groups of the plan's standings, keys of its own or those
    const struct form_tier *tiers;         // filled by rank inside the comparison group
    size_t tier_count;
    const struct form_bonus *bonuses; // the first whose condition holds; none: the coefficients of the plan
    size_t bonus_count;
};

struct award_forms {
    const struct award_form *items; // highest first
    size_t count;                   // 0: the plan has none
    const struct form_balance *balances;
    size_t balance_count;
};

// The form of that code; NULL: there is none, or the code is NULL.
const struct award_form *form_named(const struct award_forms *forms, const char *code);

// The standings of one form.
struct form_standings {
    struct standings_input input; // with this form's contestants
    struct standings standings;
    const size_t *higher; // by contestant: the higher form that it has or gets instead; SIZE_MAX: none
};

// How many places there are where they are a share of those who are eligible. `counted`: the contestants of the form by
// whose verdicts that is, in the order of the input's own. Who is awarded counts. What people decided on places does
// not: whether somebody meets the standard is for facts and rules.
void form_count_eligible(struct arena *arena, const struct form_places *share, const struct contestant *counted,
                         struct standings_input *input);

// Ranks every form, highest first. `ret[f].input` is filled by the caller, all with the same units in the same order;
// `elsewhere` in it is made to fit what other forms give. Who surely gets a higher form is no candidate of an exclusive
// lower one; who possibly does is open in both. Who has a lower exclusive one by a decision gets no other in the year.
void forms_compute(struct arena *arena, const struct award_forms *forms, struct form_standings *ret);

#endif
