// Evaluations: runs of the criteria engine over a round, a group or some units, and what they found.
#include "awards/evaluate.h"
#include "http/route.h"
#include "service/constraints.h"
#include "service/run.h"
#include "statements.h"

#include <stdlib.h>

static const char *const groups[] = {"SO_BAN_NGANH", "UNIT_UNDER_SO", "HUYEN", "XA", "UNIT_UNDER_HUYEN", NULL};
static const char *const overalls[] = {"ELIGIBLE", "INELIGIBLE", "DEFERRED", "PENDING", NULL};

static const struct field unit_item = {.type = FIELD_UUID};

struct evaluation_body {
    const char *as_of, *group;
};

static const struct field evaluation_fields[] = {
    BOUND(evaluation_body, as_of, FIELD_INSTANT),
    BOUND(evaluation_body, group, FIELD_CHOICE, .choices = groups),
    PASSED("units", FIELD_LIST, .least = 1, .most = 1000, .item = &unit_item),
    {0},
};

static const char *member_text(struct request *request, const char *name)
{
    const json_t *value = json_object_get(request->json, name);
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    const char *kept = text ? arena_text(&request->arena, text) : NULL;
    free(text);
    return kept;
}

static struct reply create_evaluation(struct request *request, struct session *session)
{
    struct evaluation_body body = {0};
    struct evaluation evaluation;
    struct rows *shown;
    if (!read_body(request, evaluation_fields, &body))
        return refusal(request);
    struct evaluation_order order = {.campaign = path_value(request, "code"),
                                     .year = path_value(request, "year"),
                                     .as_of = body.as_of,
                                     .group = body.group,
                                     .units_json = member_text(request, "units")};
    if (!evaluate(request, session, &order, &evaluation) ||
        !run_one(request, session, evaluation_show, &shown, evaluation.id))
        return refusal(request);
    return created(request, arena_format(&request->arena, "/v1/evaluations/%s", evaluation.id), NULL,
                   rows_text(shown, 0, 0));
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};
static const struct query_field verdicts_query[] = {
    {.name = "overall", .type = FIELD_CHOICE, .choices = overalls},
    QUERY_PAGE,
    {0},
};

const struct route evaluation_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/evaluations",
     .roles = OFFICES,
     .lane = LANE_QUICK,
     .read = &evaluation_list,
     .bind = {"{code}", "{year}", "?cursor", "?limit"},
     .query = page_query},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/evaluations",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_HEAVY,
     .act = create_evaluation,
     .body_kind = BODY_JSON,
     .body = evaluation_fields},
    {.method = "GET",
     .path = "/v1/evaluations/{id}",
     .roles = OFFICES | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &evaluation_show,
     .bind = {"{id}"}},
    {.method = "GET",
     .path = "/v1/evaluations/{id}/standings",
     .roles = OFFICES,
     .lane = LANE_QUICK,
     .read = &evaluation_standings,
     .bind = {"{id}"}},
    {.method = "GET",
     .path = "/v1/evaluations/{id}/verdicts",
     .roles = OFFICES | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &verdict_list,
     .bind = {"{id}", "@offices", "@unit", "?overall", "?cursor", "?limit"},
     .query = verdicts_query},
    {.method = "GET",
     .path = "/v1/evaluations/{id}/verdicts/{unit_id}",
     .roles = OFFICES | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &verdict_show,
     .bind = {"{id}", "{unit_id}", "@offices", "@unit"}},
    {0},
};
