// Before a version is published or taken: which past verdicts would flip, had it been in force. Stores nothing.
#include "criteria_sets/document.h"
#include "handler/run.h"
#include "http/route.h"
#include "trials/impact.h"
#include "trials/impact.sql.h"
#include "trials/private.h"

#include <stdlib.h>

struct impact_body {
    const char *campaign, *year;
};

static const struct field impact_fields[] = {
    BOUND(impact_body, campaign, FIELD_LINE, .most = 64),
    BOUND(impact_body, year, FIELD_INTEGER, .least = 2000, .most = 2999),
    {0},
};

struct tally {
    struct request *request;
    struct session *session;
    struct rule_set_document document;
    json_t *evaluations, *skipped, *flips;
    size_t verdicts, flipped;
    bool more_evaluations; // than are looked at
};

static json_t *matrix_json(const struct impact *impact)
{
    json_t *list = json_array();
    for (enum overall_outcome from = OVERALL_ELIGIBLE; from <= OVERALL_PENDING; from++)
        for (enum overall_outcome to = OVERALL_ELIGIBLE; to <= OVERALL_PENDING; to++)
            if (impact->flips[from][to])
                json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "from", overall_outcome_name(from), "to",
                                                      overall_outcome_name(to), "count",
                                                      (json_int_t)impact->flips[from][to]));
    return list;
}

static bool add_evaluation(struct tally *tally, const struct impact_evaluations *evaluation)
{
    bool covered = false;
    struct impact impact = {.request = tally->request,
                            .session = tally->session,
                            .rules = tally->document.rules,
                            .missing = json_array(),
                            .shown = tally->flips};
    bool good = impact_of(&impact, evaluation->id, &covered);
    json_t *frame = json_pack("{s:s, s:s, s:i, s:{s:s, s:i}}", "evaluation_id", evaluation->id, "campaign",
                              evaluation->campaign, "year", (int)evaluation->year, "rule_set", "name",
                              evaluation->rule_set_name, "version", (int)evaluation->rule_set_version);
    if (good && covered) {
        json_object_set_new(frame, "verdicts", json_integer((json_int_t)impact.verdicts));
        json_object_set_new(frame, "flipped", json_integer((json_int_t)impact.flipped));
        json_object_set_new(frame, "criteria_only", json_integer((json_int_t)impact.criteria_only));
        json_object_set_new(frame, "flips", matrix_json(&impact));
        json_object_set(frame, "not_stored", impact.missing);
    }
    json_array_append_new(covered ? tally->evaluations : tally->skipped, frame);
    json_decref(impact.missing);
    tally->verdicts += impact.verdicts;
    tally->flipped += impact.flipped;
    return good;
}

static bool add_labels_impact(struct tally *tally)
{
    const struct impact_labels *labels;
    json_t *flip;
    size_t i, count;
    const char *text = json_canonical(&tally->request->arena, tally->flips, NULL);
    if (!impact_labels(tally->request, tally->session, text, &labels, &count))
        return false;
    json_array_foreach(tally->flips, i, flip)
    {
        const char *label = i < count ? labels[i].label : NULL;
        json_object_set_new(flip, "unit_label", json_string(label ? label : ""));
    }
    return true;
}

static bool read_rules_impact(struct tally *tally)
{
    struct rule_faults faults;
    const json_t *json;
    return document_stored(tally->request, tally->session, path_value(tally->request, "name"),
                           path_value(tally->request, "version"), &json) &&
           (document_check(tally->request, json, false, &faults, &tally->document) ||
            document_refuse(tally->request, &faults, "/document"));
}

static bool measure(struct tally *tally, const struct impact_body *body)
{
    struct request *request = tally->request;
    const struct impact_evaluations *evaluations;
    size_t count;
    if (!read_rules_impact(tally) ||
        !impact_evaluations(request, tally->session, path_value(request, "name"), path_value(request, "version"),
                            body->campaign, body->year, tally->document.hash, &evaluations, &count))
        return false;
    tally->more_evaluations = count > IMPACT_ROUNDS_MOST;
    for (size_t i = 0; i < count && i < IMPACT_ROUNDS_MOST; i++)
        if (!add_evaluation(tally, &evaluations[i]))
            return false;
    return add_labels_impact(tally);
}

static struct reply show_impact(struct request *request, struct session *session)
{
    struct impact_body body = {0};
    if (!read_body(request, impact_fields, &body))
        return refusal(request);
    struct tally tally = {.request = request,
                          .session = session,
                          .evaluations = json_array(),
                          .skipped = json_array(),
                          .flips = json_array()};
    bool good = measure(&tally, &body);
    json_t *answer = json_pack("{s:s, s:I, s:I, s:o, s:o, s:o}", "rule_set_hash", tally.document.hash, "verdicts",
                               (json_int_t)tally.verdicts, "flipped", (json_int_t)tally.flipped, "evaluations",
                               tally.evaluations, "not_covered", tally.skipped, "items", tally.flips);
    const char *text = NULL;
    if (good) {
        json_object_set_new(answer, "more_items", json_boolean(tally.flipped > json_array_size(tally.flips)));
        json_object_set_new(answer, "more_evaluations", json_boolean(tally.more_evaluations));
        text = json_canonical(&request->arena, answer, NULL);
    }
    json_decref(answer);
    return text ? computed(request, NULL, text) : refusal(request);
}

const struct route impact_routes[] = {
    {.method = "POST",
     .path = "/v1/criteria-sets/{name}/{version}/impact",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_HEAVY,
     .one_state = true,
     .trial = true,
     .act = show_impact,
     .body_kind = BODY_JSON,
     .body = impact_fields},
    {0},
};
