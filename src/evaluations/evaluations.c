// Evaluations: runs of the criteria engine over a round, a group or some units, and how it ranked them. What it says of
// single units is in verdicts.c.
#include "evaluations/evaluations.h"
#include "evaluations/background.h"
#include "evaluations/evaluate.h"
#include "evaluations/overrides.h"
#include "evaluations/private.h"
#include "evaluations/stored/stored.h"
#include "handler/run.h"
#include "http/route.h"
#include "rounds/round.h"

static const struct field unit_item = {.type = FIELD_UUID};

struct evaluation_body {
    const char *as_of, *group;
};

static const struct field evaluation_fields[] = {
    BOUND(evaluation_body, as_of, FIELD_INSTANT),
    BOUND(evaluation_body, group, FIELD_LINE, .least = 1, .most = GROUP_MOST),
    PASSED("units", FIELD_LIST, .least = 1, .most = EVALUATION_UNITS_MOST, .item = &unit_item),
    {0},
};

// The ids of the body's `units`; NULL: it names none.
static const char *const *named_units(struct request *request, size_t *ret_count)
{
    const json_t *list = json_object_get(request->json, "units");
    *ret_count = json_array_size(list);
    const char **units = *ret_count ? arena_array(&request->arena, *ret_count, sizeof *units) : NULL;
    for (size_t i = 0; i < *ret_count; i++)
        units[i] = json_string_value(json_array_get(list, i));
    return units;
}

static bool group_is_planned(struct request *request, struct session *session, const char *campaign, const char *group)
{
    struct plan_groups groups;
    return !group ||
           (plan_groups(request, session, campaign, &groups) && group_known(request, &groups, group, "/group"));
}

static struct reply create_evaluation(struct request *request, struct session *session)
{
    struct evaluation_body body = {0};
    struct evaluation evaluation;
    if (!read_body(request, evaluation_fields, &body))
        return refusal(request);
    struct evaluation_order order = {.campaign = path_value(request, "code"),
                                     .year = path_value(request, "year"),
                                     .as_of = body.as_of,
                                     .group = body.group,
                                     .facts_untouched = true};
    order.units = named_units(request, &order.unit_count);
    bool later = !request->dry_run && prefers(request, "respond-async");
    if (!round_admits(request, session, ROUND_EVALUATION, order.campaign, order.year) ||
        !group_is_planned(request, session, order.campaign, body.group) ||
        !(later ? background_start : evaluate)(request, session, &order, &evaluation))
        return refusal(request);
    struct reply reply = created(request, session, evaluation.event, NULL, evaluation.json);
    if (later && reply.status == 201) {
        reply.status = 202;
        reply.preference_applied = "respond-async";
    }
    return reply;
}

// ---- standings ----

// By group; and, where none is known, null.
static json_t *labels_of_groups(const struct standing_policy *policy)
{
    json_t *labels = json_array();
    for (size_t i = 0; i < policy->group_count; i++)
        json_array_append_new(
            labels, json_pack("{s:s, s:s}", "vi", policy->groups[i].text.vi, "en", policy->groups[i].text.en));
    json_array_append_new(labels, json_null());
    return labels;
}

// By unit. A new reference.
static json_t *labels_by_unit(const struct standings_input *input, const struct verdict_labels *labels, size_t count)
{
    json_t *by_unit = json_object();
    for (size_t i = 0; i < count && i < input->contestant_count; i++)
        json_object_set_new(by_unit, input->contestants[i].unit_id, json_string(labels[i].label));
    return by_unit;
}

// Few wait for others, so names by unit are made for the first of them.
static void add_waits_labels(const json_t *list, const struct standings_input *input,
                             const struct verdict_labels *labels, size_t count, json_t **by_unit)
{
    size_t i;
    json_t *waited;
    json_array_foreach(list, i, waited)
    {
        if (json_object_get(waited, "unit_label"))
            continue; // rows share what is open of a unit
        if (!*by_unit)
            *by_unit = labels_by_unit(input, labels, count);
        json_object_set(waited, "unit_label",
                        json_object_get(*by_unit, json_string_value(json_object_get(waited, "unit_id"))));
    }
}

// A reader wants the name beside the id, and the words for the code. `place`: of the form's first item. Items of one
// group share its label.
static void add_standing_labels(json_t *json, const struct form_standings *form, size_t *place,
                                const struct verdict_labels *labels, size_t count)
{
    const struct standing_policy *policy = form->input.policy;
    json_t *by_unit = NULL, *groups = labels_of_groups(policy), *items = json_object_get(json, "items");
    for (size_t i = 0; i < form->standings.count; i++) {
        json_t *item = json_array_get(items, (*place)++);
        size_t slot = form->standings.rows[i].contestant;
        const struct contestant *contestant = &form->input.contestants[slot];
        json_object_set_new(item, "unit_label", json_string(slot < count ? labels[slot].label : ""));
        size_t against = form->standings.rows[i].against;
        json_t *decided_by = json_object_get(item, "decided_by");
        if (json_is_object(decided_by))
            json_object_set_new(decided_by, "against_unit_label",
                                against < count ? json_string(labels[against].label) : json_null());
        add_waits_labels(json_object_get(item, "waits_for"), &form->input, labels, count, &by_unit);
        size_t group = contestant->group < policy->group_count ? contestant->group : policy->group_count;
        json_object_set(item, "group_label", json_array_get(groups, group));
        json_object_set_new(item, "overall", json_string(overall_outcome_name(contestant->overall)));
    }
    json_decref(groups);
    json_decref(by_unit);
}

// Beside the standings, what people decided. False with a problem recorded: then the standings are released.
static bool show_decided(struct stored_evaluation *evaluation, json_t *json, json_t **ret_json)
{
    *ret_json = json;
    if (overrides_show(evaluation->request, evaluation->session, evaluation->campaign, evaluation->year, evaluation->id,
                       json))
        return true;
    json_decref(json);
    return false;
}

bool evaluation_standings(struct request *request, struct session *session, const char *id, json_t **ret_json)
{
    struct stored_evaluation evaluation;
    struct ranked ranked = {0};
    const struct verdict_labels *labels;
    size_t count, place = 0;
    if (!stored_open(request, session, id, &evaluation) || !stored_ranked(&evaluation, true, &ranked) ||
        !verdict_labels(request, session, evaluation.id, evaluation.campaign, evaluation.year, &labels, &count))
        return false;
    json_t *json = ranked_json(&ranked, evaluation.inputs, AUDIENCE_RESTRICTED);
    if (!within_budget(request)) { // rows are missing
        json_decref(json);
        return false;
    }
    for (size_t f = 0; f < ranked.count; f++)
        add_standing_labels(json, &ranked.all[f], &place, labels, count);
    return show_decided(&evaluation, json, ret_json);
}

// No column shows them, and a table is read from this.
static void leave_lists_out(json_t *json)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(json, "items"), i, item)
    {
        json_object_del(item, "waits_for");
        json_object_del(item, "tied_with");
    }
}

static struct reply show_standings(struct request *request, struct session *session)
{
    json_t *json = NULL;
    if (!evaluation_standings(request, session, path_value(request, "id"), &json))
        return refusal(request);
    if (request->columns)
        leave_lists_out(json);
    const char *text = json_canonical(&request->arena, json, NULL);
    json_decref(json);
    return computed(request, NULL, text);
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};
static const struct column evaluation_columns[] = {
    {"Lúc", "As of", "as_of", COLUMN_INSTANT},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state", .codes = "EvaluationState"},
    {"Bộ tiêu chí", "Criteria set", "rule_set.name"},
    {"Phiên bản", "Version", "rule_set.version"},
    {"Đủ điều kiện", "Eligible", "counts.ELIGIBLE"},
    {"Không đủ", "Ineligible", "counts.INELIGIBLE"},
    {"Chưa xét", "Deferred", "counts.DEFERRED"},
    {"Chờ", "Pending", "counts.PENDING"},
    {"Tạo lúc", "Created at", "created_at", COLUMN_INSTANT},
    {"Người tạo", "Created by", "created_by"},
    {"Băm dữ liệu vào", "Input hash", "input_hash"},
    {"Băm kết quả", "Result hash", "result_hash"},
    {"Mã", "Id", "id"},
    {0},
};

static const struct column standing_columns[] = {
    {"Hình thức", "Form", "form_label.@"},
    {"Thứ hạng", "Rank", "rank"},
    {"Trong số", "Of", "of"},
    {"Xếp trong", "Ranked among", "among.label.@"},
    {"Đơn vị", "Unit", "unit_label"},
    {"Nhóm", "Group", "group_label.@"},
    {"Tình trạng", "Status", "status", .codes = "StandingStatus"},
    {"Hạng giải", "Tier", "tier_label.@"},
    {"Kết quả xét", "Overall", "overall", .codes = "Overall"},
    {"Căn cứ xếp hạng", "Decided by", "decided_by.text.@"},
    {"Quyết định thay", "Override", "override.decided", .codes = "StandingStatus"},
    {"Lý do", "Reason", "override.reason"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

const struct route evaluation_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/evaluations",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &evaluation_list_statement,
     .orders = (const struct order[]){FROM_END("created_at", evaluation_list), {0}},
     .query = page_query,
     .columns = evaluation_columns},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/evaluations",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_HEAVY,
     .one_state = true,
     .duty = NO_UNIT_AT_STAKE("An evaluation computes by the rules what is recorded; it decides nothing."),
     .act = create_evaluation,
     .body_kind = BODY_JSON,
     .body = evaluation_fields},
    {.method = "GET",
     .path = "/v1/evaluations/{id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &evaluation_show_statement},
    {.method = "GET",
     .path = "/v1/evaluations/{id}/standings",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_COMPUTE,
     .act = show_standings,
     .columns = standing_columns},
    {0},
};
