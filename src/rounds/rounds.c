// Award rounds: what dashboards poll, the conference date that moves deadlines, the life cycle.
#include "rounds/round.h"

#include "handler/constraints.h"
#include "handler/step.h"
#include "http/route.h"
#include "rounds/private.h"
#include "rounds/rounds.sql.h"

#include <string.h>

// ---- shared by everything inside a round ----

static bool refuse_year(struct request *request, struct session *session, const struct round *round)
{
    const struct round_campaign *campaign;
    if (!round_campaign(request, session, round->campaign, &campaign))
        return false;
    if (!campaign)
        return refuse(request, PROBLEM_NOT_FOUND, NULL);
    clauses_of_plan(request, campaign->clauses);
    return refuse_by(request, PROBLEM_RULE_REFUSED, "II.3",
                     say(request, "Kế hoạch này không xét khen thưởng năm %s; các năm xét: %s.",
                         "This plan gives no awards for %s; its award years are %s.", round->year,
                         campaign->award_years));
}

static bool hold_round(struct request *request, struct session *session, enum round_hold hold, struct round round,
                       struct round *ret_round)
{
    const struct round_row *row;
    bool good = hold == ROUND_ALONE ? round_hold_alone(request, session, round.campaign, round.year, &row)
                                    : round_hold_shared(request, session, round.campaign, round.year, &row);
    *ret_round = round;
    if (!good)
        return false;
    if (!row)
        return refuse_year(request, session, &round);
    clauses_of_plan(request, row->clauses);
    round.path = arena_format(&request->arena, "/v1/campaigns/%s/rounds/%s", round.campaign, round.year);
    round.version = row->version;
    round.state = row->state;
    round.intake_over = row->intake_over;
    round.json = row->json;
    round.quota_version = row->quota_version;
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
    const struct round_known *found;
    const struct round round = {.campaign = campaign, .year = year};
    return round_known(request, session, campaign, year, &found) && (found || refuse_year(request, session, &round));
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

bool round_held_of(struct request *request, struct session *session, const char *campaign, const char *year,
                   struct round *ret_round)
{
    return hold_round(request, session, ROUND_SHARED, (struct round){.campaign = campaign, .year = year}, ret_round);
}

bool round_writable_of(struct request *request, struct session *session, const char *campaign, const char *year,
                       struct round *ret_round)
{
    return round_held_of(request, session, campaign, year, ret_round) && round_is_open(request, ret_round->state);
}

bool round_listable(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct round round;
    return round_writable_of(request, session, campaign, year, &round);
}

bool round_reportable(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct round round;
    return round_held_of(request, session, campaign, year, &round);
}

bool round_takes_writes(struct request *request, struct session *session, const char *campaign, const char *year)
{
    const struct round_row *round;
    const struct round_campaign *plan;
    if (!round_hold_shared(request, session, campaign, year, &round))
        return false;
    if (round) {
        clauses_of_plan(request, round->clauses);
        return round_is_open(request, round->state);
    }
    if (!round_campaign(request, session, campaign, &plan))
        return false;
    if (plan)
        clauses_of_plan(request, plan->clauses);
    return true;
}

bool may_put(struct request *request, const char *version)
{
    if (version)
        return version_is(request, version);
    return !request->if_match || refuse(request, PROBLEM_STALE_VERSION,
                                        say(request, "Bản ghi này không (còn) có; bỏ If-Match để tạo mới.",
                                            "There is no such record (any more): leave If-Match out to create it."));
}

const char *round_location(struct request *request, const struct round *round, const char *kind, const char *name)
{
    return arena_format(&request->arena, "%s/%s/%s", round->path, kind, name);
}

const char *put_location(struct request *request)
{
    return arena_copy(&request->arena, request->target, strcspn(request->target, "?"));
}

struct reply record_was_put(struct request *request, struct session *session, bool is_new, struct event event,
                            const char *version, const char *json)
{
    if (!is_new)
        return changed(request, session, event, version, json);
    struct reply reply = created(request, session, event, version, json);
    if (reply.status == 201)
        reply.location = put_location(request);
    return reply;
}

bool plan_groups(struct request *request, struct session *session, const char *campaign, struct plan_groups *ret_groups)
{
    struct plan_group_list list;
    if (!plan_group_list(request, session, campaign, &list))
        return false;
    json_t *codes = json_loads(list.codes, 0, NULL);
    defer_json(request, codes);
    *ret_groups = (struct plan_groups){codes, request->language == ENGLISH ? list.shown_en : list.shown};
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
    struct round_version now;
    if (!read_body(request, patch_fields, NULL) || !round_writable(request, session, ROUND_ALONE, &round) ||
        !version_is(request, round.version) ||
        !round_patch(request, session, round.campaign, round.year, request->body_json, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "round.changed",
                                  .resource = round.path,
                                  .campaign = round.campaign,
                                  .year = round.year,
                                  .before = round.json},
                   now.version, now.json);
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
    if (strcmp(step->from, round_life_cycle.states[0]) != 0 || round->intake_over)
        return true;
    return refuse_by(request, PROBLEM_CONFLICT, "III.4.a",
                     say(request, "Chưa hết hạn nhận hồ sơ; hãy chờ qua hạn nộp.",
                         "Dossiers may still be lodged: wait until the submission deadline has passed."));
}

// The public reads a round's state as what has happened: PROPOSED and DECIDED are taken from the records that say so.
static bool has_happened(struct request *request, struct session *session, const struct round *round,
                         const struct transition *step)
{
    struct round_reached reached;
    bool proposing = strcmp(step->action, "propose") == 0;
    if (!proposing && strcmp(step->action, "decide") != 0)
        return true;
    if (!round_reached(request, session, round->campaign, round->year, &reached))
        return false;
    if (proposing)
        return reached.proposal_submitted ||
               refuse_by(request, PROBLEM_CONFLICT, "III.4.b",
                         say(request, "Đợt xét chưa có tờ trình nào đã trình Chủ tịch; hãy trình (submit) trước.",
                             "No proposal of the round has been submitted to the Chair: submit one first."));
    return reached.decision_signed ||
           refuse_by(request, PROBLEM_CONFLICT, "III.2.a",
                     say(request, "Đợt xét chưa có quyết định khen thưởng nào được ký; hãy ký (sign) trước.",
                         "No award decision of the round has been signed: sign one first."));
}

static struct reply step_round(struct request *request, struct session *session)
{
    struct step_body body = {0};
    struct round round;
    struct round_version now;
    const struct transition *step;
    if (!read_body(request, step_fields, &body) || !round_held(request, session, ROUND_ALONE, &round) ||
        !version_is(request, round.version))
        return refusal(request);
    step = step_allowed(request, &round_life_cycle, round.state, body.action, body.reason);
    if (!step || !intake_may_end(request, &round, step) || !has_happened(request, session, &round, step) ||
        !round_step(request, session, round.campaign, round.year, step->to, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = step->event,
                                  .resource = round.path,
                                  .campaign = round.campaign,
                                  .year = round.year,
                                  .reason = body.reason,
                                  .before = round.json},
                   now.version, now.json);
}

static const struct column round_columns[] = {
    {"Phong trào", "Campaign", "campaign"},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state", .codes = "RoundState"},
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
     .cached = true,
     .members_see_more = true},
    {.method = "PATCH",
     .path = "/v1/campaigns/{code}/rounds/{year}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("The days of a round hold for all its contestants alike."),
     .act = patch_round,
     .body_kind = BODY_MERGE_PATCH,
     .body = patch_fields},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/transitions",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("A round is opened and closed for all its contestants alike."),
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
