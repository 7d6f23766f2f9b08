// Award rounds: what dashboards poll, the conference date that moves deadlines, the life cycle.
#include "rounds/round.h"

#include "handler/constraints.h"
#include "handler/step.h"
#include "http/route.h"
#include "rounds/private.h"
#include "statements.h"

#include <string.h>

// ---- shared by everything inside a round ----

static bool refuse_year(struct request *request, struct session *session, const struct round *round)
{
    struct rows *campaign;
    if (!run_one(request, session, round_campaign, &campaign, round->campaign))
        return false;
    clauses_of_plan(request, rows_text(campaign, 0, 1));
    return refuse_by(request, PROBLEM_RULE_REFUSED, "II.3",
                     say(request, "Kế hoạch này không xét khen thưởng năm %s; các năm xét: %s.",
                         "This plan gives no awards for %s; its award years are %s.", round->year,
                         rows_text(campaign, 0, 0)));
}

static bool hold_round(struct request *request, struct session *session, enum round_hold hold, struct round round,
                       struct round *ret_round)
{
    struct rows *rows;
    const struct statement *statement = hold == ROUND_ALONE ? &round_hold : &round_share;
    const char *values[] = {round.campaign, round.year};
    *ret_round = round;
    if (!run_values(request, session, statement, &rows, values, 2))
        return false;
    if (rows_count(rows) == 0)
        return refuse_year(request, session, &round);
    clauses_of_plan(request, rows_text(rows, 0, 5));
    round.path = arena_format(&request->arena, "/v1/campaigns/%s/rounds/%s", round.campaign, round.year);
    round.version = rows_text(rows, 0, 0);
    round.state = rows_text(rows, 0, 1);
    round.intake_over = rows_true(rows, 0, 2);
    round.json = rows_text(rows, 0, 3);
    round.quota_version = rows_text(rows, 0, 4);
    *ret_round = round;
    return true;
}

bool round_held(struct request *request, struct session *session, enum round_hold hold, struct round *ret_round)
{
    struct round round = {.campaign = path_value(request, "code"), .year = path_value(request, "year")};
    return hold_round(request, session, hold, round, ret_round);
}

bool round_planned(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct rows *rows;
    const struct round round = {.campaign = campaign, .year = year};
    return run(request, session, round_get_statement, &rows, campaign, year) &&
           (rows_count(rows) > 0 || refuse_year(request, session, &round));
}

bool round_is_open(struct request *request, const char *state)
{
    return (state && strcmp(state, "CLOSED") != 0) ||
           refuse(request, PROBLEM_CONFLICT,
                  say(request, "Đợt xét khen thưởng này đã khép lại; hồ sơ của đợt không thay đổi nữa.",
                      "This round is closed: its records no longer change."));
}

bool round_writable(struct request *request, struct session *session, enum round_hold hold, struct round *ret_round)
{
    return round_held(request, session, hold, ret_round) && round_is_open(request, ret_round->state);
}

bool round_writable_of(struct request *request, struct session *session, const char *campaign, const char *year,
                       struct round *ret_round)
{
    struct round round = {.campaign = campaign, .year = year};
    return hold_round(request, session, ROUND_SHARED, round, ret_round) && round_is_open(request, ret_round->state);
}

bool round_takes_writes(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct rows *rows, *plan;
    if (!run(request, session, round_share, &rows, campaign, year))
        return false;
    if (rows_count(rows) > 0) {
        clauses_of_plan(request, rows_text(rows, 0, 5));
        return round_is_open(request, rows_text(rows, 0, 1));
    }
    if (!run(request, session, round_campaign, &plan, campaign))
        return false;
    if (rows_count(plan) > 0)
        clauses_of_plan(request, rows_text(plan, 0, 1));
    return true;
}

bool puts_over(struct request *request, const struct rows *record)
{
    if (rows_count(record) > 0)
        return version_is(request, rows_text(record, 0, 0));
    return !request->if_match || refuse(request, PROBLEM_STALE_VERSION,
                                        say(request, "Bản ghi này không (còn) có; bỏ If-Match để tạo mới.",
                                            "There is no such record (any more): leave If-Match out to make it."));
}

const char *round_location(struct request *request, const struct round *round, const char *kind, const char *name)
{
    return arena_format(&request->arena, "%s/%s/%s", round->path, kind, name);
}

const char *put_location(struct request *request)
{
    return arena_copy(&request->arena, request->target, strcspn(request->target, "?"));
}

bool plan_groups(struct request *request, struct session *session, const char *campaign, struct plan_groups *ret_groups)
{
    struct rows *rows;
    if (!run_one(request, session, plan_group_list, &rows, campaign))
        return false;
    json_t *codes = json_loads(rows_text(rows, 0, 0), 0, NULL);
    defer_json(request, codes);
    *ret_groups = (struct plan_groups){codes, rows_text(rows, 0, 1)};
    return true;
}

bool group_known(struct request *request, const struct plan_groups *groups, const char *group, const char *pointer)
{
    size_t i;
    json_t *code;
    json_array_foreach(groups->codes, i, code)
    {
        if (strcmp(json_string_value(code), group) == 0)
            return true;
    }
    return violate(
        request, PROBLEM_INVALID, pointer, "unknown_group",
        say(request, "Các nhóm của kế hoạch: %s.", "The plan's groups are: %s.", groups->shown ? groups->shown : "–"));
}

// ---- the round itself ----

static const struct field patch_fields[] = {
    PASSED("conference_on", FIELD_DATE, .nullable = true),
    {0},
};

static struct reply patch_round(struct request *request, struct session *session)
{
    struct round round;
    struct rows *now;
    if (!read_body(request, patch_fields, NULL) || !round_writable(request, session, ROUND_ALONE, &round) ||
        !version_is(request, round.version) ||
        !run_one(request, session, round_patch, &now, round.campaign, round.year, request->body_json))
        return refusal(request);
    if (!journal(request, session,
                 (struct journal_entry){.type = "round.changed",
                                        .resource = round.path,
                                        .campaign = round.campaign,
                                        .year = round.year,
                                        .before = round.json,
                                        .after = rows_text(now, 0, 1)}))
        return refusal(request);
    return old_updated(request, rows_text(now, 0, 0), rows_text(now, 0, 1));
}

struct step_body {
    const char *action, *reason;
};
static const char *const round_actions[] = {"start_appraisal", "propose", "resume_appraisal", "decide", "close", NULL};
static const struct field step_fields[] = {
    BOUND(step_body, action, FIELD_CHOICE, .required = true, .choices = round_actions),
    BOUND(step_body, reason, FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    {0},
};

// III.4.a: units may lodge until the cut-off, so intake cannot be ended before it.
static bool intake_may_end(struct request *request, const struct round *round, const struct transition *step)
{
    if (strcmp(step->from, round_life_cycle.initial) != 0 || round->intake_over)
        return true;
    return refuse_by(request, PROBLEM_CONFLICT, "III.4.a",
                     say(request, "Chưa hết hạn nhận hồ sơ; hãy chờ qua hạn nộp.",
                         "Dossiers may still be lodged: wait until the submission deadline has passed."));
}

// The public reads a round's state as what has happened: PROPOSED and DECIDED are taken from the records that say so.
static bool has_happened(struct request *request, struct session *session, const struct round *round,
                         const struct transition *step)
{
    struct rows *rows;
    bool proposing = strcmp(step->action, "propose") == 0;
    if (!proposing && strcmp(step->action, "decide") != 0)
        return true;
    if (!run_one(request, session, round_reached, &rows, round->campaign, round->year))
        return false;
    if (proposing)
        return rows_true(rows, 0, 0) ||
               refuse_by(request, PROBLEM_CONFLICT, "III.4.b",
                         say(request, "Đợt xét chưa có tờ trình nào đã trình Chủ tịch; hãy trình (submit) trước.",
                             "No proposal of the round has been submitted to the Chair: submit one first."));
    return rows_true(rows, 0, 1) ||
           refuse_by(request, PROBLEM_CONFLICT, "III.2.a",
                     say(request, "Đợt xét chưa có quyết định khen thưởng nào được ký; hãy ký (sign) trước.",
                         "No award decision of the round has been signed: sign one first."));
}

static struct reply step_round(struct request *request, struct session *session)
{
    struct step_body body = {0};
    struct round round;
    struct rows *now;
    const struct transition *step;
    if (!read_body(request, step_fields, &body) || !round_held(request, session, ROUND_ALONE, &round) ||
        !version_is(request, round.version))
        return refusal(request);
    step = step_allowed(request, &round_life_cycle, round.state, body.action, body.reason);
    if (!step || !intake_may_end(request, &round, step) || !has_happened(request, session, &round, step) ||
        !run_one(request, session, round_step, &now, round.campaign, round.year, step->to))
        return refusal(request);
    if (!journal(request, session,
                 (struct journal_entry){.type = arena_format(&request->arena, "round.%s", step->action),
                                        .resource = round.path,
                                        .campaign = round.campaign,
                                        .year = round.year,
                                        .reason = body.reason,
                                        .before = round.json,
                                        .after = rows_text(now, 0, 1)}))
        return refusal(request);
    return old_updated(request, rows_text(now, 0, 0), rows_text(now, 0, 1));
}

static const struct column round_columns[] = {
    {"Phong trào", "Campaign", "campaign"},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state"},
    {"Số lượng tối đa", "Cap", "cap"},
    {"Hạn nộp hồ sơ", "Dossiers until", "submission_deadline", COLUMN_INSTANT},
    {"Hạn nộp báo cáo", "Reports until", "report_deadline", COLUMN_INSTANT},
    {"Hội nghị", "Conference on", "conference_on", COLUMN_DATE},
    {"Hạn trình", "Proposal until", "proposal_deadline", COLUMN_DATE},
    {"Đã phân bổ", "Allocated", "quota.allocated"},
    {0},
};

const struct route round_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &round_list_statement,
     .cached = true,
     .columns = round_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &round_get_statement,
     .cached = true},
    {.method = "PATCH",
     .path = "/v1/campaigns/{code}/rounds/{year}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .act = patch_round,
     .body_kind = BODY_MERGE_PATCH,
     .body = patch_fields},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/transitions",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .act = step_round,
     .body_kind = BODY_JSON,
     .body = step_fields},
    {0},
};

const struct constraint_problem round_constraints[] = {
    {"rounds_conference_after_intake", PROBLEM_RULE_REFUSED, "/conference_on", "III.4.b",
     "Hội nghị công bố chỉ số của năm không thể họp trước khi hết hạn nhận hồ sơ của năm đó.",
     "The conference that announces the year's index cannot be held before the year's submission deadline."},
    {"rounds_stay", PROBLEM_CONFLICT, NULL, "II.3", "Năm đã mở đợt xét không thể bỏ khỏi kế hoạch.",
     "An award year whose round is open cannot be taken out of the plan."},
    {0},
};
