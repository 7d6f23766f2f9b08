// Evaluations: runs of the criteria engine over a round, a group or some units, and what they found.
#include "evaluations/evaluations.h"
#include "evaluations/background.h"
#include "evaluations/evaluate.h"
#include "evaluations/overrides.h"
#include "evaluations/private.h"
#include "evaluations/stored/stored.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"
#include "rounds/round.h"
#include "thidua/verdict_pack.h"

#include <stdlib.h>
#include <string.h>

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

static bool is_group_evaluations(struct request *request, struct session *session, const char *campaign,
                                 const char *group)
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
                                     .group = body.group};
    order.units = named_units(request, &order.unit_count);
    bool later = !request->dry_run && prefers(request, "respond-async");
    if (!round_planned(request, session, order.campaign, order.year) ||
        !is_group_evaluations(request, session, order.campaign, body.group) ||
        !(later ? background_start : evaluate)(request, session, &order, &evaluation))
        return refusal(request);
    struct reply reply = created(request, session, evaluation.event, NULL, evaluation.event.after);
    if (later && reply.status == 201) {
        reply.status = 202;
        reply.preference_applied = "respond-async";
    }
    return reply;
}

// ---- reading ----

// A unit sees its own subtree, without what is restricted.
static enum audience audience_of(const struct request *request)
{
    return has_role(request, MAY_READ_RESTRICTED) ? AUDIENCE_RESTRICTED : AUDIENCE_UNIT;
}

static const char *verdict_text(struct stored_evaluation *evaluation, const struct stored_verdict *verdict)
{
    return stored_text(evaluation, &evaluation->request->arena, verdict, audience_of(evaluation->request));
}

static struct reply show_verdict(struct request *request, struct session *session)
{
    struct stored_evaluation evaluation;
    const struct stored_verdict *verdict;
    const char *text;
    if (!stored_open(request, session, path_value(request, "id"), &evaluation) ||
        !verdict_stored(request, session, evaluation.id, path_value(request, "unit_id"),
                        has_role(request, MAY_READ_RESTRICTED), caller_unit(request), &verdict))
        return refusal(request);
    if (!verdict) {
        refuse(request, PROBLEM_NOT_FOUND, NULL);
        return refusal(request);
    }
    if (!(text = verdict_text(&evaluation, verdict)))
        return refusal(request);
    return computed(request, NULL, text);
}

struct text_list {
    char *text;
    size_t length, room;
};

static void append(struct arena *arena, struct text_list *list, const char *text)
{
    size_t length = strlen(text);
    if (list->room - list->length <= length) {
        size_t room = 2 * list->room + length + 1;
        char *more = arena_allocate(arena, room);
        if (list->length)
            memcpy(more, list->text, list->length);
        list->text = more;
        list->room = room;
    }
    memcpy(list->text + list->length, text, length + 1);
    list->length += length;
}

static bool append_verdict(struct stored_evaluation *evaluation, const struct verdict_page *row, struct text_list *list)
{
    struct arena *arena = &evaluation->request->arena;
    const struct stored_verdict verdict = {.unit_id = row->unit_id,
                                           .overall = row->overall,
                                           .facts = row->facts,
                                           .facts_length = row->facts_length,
                                           .results = row->results,
                                           .results_length = row->results_length};
    const char *text = verdict_text(evaluation, &verdict);
    if (!text)
        return false;
    append(arena, list, "{\"label\":");
    append(arena, list, row->label);
    append(arena, list, ",");
    append(arena, list, text + 1); // an object: its members follow
    return true;
}

static struct reply list_verdicts(struct request *request, struct session *session)
{
    struct stored_evaluation evaluation;
    struct text_list list = {0};
    const struct verdict_page *rows;
    size_t count;
    struct arena *arena = &request->arena;
    const char *limit = query_value(request, "limit"), *next = NULL;
    size_t most = strtoul(limit, NULL, 10);
    if (!stored_open(request, session, path_value(request, "id"), &evaluation) ||
        !verdict_page(request, session, evaluation.id, has_role(request, MAY_READ_RESTRICTED), caller_unit(request),
                      query_value(request, "overall"), query_value(request, "cursor"), limit, evaluation.year, &rows,
                      &count))
        return refusal(request);
    append(arena, &list, "{\"items\":[");
    for (size_t i = 0; i < count && i < most; i++) {
        if (i)
            append(arena, &list, ",");
        if (!append_verdict(&evaluation, &rows[i], &list))
            return refusal(request);
    }
    if (count > most)
        next = rows[most - 1].cursor;
    append(arena, &list, next ? arena_format(arena, "],\"next\":\"%s\"}", next) : "],\"next\":null}");
    return computed(request, next, list.text);
}

// ---- standings ----

static bool read_contestants(struct stored_evaluation *evaluation, struct contestants *contestants)
{
    struct stored_verdict stored;
    enum stored_step step;
    while ((step = stored_next(evaluation, &stored)) == STORED_VERDICT)
        if (!stored_contestant(evaluation, &stored, contestants))
            break;
    stored_close(evaluation);
    return step == STORED_END;
}

static json_t *group_label_evaluations(const struct standing_policy *policy, size_t group)
{
    if (group >= policy->group_count)
        return json_null();
    const struct bilingual text = policy->groups[group].text;
    return json_pack("{s:s, s:s}", "vi", text.vi, "en", text.en);
}

// A reader wants the name beside the id, and the words for the code.
static void add_labels_evaluations(json_t *json, const struct standings *standings,
                                   const struct contestants *contestants, const struct verdict_labels *labels,
                                   size_t count)
{
    for (size_t i = 0; i < standings->count; i++) {
        json_t *item = json_array_get(json_object_get(json, "items"), i);
        size_t contestant = standings->rows[i].contestant;
        const char *label = contestant < count ? labels[contestant].label : "";
        json_object_set_new(item, "label", json_string(label));
        json_object_set_new(item, "group_label",
                            group_label_evaluations(contestants->policy, contestants->items[contestant].group));
        json_object_set_new(item, "overall", json_string(overall_outcome_name(contestants->items[contestant].overall)));
    }
}

bool evaluation_standings(struct request *request, struct session *session, const char *id, json_t **ret_json)
{
    struct stored_evaluation evaluation;
    struct standings_input input;
    struct standings standings;
    const struct verdict_labels *labels;
    size_t count;
    struct rule_faults faults = {.arena = &request->arena};
    if (!stored_open(request, session, id, &evaluation))
        return false;
    if (!evaluation.standings)
        return refuse(request, PROBLEM_CONFLICT,
                      say(request, "Lần đánh giá này không xếp hạng.", "This evaluation ranked nobody."));
    struct contestants contestants = {.arena = &request->arena, .policy = evaluation.rules->document.standings};
    if (!read_contestants(&evaluation, &contestants) ||
        !verdict_labels(request, session, evaluation.id, evaluation.year, &labels, &count))
        return false;
    if (!standings_input_of(&contestants, evaluation.inputs, &faults, &input) ||
        !standings_unpack(&request->arena, &input, evaluation.standings, evaluation.standings_length, &standings))
        return stored_unfit(&evaluation, "standings", NULL);
    json_t *json = standings_to_json(&input, &standings, AUDIENCE_RESTRICTED);
    add_labels_evaluations(json, &standings, &contestants, labels, count);
    if (!overrides_show(request, session, evaluation.campaign, evaluation.year, id, json)) {
        json_decref(json);
        return false;
    }
    *ret_json = json;
    return true;
}

static struct reply show_standings(struct request *request, struct session *session)
{
    json_t *json = NULL;
    if (!evaluation_standings(request, session, path_value(request, "id"), &json))
        return refusal(request);
    const char *text = json_canonical(&request->arena, json, NULL);
    json_decref(json);
    return computed(request, NULL, text);
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};
static const struct query_field verdicts_query[] = {
    {.name = "overall", .type = FIELD_CHOICE, .choices = overall_outcome_names},
    QUERY_PAGE,
    {0},
};

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
    {"Thứ hạng", "Rank", "rank"},
    {"Trong số", "Of", "of"},
    {"Xếp trong", "Ranked among", "among.label.@"},
    {"Đơn vị", "Unit", "label"},
    {"Nhóm", "Group", "group_label.@"},
    {"Tình trạng", "Status", "status", .codes = "StandingStatus"},
    {"Kết quả xét", "Overall", "overall", .codes = "Overall"},
    {"Căn cứ xếp hạng", "Decided by", "decided_by.text.@"},
    {"Quyết định thay", "Override", "override.decided", .codes = "StandingStatus"},
    {"Lý do", "Reason", "override.reason"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

static const struct column verdict_columns[] = {
    {"Đơn vị", "Unit", "label"},
    {"Kết quả xét", "Overall", "overall", .codes = "Overall"},
    {"Từng tiêu chí", "By criterion", "criteria[].clause+result", .codes = "+Result"},
    {"Giải thích", "Explanation", "criteria[].clause+explanation.@"},
    {"Còn thiếu", "Still open", "decisive_unknowns[].text.@"},
    {"Cần thay đổi", "Changes needed", "changes[].text.@"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

const struct route evaluation_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/evaluations",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &evaluation_list_statement,
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
    {.method = "GET",
     .path = "/v1/evaluations/{id}/verdicts",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_COMPUTE,
     .act = list_verdicts,
     .query = verdicts_query,
     .columns = verdict_columns},
    {.method = "GET",
     .path = "/v1/evaluations/{id}/verdicts/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_COMPUTE,
     .act = show_verdict},
    {0},
};
