// Award rounds: what dashboards poll, the conference date that moves deadlines, the life cycle.
#include "rounds/round.h"

#include "handler/constraints.h"
#include "http/route.h"
#include "rounds/private.h"
#include "rounds/rounds.sql.h"
#include "rounds/yearly/yearly.h"

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
    if (!row) {
        refuse_year(request, session, &round);
        return false;
    }
    clauses_of_plan(request, row->clauses);
    round.path = arena_format(&request->arena, "/v1/campaigns/%s/rounds/%s", round.campaign, round.year);
    round.version = row->version;
    round.state = row->state;
    round.intake_over = row->intake_over;
    round.quota_version = row->quota_version;
    *ret_round = round;
    return true;
}

bool round_held(struct request *request, struct session *session, enum round_hold hold, struct round *ret_round)
{
    struct round round = {.campaign = path_value(request, "code"), .year = path_value(request, "year")};
    return hold_round(request, session, hold, round, ret_round);
}

static const char *in_place(const struct request *request, const struct round_act_row *row)
{
    const char *said = request->language == ENGLISH ? row->instead_en : row->instead_vi;
    return said ? said : "";
}

bool round_admits(struct request *request, struct session *session, enum round_act act, const char *campaign,
                  const char *year)
{
    const struct round_known *found;
    const struct round round = {.campaign = campaign, .year = year};
    return round_known(request, session, campaign, year, &found) &&
           (found ? round_allows(request, act, found->state) : refuse_year(request, session, &round));
}

bool round_allows(struct request *request, enum round_act act, const char *state)
{
    const struct round_act_row *row = &round_acts[act];
    if (round_act_leads(act, state))
        return true;
    if (strcmp(state, "CLOSED") == 0)
        return refuse(
            request, PROBLEM_CONFLICT,
            say(request,
                "Đợt xét khen thưởng này đã khép lại; hồ sơ của đợt không thay đổi nữa. Nếu cần, hãy mở lại "
                "đợt trước: POST …/rounds/{year}/transitions với \"action\": \"reopen\" (đã khen thưởng) hoặc "
                "\"resume_appraisal\" (chưa), kèm lý do.%s",
                "This round is closed: its records no longer change. If they have to, reopen it first: POST "
                "…/rounds/{year}/transitions with \"action\": \"reopen\" (awards were given) or "
                "\"resume_appraisal\" (none were), and a reason.%s",
                in_place(request, row)));
    const struct round_first *first = &round_firsts[row->first];
    return refuse(request, PROBLEM_CONFLICT,
                  say(request, "Trạng thái của đợt xét: %s. %s", "The state of the round is: %s. %s",
                      words_for(request, "RoundState", state), request->language == ENGLISH ? first->en : first->vi));
}

bool round_writable(struct request *request, struct session *session, enum round_hold hold, enum round_act act,
                    struct round *ret_round)
{
    return round_held(request, session, hold, ret_round) && round_allows(request, act, ret_round->state);
}

bool round_held_of(struct request *request, struct session *session, enum round_hold hold, const char *campaign,
                   const char *year, struct round *ret_round)
{
    return hold_round(request, session, hold, (struct round){.campaign = campaign, .year = year}, ret_round);
}

bool round_writable_of(struct request *request, struct session *session, enum round_hold hold, enum round_act act,
                       const char *campaign, const char *year, struct round *ret_round)
{
    return round_held_of(request, session, hold, campaign, year, ret_round) &&
           round_allows(request, act, ret_round->state);
}

bool round_takes(struct request *request, struct session *session, enum round_act act, const char *campaign,
                 const char *year)
{
    const struct round_row *round;
    const struct round_campaign *plan;
    if (!round_hold_shared(request, session, campaign, year, &round))
        return false;
    if (round) {
        clauses_of_plan(request, round->clauses);
        return round_allows(request, act, round->state);
    }
    if (!round_campaign(request, session, campaign, &plan))
        return false;
    if (plan)
        clauses_of_plan(request, plan->clauses);
    return true;
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
    struct round_told was;
    struct round_version now;
    if (!read_body(request, patch_fields, NULL) ||
        !round_writable(request, session, ROUND_ALONE, ROUND_CONFERENCE, &round) ||
        !version_is(request, round.version) || !round_told(request, session, round.campaign, round.year, &was) ||
        !round_patch(request, session, round.campaign, round.year, request->body_json, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "round.changed",
                                  .resource = round.path,
                                  .campaign = round.campaign,
                                  .year = round.year,
                                  .before = was.json},
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

// What everybody is told of a round: its own state, and what is counted in it.
#define ROUND_REST_ON "award campaign contestant decision dossier finding nomination proposal quota report round"

const struct route round_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &round_list_statement,
     .cached = true,
     .rests_on = ROUND_REST_ON,
     .members_see_more = true,
     .columns = round_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &round_get_statement,
     .cached = true,
     .rests_on = ROUND_REST_ON,
     .members_see_more = true,
     .paper = yearly_report_as_paper},
    {.method = "PATCH",
     .path = "/v1/campaigns/{code}/rounds/{year}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("The days of a round hold for all its contestants alike."),
     .act = patch_round,
     .body_kind = BODY_MERGE_PATCH,
     .body = patch_fields},
    {0},
};

const struct constraint_problem round_constraints[] = {
    {"rounds_conference_after_intake", PROBLEM_RULE_REFUSED, "/conference_on", "III.4.b",
     "Hội nghị của đợt xét không thể họp trước khi hết hạn nhận hồ sơ của đợt đó.",
     "The conference of a round cannot be held before its submission deadline."},
    {"rounds_cap_awarded", PROBLEM_CONFLICT, NULL, "III.2.b",
     "Năm này đã khen thưởng nhiều hơn số lượng tối đa mới; hãy đóng đợt xét của năm trước khi nạp kế hoạch.",
     "More awards of this year were given than the new cap allows: close its round before the plan is loaded."},
    {"rounds_stay", PROBLEM_CONFLICT, NULL, "II.3", "Năm đã mở đợt xét không thể bỏ khỏi kế hoạch.",
     "An award year whose round is open cannot be taken out of the plan."},
    {"rounds_truth", PROBLEM_CONFLICT, NULL, "III.4.b",
     "Trạng thái của đợt xét không khớp tờ trình và quyết định của đợt.",
     "The state of the round does not fit its proposals and decisions."},
    {0},
};
