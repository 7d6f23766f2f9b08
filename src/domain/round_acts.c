#include "thidua/round_acts.h"

#include "thidua/life_cycle.h"

#include <stddef.h>
#include <string.h>

#define NO  NULL
#define YES ""

const struct round_first round_firsts[] = {
    [FIRST_SUBMIT] = {"Hãy trình Tờ trình trước: POST /v1/proposals/{id}/transitions với \"action\": \"submit\".",
                      "Submit a proposal first: POST /v1/proposals/{id}/transitions with \"action\": \"submit\"."},
    [FIRST_SIGN] = {"Hãy ký quyết định khen thưởng trước: POST /v1/decisions/{id}/sign.",
                    "Sign the award decision first: POST /v1/decisions/{id}/sign."},
};

// The yearly report (V.1) is possible in every state, and so are the end of a proposal that is not before the Chair and
// of a decision that is not signed: no row.
const struct round_act_row round_acts[ROUND_ACTS] = {
    // In the order OPEN, APPRAISAL, PROPOSED, DECIDED, CLOSED.
    [ROUND_CONFERENCE] = {"conference", {YES, YES, YES, YES, NO}},
    [ROUND_CONTESTANTS] = {"contestants", {YES, YES, YES, YES, NO}},
    [ROUND_QUOTA] = {"quota", {YES, YES, YES, YES, NO}},
    [ROUND_REGISTERS] = {"registers", {YES, YES, YES, YES, NO}},
    // What a signed decision rests on stays in its evaluation. A later decision of the year is measured anew, so a mean
    // that comes late, or was misprinted, can still be put.
    [ROUND_PARAMETERS] = {"parameters", {YES, YES, YES, YES, NO}},
    [ROUND_FINDINGS] = {"findings", {YES, YES, YES, YES, NO}},
    // What a closed round shows is the evaluation by which it was decided. Who examines it later tries, and stores
    // nothing.
    [ROUND_EVALUATION] =
        {"evaluation",
         {YES, YES, YES, YES, NO},
         FIRST_NOTHING,
         " Để đánh giá thử theo hiện nay hoặc dữ kiện, tiêu chí khác mà không lưu: POST /v1/what-if; để chạy lại đánh "
         "giá "
         "đã lưu: POST /v1/evaluations/{id}/replay.",
         " To judge by what is known now, or by other facts or rules, and store nothing: POST /v1/what-if; to run a "
         "stored evaluation again: POST /v1/evaluations/{id}/replay."},
    [ROUND_PLACES] = {"places", {YES, YES, YES, YES, NO}},
    [ROUND_DOSSIERS] = {"dossiers", {YES, YES, YES, YES, NO}},
    [ROUND_PROPOSAL_DRAFT] = {"proposal_draft", {YES, YES, YES, YES, NO}},
    [ROUND_PROPOSAL_SUBMIT] = {"proposal_submit", {"PROPOSED", "PROPOSED", YES, YES, NO}},
    [ROUND_PROPOSAL_BACK] = {"proposal_back", {NO, NO, "APPRAISAL", YES, NO}, FIRST_SUBMIT},
    [ROUND_AWARD_DRAFT] = {"award_draft", {NO, NO, YES, YES, NO}, FIRST_SUBMIT},
    [ROUND_AWARD_SIGN] = {"award_sign", {NO, NO, "DECIDED", YES, NO}, FIRST_SUBMIT},
    [ROUND_AWARD_PUBLISH] = {"award_publish", {NO, NO, NO, YES, NO}, FIRST_SIGN},
    [ROUND_CHANGE_DRAFT] = {"change_draft", {NO, NO, NO, YES, YES}, FIRST_SIGN},
    [ROUND_CHANGE_SIGN] = {"change_sign", {NO, NO, NO, YES, YES}, FIRST_SIGN},
    [ROUND_CHANGE_PUBLISH] = {"change_publish", {NO, NO, NO, YES, YES}, FIRST_SIGN},
    [ROUND_RESULT_TOLD] = {"result_told", {NO, NO, NO, YES, YES}, FIRST_SIGN},
};

const char *round_act_leads(enum round_act act, const char *state)
{
    for (size_t i = 0; i < ROUND_STATES; i++)
        if (strcmp(round_states[i], state) == 0)
            return round_acts[act].leads[i];
    return NULL;
}
