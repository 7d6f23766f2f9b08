// A unit's own answer: the verdict of the newest evaluation that concerns it.
#include "evaluations/private.h"
#include "handler/run.h"
#include "rounds/round.h"

#include <string.h>

static struct reply show_unit_verdict(struct request *request, struct session *session)
{
    struct stored_evaluation evaluation;
    const struct unit_verdict *found;
    const char *text;
    if (!unit_verdict(request, session, path_value(request, "code"), path_value(request, "year"),
                      path_value(request, "unit_id"), has_role(request, MAY_READ_RESTRICTED), caller_unit(request),
                      &found) ||
        !is_found(request, found) || !stored_open(request, session, found->evaluation_id, &evaluation))
        return refusal(request);
    const struct stored_verdict verdict = {.unit_id = found->unit_id,
                                           .overall = found->overall,
                                           .facts = found->facts,
                                           .facts_length = found->facts_length,
                                           .results = found->results,
                                           .results_length = found->results_length};
    json_t *beside = defer_json(request, json_pack("{s:s, s:s, s:b, s:s}", "evaluation_id", found->evaluation_id,
                                                   "as_of", found->as_of, "stale", strcmp(found->stale, "true") == 0,
                                                   "unit_label", found->label));
    text = verdict_answer(&evaluation, &verdict, beside);
    return text ? computed(request, NULL, text) : refusal(request);
}

const struct route unit_verdict_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/verdicts/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_COMPUTE,
     .act = show_unit_verdict},
    {0},
};
