// GET /v1/proposals/{id}/results/{nominator_unit_id}: how the nominees of one nominator came out. A refusal is told
// with the clause and what the verdict says of it to the unit itself: nothing of discipline, proceedings or persons.
#include "proposals/results.h"

#include "evaluations/stored/stored.h"
#include "handler/run.h"
#include "http/route.h"
#include "proposals/private.h"
#include "proposals/results.sql.h"

#include <string.h>

enum { NOMINEES_MOST = 2000 };

static json_t *reason_json(const char *clause, const char *vi, const char *en)
{
    return json_pack("{s:s, s:{s:s, s:s}}", "clause", clause, "text", "vi", vi, "en", en);
}

// Eligible, be it for a lower form only, and still none of those that the places were for.
static json_t *no_place(struct request *request)
{
    return reason_json(clause_printed(request, "III.2.b"),
                       "Đủ điều kiện nhưng không nằm trong số lượng khen thưởng của năm.",
                       "Eligible, but not among as many as are awarded in the year.");
}

static void add_criterion_reason(json_t *reasons, const json_t *criterion)
{
    const char *result = member_text(criterion, "result"), *clause = member_text(criterion, "clause");
    const json_t *explanation = json_object_get(criterion, "explanation");
    if (strcmp(result, "PASS") != 0 && strcmp(result, "NOT_APPLICABLE") != 0)
        json_array_append_new(reasons,
                              reason_json(clause, member_text(explanation, "vi"), member_text(explanation, "en")));
}

// Nominated since, as in a dossier that was received late.
static json_t *not_judged(struct request *request)
{
    return reason_json(clause_printed(request, "III.1"), "Chưa được xét trong lần đánh giá làm căn cứ của tờ trình.",
                       "Not judged by the evaluation on which the proposal rests.");
}

static json_t *reasons_of(const struct stored_evaluation *evaluation, const json_t *verdict)
{
    json_t *reasons = json_array();
    size_t i;
    const json_t *criterion;
    const char *overall = member_text(verdict, "overall");
    if (!overall)
        json_array_append_new(reasons, not_judged(evaluation->request));
    else if (strcmp(overall, "ELIGIBLE") == 0) // of forms of award, by the criteria of one of them
        json_array_append_new(reasons, no_place(evaluation->request));
    json_array_foreach(json_object_get(verdict, "criteria"), i, criterion) add_criterion_reason(reasons, criterion);
    return reasons;
}

static bool add_reasons(struct stored_evaluation *evaluation, json_t *item)
{
    struct request *request = evaluation->request;
    const struct stored_verdict *stored;
    const char *result = member_text(item, "result");
    struct arena scratch = {0};
    if (!result || strcmp(result, "REFUSED") != 0)
        return json_object_set_new(item, "reasons", json_array()) == 0;
    if (!within_budget(request) || !verdict_stored(request, evaluation->session, evaluation->id,
                                                   member_text(item, "unit_id"), true, NULL, &stored))
        return false;
    json_t *verdict = stored ? stored_json(evaluation, &scratch, stored, AUDIENCE_UNIT) : NULL;
    arena_release(&scratch);
    if (stored && !verdict)
        return false;
    json_object_set_new(item, "reasons", reasons_of(evaluation, verdict));
    json_decref(verdict);
    return true;
}

static bool add_items(struct stored_evaluation *evaluation, json_t *results)
{
    struct request *request = evaluation->request;
    const struct results_nominees *nominees;
    size_t count;
    json_t *items = json_array();
    json_object_set_new(results, "items", items);
    if (!results_nominees(request, evaluation->session, path_value(request, "id"),
                          path_value(request, "nominator_unit_id"), &nominees, &count))
        return false;
    if (count > NOMINEES_MOST)
        return too_much_work(request, count, NOMINEES_MOST, "tập thể", "nominees");
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_loads(nominees[i].json, 0, NULL);
        json_array_append_new(items, item);
        json_object_set_new(item, "printed", json_string(nominees[i].printed));
        if (!add_reasons(evaluation, item))
            return false;
    }
    return true;
}

json_t *results_gathered(struct request *request, struct session *session)
{
    struct results_head head;
    struct stored_evaluation evaluation;
    if (!results_head(request, session, path_value(request, "id"), path_value(request, "nominator_unit_id"), &head) ||
        !stored_open(request, session, head.evaluation_id, &evaluation))
        return NULL;
    clauses_of_plan(request, head.clauses);
    json_t *results = defer_json(request, json_loads(head.json, 0, NULL));
    return add_items(&evaluation, results) ? results : NULL;
}

static struct reply show_results(struct request *request, struct session *session)
{
    json_t *results = results_gathered(request, session);
    size_t i;
    json_t *item;
    if (!results)
        return refusal(request);
    json_object_del(results, "wording");
    json_object_del(results, "nominator");
    json_array_foreach(json_object_get(results, "items"), i, item) json_object_del(item, "printed");
    char *text = json_dumps(results, JSON_COMPACT);
    defer_free(request, text);
    return computed(request, NULL, text);
}

const struct route results_routes[] = {
    {.method = "GET",
     .path = "/v1/proposals/{id}/results/{nominator_unit_id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_COMPUTE,
     .act = show_results,
     .paper = results_as_paper},
    {0},
};
