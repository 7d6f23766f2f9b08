// Sở Nội vụ's submissions to the Chair (III.4.b).
#include "evaluations/evaluations.h"
#include "evaluations/overrides.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"
#include "proposals/private.h"
#include "proposals/proposed_dossiers.h"
#include "rounds/round.h"
#include "statements.h"
#include "thidua/civil.h"
#include "thidua/identifier.h"

#include <string.h>

static const struct field unit_fields[] = {
    PASSED("unit_id", FIELD_UUID, .required = true),
    PASSED("initiative_id", FIELD_UUID, .nullable = true),
    {0},
};
static const struct field unit_item = {.type = FIELD_OBJECT, .fields = unit_fields};

struct proposal_body {
    const char *evaluation_id, *letter_number;
};

static const struct field proposal_fields[] = {
    BOUND(proposal_body, evaluation_id, FIELD_UUID, .required = true),
    PASSED("units", FIELD_LIST, .required = true, .least = 1, .most = 200, .item = &unit_item),
    BOUND(proposal_body, letter_number, FIELD_TEXT, .most = 64),
    PASSED("letter_date", FIELD_DATE),
    {0},
};

struct step_body {
    const char *action, *reason, *letter_number, *letter_date, *submitted_at, *source;
};

static const struct field step_fields[] = {
    BOUND(step_body, action, FIELD_TEXT, .required = true, .most = 32),
    BOUND(step_body, reason, FIELD_TEXT, .most = 1000),
    BOUND(step_body, letter_number, FIELD_TEXT, .most = 64),
    BOUND(step_body, letter_date, FIELD_DATE),
    BOUND(step_body, submitted_at, FIELD_INSTANT),
    BOUND(step_body, source, FIELD_TEXT, .most = 200),
    {0},
};

// "1082/TTr-SNV"
static bool number_symbol(struct request *request, const char *text, const char *pointer)
{
    return !text || number_symbol_is_valid(text, strlen(text)) ||
           violate(request, PROBLEM_INVALID, pointer, "number_symbol",
                   say(request, "Phải là số, ký hiệu văn bản như 1082/TTr-SNV.",
                       "Must be a number-symbol such as 1082/TTr-SNV."));
}

static bool has_sure_place(struct request *request, const json_t *standings, const char *unit_id, const char *label)
{
    const json_t *item = standing_of(standings, unit_id);
    const char *status = item ? standing_in_force(item) : "OUT";
    if (strcmp(status, "SECURE") == 0)
        return true;
    status = arena_text(&request->arena, status);
    request->problem.clause = "III.2.b";
    return violate(request, PROBLEM_RULE_REFUSED, arena_format(&request->arena, "/units/%s", unit_id), status,
                   say(request, "%s: %s. Chỉ đề nghị đơn vị có suất chắc chắn, hoặc ghi quyết định khác kèm lý do.",
                       "%s: %s. Only a unit with a sure place is proposed; or record an override with its reason.",
                       label, status));
}

// III.2.b: the newest standings of the round, and what people decided against them since, say who has a place: an older
// evaluation knows nothing of who came since. A round too large to be ranked has none: there the cap alone holds, when
// a decision is signed. `evaluation`: the one that is named, NULL where none is.
static bool have_sure_places(struct request *request, struct session *session, const char *campaign, const char *year,
                             const char *evaluation, const char *proposal)
{
    struct rows *frame, *units;
    json_t *standings;
    if (!run_one(request, session, proposal_standings, &frame, campaign, year, evaluation) ||
        !run(request, session, proposal_named, &units, proposal, year))
        return false;
    const char *newest = rows_text(frame, 0, 2);
    if (!rows_true(frame, 0, 0))
        return true;
    if (rows_true(frame, 0, 1))
        return violate(request, PROBLEM_RULE_REFUSED, "/evaluation_id", "partial",
                       say(request, "Lần đánh giá này chỉ gồm một số đơn vị: không cho biết ai có suất.",
                           "This evaluation is of some units only: it does not say who has a place."));
    if (evaluation && newest && strcmp(newest, evaluation) != 0)
        return violate(request, PROBLEM_CONFLICT, "/evaluation_id", "superseded",
                       say(request, "Đã có lần đánh giá mới hơn (%s); hãy dùng lần đó.",
                           "There is a newer evaluation of the round (%s): name that one.", newest));
    if (!newest || !evaluation_standings(request, session, newest, &standings))
        return false;
    bool good = overrides_show(request, session, campaign, year, NULL, standings);
    for (int i = 0; good && i < rows_count(units); i++)
        has_sure_place(request, standings, rows_text(units, i, 0), rows_text(units, i, 1));
    json_decref(standings);
    return request->problem.kind == PROBLEM_NONE;
}

// Domain, section 1: nobody puts their own unit forward for an award.
static bool for_others(struct request *request, struct session *session, const char *proposal)
{
    struct rows *own;
    const char *unit = request->caller.unit_id;
    return !unit[0] || (run(request, session, proposal_own, &own, proposal, unit) &&
                        (rows_count(own) == 0 || not_own_unit(request, session, rows_text(own, 0, 0))));
}

static struct reply create_proposal(struct request *request, struct session *session)
{
    struct proposal_body body = {0};
    struct rows *made, *shown;
    struct round round;
    if (!read_body(request, proposal_fields, &body) || !number_symbol(request, body.letter_number, "/letter_number") ||
        !round_writable(request, session, ROUND_SHARED, &round) ||
        !run(request, session, proposal_create, &made, round.campaign, round.year, request->body_json,
             request->caller.key_id))
        return refusal(request);
    if (rows_count(made) == 0) {
        violate(request, PROBLEM_INVALID, "/evaluation_id", "unknown",
                say(request, "Không có lần đánh giá này của đợt xét.", "The round has no such evaluation."));
        return refusal(request);
    }
    const char *id = rows_text(made, 0, 0), *location = arena_format(&request->arena, "/v1/proposals/%s", id);
    if (!for_others(request, session, id) ||
        !have_sure_places(request, session, round.campaign, round.year, body.evaluation_id, id) ||
        !run_one(request, session, proposal_show_statement, &shown, id) ||
        !journal(request, session,
                 (struct journal_entry){.type = "proposal.created",
                                        .resource = location,
                                        .campaign = round.campaign,
                                        .year = round.year,
                                        .after = rows_text(shown, 0, 0)}))
        return refusal(request);
    return old_created(request, location, rows_text(shown, 0, 1), rows_text(shown, 0, 0));
}

// III.4.b: "chậm nhất 10 ngày trước khi tổ chức Hội nghị". While the conference has no date the limit is unknown, so
// nobody can say that it was kept or not.
static bool check_deadline(struct request *request, const struct rows *proposal, const char *submitted_at,
                           const char *reason)
{
    int32_t conference_date;
    int64_t submitted;
    const char *conference = rows_text(proposal, 0, 4);
    int days = (int)rows_number(proposal, 0, 8);
    if (!instant_parse(submitted_at, strlen(submitted_at), &submitted))
        return refuse(request, PROBLEM_INTERNAL, NULL);
    if (reason || !conference || !date_parse(conference, strlen(conference), &conference_date) ||
        proposed_in_time(submitted, conference_date, days))
        return true;
    return refuse_by(request, PROBLEM_RULE_REFUSED, "III.4.b",
                     say(request, "Trình muộn hơn %d ngày trước Hội nghị; chỉ trình được khi ghi rõ lý do (reason).",
                         "Later than %d days before the conference: it can only be submitted with a recorded reason.",
                         days));
}

static bool submit(struct request *request, struct session *session, const struct step_body *body,
                   const struct rows *proposal, struct rows **ret_rows)
{
    struct rows *clock;
    const char *id = path_value(request, "id"), *campaign = rows_text(proposal, 0, 2),
               *year = rows_text(proposal, 0, 3);
    if (!for_others(request, session, id) || !round_takes_writes(request, session, campaign, year))
        return false;
    if (!rows_text(proposal, 0, 5) && !body->letter_number)
        return violate(request, PROBLEM_INVALID, "/letter_number", "required",
                       say(request, "Thiếu số, ký hiệu Tờ trình.", "The letter's number-symbol is needed."));
    if (body->submitted_at && !body->source)
        return violate(request, PROBLEM_INVALID, "/source", "required",
                       say(request, "Ghi thời điểm sớm hơn phải nêu nguồn.", "An earlier instant needs its source."));
    if (!number_symbol(request, body->letter_number, "/letter_number") ||
        !run_one(request, session, clock_text, &clock, body->submitted_at))
        return false;
    const char *submitted_at = rows_text(clock, 0, 0);
    int64_t submitted, now;
    if (instant_parse(submitted_at, strlen(submitted_at), &submitted) &&
        instant_parse(rows_text(clock, 0, 1), strlen(rows_text(clock, 0, 1)), &now) && submitted > now)
        return violate(
            request, PROBLEM_INVALID, "/submitted_at", "future",
            say(request, "Thời điểm trình không thể ở tương lai.", "It cannot have been submitted in the future."));
    return may_submit_dossiers(request, session, id) && have_sure_places(request, session, campaign, year, NULL, id) &&
           check_deadline(request, proposal, submitted_at, body->reason) &&
           run_one(request, session, proposal_submit, ret_rows, id, body->reason, body->letter_number,
                   body->letter_date, body->submitted_at, body->source, request->caller.key_id) &&
           dossiers_follow(request, session, id, DOSSIERS_PROPOSED);
}

static bool step_back(struct request *request, struct session *session, const struct rows *proposal, const char *state,
                      const char *reason, struct rows **ret_rows)
{
    const char *id = path_value(request, "id");
    bool before_chair = strcmp(rows_text(proposal, 0, 0), "SUBMITTED") == 0;
    return run_one(request, session, proposal_step, ret_rows, id, state, reason) &&
           (!before_chair || dossiers_follow(request, session, id, DOSSIERS_PUT_BACK));
}

static struct reply move_proposal(struct request *request, struct session *session)
{
    struct step_body body = {0};
    struct rows *old = NULL, *now = NULL;
    const char *id = path_value(request, "id");
    if (!read_body(request, step_fields, &body) || !run_one(request, session, proposal_lock, &old, id) ||
        !version_is(request, rows_text(old, 0, 1)))
        return refusal(request);
    clauses_of_plan(request, rows_text(old, 0, 7));
    const struct transition *step =
        step_allowed(request, &proposal_life_cycle, rows_text(old, 0, 0), body.action, body.reason);
    if (!step)
        return refusal(request);
    if (strcmp(step->action, "decide") == 0) {
        refuse(request, PROBLEM_IMPOSSIBLE_TRANSITION,
               say(request, "Tờ trình được quyết định bằng việc ký quyết định: POST /v1/decisions/{id}/sign.",
                   "A proposal is decided by signing its decision: POST /v1/decisions/{id}/sign."));
        return refusal(request);
    }
    bool moved = strcmp(step->to, "SUBMITTED") == 0 ? submit(request, session, &body, old, &now)
                                                    : step_back(request, session, old, step->to, body.reason, &now);
    if (!moved || !journal(request, session,
                           (struct journal_entry){.type = arena_format(&request->arena, "proposal.%s", step->action),
                                                  .resource = arena_format(&request->arena, "/v1/proposals/%s", id),
                                                  .campaign = rows_text(old, 0, 2),
                                                  .year = rows_text(old, 0, 3),
                                                  .reason = body.reason,
                                                  .before = rows_text(old, 0, 6),
                                                  .after = rows_text(now, 0, 1)}))
        return refusal(request);
    return old_updated(request, rows_text(now, 0, 0), rows_text(now, 0, 1));
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};

static const struct column proposal_columns[] = {
    {"Số tờ trình", "Letter number", "letter_number"},
    {"Ngày tờ trình", "Letter date", "letter_date", COLUMN_DATE},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state"},
    {"Đơn vị", "Units", "units[].label"},
    {"Trình lúc", "Submitted at", "submitted_at", COLUMN_INSTANT},
    {"Đúng hạn", "In time", "in_time"},
    {"Hạn trình", "Proposal until", "proposal_deadline", COLUMN_DATE},
    {"Lý do", "Reason", "reason"},
    {"Tạo lúc", "Created at", "created_at", COLUMN_INSTANT},
    {"Mã lần xét", "Evaluation id", "evaluation_id"},
    {"Mã", "Id", "id"},
    {0},
};

const struct route proposal_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/proposals",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_list_statement,
     .query = page_query,
     .columns = proposal_columns},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/proposals",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .act = create_proposal,
     .body_kind = BODY_JSON,
     .body = proposal_fields},
    {.method = "GET",
     .path = "/v1/proposals/{id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_show_statement},
    {.method = "POST",
     .path = "/v1/proposals/{id}/transitions",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .act = move_proposal,
     .body_kind = BODY_JSON,
     .body = step_fields},
    {0},
};

const struct constraint_problem proposal_constraints[] = {
    {"proposal_unit_twice", PROBLEM_INVALID, "/units", NULL, "Một đơn vị được nêu hai lần.", "A unit is named twice."},
    {"proposal_unit_not_eligible", PROBLEM_NOT_ELIGIBLE, "/units", "III.1",
     "Có đơn vị mà lần đánh giá đó không xác định là đủ điều kiện (ELIGIBLE).",
     "The evaluation did not find every one of these units ELIGIBLE."},
    {"proposal_initiative_not_recognised", PROBLEM_RULE_REFUSED, "/units", "III.1.c",
     "Sáng kiến được nêu không phải của đơn vị, chưa được Hội đồng Sáng kiến cấp tỉnh công nhận hoặc đã dùng cho lần "
     "khen khác.",
     "The initiative named is not the unit's, not recognised by the provincial council, or has already earned an "
     "award."},
    {"proposal_units_initiative", PROBLEM_INVALID, "/units", "III.1.c", "Không có sáng kiến này.",
     "There is no such initiative."},
    {0},
};
