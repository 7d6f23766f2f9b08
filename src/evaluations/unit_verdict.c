// A unit's own answer: the verdict of the newest evaluation that concerns it.
//
// The loop makes it as soon as the row has come, so that nobody who asks for a verdict waits for a worker that
// evaluates. A worker makes it where the evaluation is not in memory, or where it would keep the loop from others for
// too long.
#include "evaluations/private.h"
#include "evaluations/stored/shown.h"
#include "handler/lanes/work.h"
#include "handler/run.h"

#include <string.h>

enum { LOOP_NODES = 500, LOOP_FACTS = 64 * 1024 }; // of rules, and bytes of packed facts

static struct reply show_found(struct stored_evaluation *evaluation, const struct unit_verdict *found)
{
    struct request *request = evaluation->request;
    const struct stored_verdict verdict = {.unit_id = found->unit_id,
                                           .overall = found->overall,
                                           .facts = found->facts,
                                           .facts_length = found->facts_length,
                                           .results = found->results,
                                           .results_length = found->results_length};
    struct arena *arena = &request->arena;
    bool stale = strcmp(found->stale, "true") == 0;
    const struct json_member beside[] = {
        json_text_member(arena, "evaluation_id", found->evaluation_id),
        json_text_member(arena, "as_of", found->as_of),
        {"stale", stale ? "true" : "false", stale ? strlen("true") : strlen("false")},
        json_text_member(arena, "unit_label", found->label),
    };
    return stored_answer(evaluation, &verdict, verdict_audience(request), beside, sizeof beside / sizeof *beside);
}

static struct reply show_unit_verdict(struct request *request, struct session *session)
{
    struct stored_evaluation evaluation;
    const struct unit_verdict *found;
    if (!unit_verdict(request, session, path_value(request, "code"), path_value(request, "year"),
                      path_value(request, "unit_id"), has_role(request, MAY_READ_RESTRICTED), caller_unit(request),
                      &found) ||
        !is_found(request, found) || !stored_open(request, session, found->evaluation_id, &evaluation))
        return refusal(request);
    shown_keep(&evaluation);
    return show_found(&evaluation, found);
}

static struct reply open_unit_verdict(struct request *request, const struct rows *rows)
{
    const struct unit_verdict found = unit_verdict_at(rows, 0);
    struct stored_evaluation evaluation;
    if (found.facts_length > LOOP_FACTS || !shown_known(request, found.evaluation_id, &evaluation) ||
        evaluation.rules->document.rules->node_count > LOOP_NODES) {
        compute_start(request, show_unit_verdict);
        return (struct reply){0};
    }
    return show_found(&evaluation, &found);
}

const struct route unit_verdict_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/verdicts/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_STREAM,
     .read = &unit_verdict_statement,
     .open = open_unit_verdict},
    {0},
};
