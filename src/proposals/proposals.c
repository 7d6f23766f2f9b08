// Sở Nội vụ's submissions to the Chair (III.4.b).
#include "engine/json/json_reader.h"
#include "evaluations/evaluations.h"
#include "evaluations/overrides.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"
#include "proposals/paper.h"
#include "proposals/private.h"
#include "proposals/proposals.sql.h"
#include "proposals/proposed_dossiers.h"
#include "rounds/round.h"
#include "thidua/civil.h"
#include "thidua/identifier.h"

#include <string.h>

static const struct field unit_fields[] = {
    PASSED("unit_id", FIELD_UUID, .required = true),
    PASSED("initiative_id", FIELD_UUID, .nullable = true),
    PASSED("form", FIELD_LINE, .least = 1, .most = 40),
    PASSED("tier", FIELD_LINE, .least = 1, .most = 64),
    {0},
};
static const struct field unit_item = {.type = FIELD_OBJECT, .fields = unit_fields};

struct proposal_body {
    const char *evaluation_id, *letter_number;
};

static const struct field proposal_fields[] = {
    BOUND(proposal_body, evaluation_id, FIELD_UUID, .required = true),
    PASSED("units", FIELD_LIST, .required = true, .least = 1, .most = 200, .item = &unit_item),
    BOUND(proposal_body, letter_number, FIELD_NUMBER_SYMBOL, .most = 64),
    PASSED("letter_date", FIELD_DATE, .happened = true),
    {0},
};

struct step_body {
    const char *action, *reason, *letter_number, *letter_date, *submitted_at, *source;
};

static const struct field step_fields[] = {
    BOUND(step_body, action, FIELD_LINE, .required = true, .most = 32),
    BOUND(step_body, reason, FIELD_TEXT, .most = 1000),
    BOUND(step_body, letter_number, FIELD_NUMBER_SYMBOL, .most = 64),
    BOUND(step_body, letter_date, FIELD_DATE, .happened = true),
    BOUND(step_body, submitted_at, FIELD_INSTANT, .happened = true),
    BOUND(step_body, source, FIELD_LINE, .names_document = true, .most = 200),
    {0},
};

// ---- units that cannot be proposed ----

// Where the body names the unit; of a proposal that is already stored, which of its units.
static struct unit_named unit_of(struct request *request, const struct proposed_unit *unit, bool stored)
{
    return (struct unit_named){stored ? arena_format(&request->arena, "/units/%s", unit->unit_id)
                                      : arena_format(&request->arena, "/units/%lld/unit_id", unit->place),
                               unit->unit_id, unit->label};
}

// ", hạng 7/9 trong Khối xã": among whom it is so.
static const char *rank_text(struct request *request, const json_t *item)
{
    const json_t *rank = json_object_get(item, "rank"),
                 *label = json_object_get(json_object_get(item, "among"), "label");
    const char *cluster = json_string_value(json_object_get(json_object_get(item, "among"), "cluster"));
    if (!json_is_integer(rank))
        return "";
    long long place = json_integer_value(rank), of = json_integer_value(json_object_get(item, "of"));
    const char *name = json_string_value(json_object_get(label, request->language == ENGLISH ? "en" : "vi"));
    return say(request, ", hạng %lld/%lld trong %s%s%s", ", rank %lld of %lld among: %s%s%s", place, of,
               name ? name : "", cluster ? ", " : "", cluster ? cluster : "");
}

// "Bằng khen; " where the plan has forms.
static const char *form_text(struct request *request, const json_t *item)
{
    const char *label = json_string_value(
        json_object_get(json_object_get(item, "form_label"), request->language == ENGLISH ? "en" : "vi"));
    return label ? arena_format(&request->arena, "%s; ", label) : "";
}

static const json_t *tiers_of(const json_t *standings, const char *form)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(standings, "forms"), i, item)
    {
        if (form && strcmp(json_string_value(json_object_get(item, "form")), form) == 0)
            return json_object_get(item, "tiers");
    }
    return NULL;
}

// The tier is that of the standings, which the proposal takes over. Where a person gave the place against them, that
// person says which tier it is.
static bool take_tier(struct request *request, const json_t *standings, const struct proposed_unit *unit,
                      const json_t *item)
{
    json_t *body = json_array_get(json_object_get(request->json, "units"), (size_t)unit->place), *tier;
    const json_t *tiers = tiers_of(standings, unit->form), *computed = json_object_get(item, "tier");
    const char *asked = json_string_value(json_object_get(body, "tier")), *names = NULL;
    const char *pointer = arena_format(&request->arena, "/units/%lld/tier", unit->place);
    size_t i;
    if (json_is_string(computed) && (!asked || strcmp(asked, json_string_value(computed)) == 0))
        return json_object_set(body, "tier", (json_t *)(uintptr_t)computed) == 0;
    json_array_foreach((json_t *)(uintptr_t)tiers, i, tier)
    {
        const char *name = json_string_value(json_object_get(tier, "tier"));
        if (asked && strcmp(asked, name) == 0 && !json_is_string(computed))
            return true;
        names = arena_format(&request->arena, "%s%s\"%s\"", names ? names : "", names ? ", " : "", name);
    }
    if (!asked && !names)
        return true;
    return violate(request, PROBLEM_INVALID, pointer, asked ? "unknown" : "required",
                   say(request, "Hạng giải theo bảng xếp hạng: %s; các hạng: %s.",
                       "The tier by the standings: %s; the tiers are: %s.",
                       json_is_string(computed) ? json_string_value(computed) : "–", names ? names : "–"));
}

static bool has_sure_place(struct request *request, const json_t *standings, const struct proposed_unit *unit,
                           bool stored)
{
    const char *pointer = stored ? "/units" : arena_format(&request->arena, "/units/%lld/form", unit->place);
    if (!form_is_named(request, standings, unit->form, pointer))
        return false;
    const json_t *item = standing_of(standings, unit->unit_id, unit->form);
    const char *status = item ? standing_in_force(item) : "OUT";
    if (strcmp(status, "SECURE") == 0)
        return stored || take_tier(request, standings, unit, item);
    status = arena_text(&request->arena, status);
    if (request->problem.kind == PROBLEM_NONE)
        request->problem.clause = "III.2.b";
    return violate_unit(request, PROBLEM_RULE_REFUSED, unit_of(request, unit, stored), status,
                        say(request,
                            "%s: %s%s%s. Chỉ đề nghị đơn vị có suất chắc chắn, hoặc ghi quyết định khác kèm lý do.",
                            "%s: %s%s%s. Only a unit with a sure place is proposed; or record an override with its "
                            "reason.",
                            unit->label, form_text(request, item), words_for(request, "StandingStatus", status),
                            rank_text(request, item)));
}

static const struct unit_bar bars[] = {
    {"repeated", PROBLEM_INVALID, NULL, "đã nêu ở trên; chỉ nêu một lần.", "is named above already: name it once."},
    {"unknown", PROBLEM_INVALID, NULL, "không có đơn vị này.", "there is no such unit."},
    {"not_evaluated", PROBLEM_NOT_ELIGIBLE, "III.1", "lần đánh giá này không xét đơn vị này.",
     "the evaluation did not judge this unit."},
    {"not_eligible", PROBLEM_NOT_ELIGIBLE, "III.1", NULL, NULL}, // by the verdict
    {"initiative_unknown", PROBLEM_INVALID, "III.1.c", "không có sáng kiến được nêu.",
     "there is no such initiative as the one named."},
    {"initiative_used", PROBLEM_RULE_REFUSED, "III.1.c", "sáng kiến được nêu đã dùng cho một lần khen thưởng.",
     "the initiative named has already earned an award."},
    {"initiative_counts_not", PROBLEM_RULE_REFUSED, "III.1.c",
     "sáng kiến được nêu không phải của đơn vị, chưa được Hội đồng Sáng kiến cấp tỉnh công nhận, hoặc không áp dụng "
     "trong năm.",
     "the initiative named is not the unit's, not recognised by the provincial council, or was not applied in the "
     "year."},
    {0},
};

static bool bar_unit(struct request *request, struct session *session, const char *evaluation,
                     const struct proposed_unit *unit)
{
    const struct unit_bar *bar = unit_bar_named(bars, unit->why);
    struct unit_named named = unit_of(request, unit, false);
    const char *why;
    if (bar->vi)
        return violate_bar(request, bar, named);
    if (request->problem.kind == PROBLEM_NONE)
        request->problem.clause = bar->clause;
    struct problem before = request->problem;
    request->problem.kind = PROBLEM_NONE;
    if (!evaluation_reasons(request, session, evaluation, unit->unit_id, &why))
        return false;
    request->problem = before;
    return violate_unit(request, bar->kind, named, unit->overall,
                        say(request, "%s: %s. %s", "%s: %s. %s", unit->label ? unit->label : unit->unit_id,
                            words_for(request, "Overall", unit->overall), why));
}

// Names every unit that is barred. What the body itself gets wrong goes first: it decides what kind of problem it is.
static void bar_units(struct request *request, struct session *session, const char *evaluation,
                      const struct proposed_unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (units[i].why && unit_bar_named(bars, units[i].why)->kind == PROBLEM_INVALID)
            bar_unit(request, session, evaluation, &units[i]);
    for (size_t i = 0; i < count; i++)
        if (units[i].why && unit_bar_named(bars, units[i].why)->kind != PROBLEM_INVALID)
            bar_unit(request, session, evaluation, &units[i]);
}

// Only the newest standings of the whole round say who has a place. `evaluation` is the one that the caller names, or
// NULL.
static bool standings_are_newest(struct request *request, const struct proposal_standings *standings,
                                 const char *evaluation)
{
    if (standings->partial)
        return violate(request, PROBLEM_RULE_REFUSED, "/evaluation_id", "partial",
                       say(request, "Lần đánh giá này chỉ gồm một số đơn vị: không cho biết ai có suất.",
                           "This evaluation is of some units only: it does not say who has a place."));
    if (evaluation && strcmp(standings->newest, evaluation) != 0)
        return violate(request, PROBLEM_CONFLICT, "/evaluation_id", "superseded",
                       say(request, "Đã có lần đánh giá mới hơn (%s); hãy dùng lần đó.",
                           "There is a newer evaluation of the round (%s): name that one.", standings->newest));
    return true;
}

// III.2.b: the newest standings of the round say who has a place, with what people decided against them since: an older
// evaluation knows nothing of later changes. A round too large to be ranked has no standings; there only the cap holds,
// when a decision is signed. `evaluation` is the one that the caller names, or NULL. Units that are barred already are
// not looked at.
static bool have_sure_places(struct request *request, struct session *session, const char *campaign, const char *year,
                             const char *evaluation, const struct proposed_unit *units, size_t count)
{
    struct proposal_standings frame;
    json_t *standings;
    struct problem before = request->problem;
    request->problem.kind = PROBLEM_NONE;
    request->problem.clause = NULL;
    if (!proposal_standings(request, session, campaign, year, evaluation, &frame) ||
        (frame.ranked && (!standings_are_newest(request, &frame, evaluation) ||
                          !evaluation_standings(request, session, frame.newest, &standings))))
        return false;
    request->problem = before;
    if (!frame.ranked)
        return before.kind == PROBLEM_NONE;
    bool good = overrides_show(request, session, campaign, year, NULL, standings);
    for (size_t i = 0; good && i < count; i++)
        if (!units[i].why)
            has_sure_place(request, standings, &units[i], !evaluation);
    json_decref(standings);
    return request->problem.kind == PROBLEM_NONE;
}

static struct reply create_proposal(struct request *request, struct session *session)
{
    struct proposal_body body = {0};
    const struct proposal_create *made;
    const struct proposed_unit *units;
    size_t count;
    struct proposal_show shown;
    struct round round;
    if (!read_body(request, proposal_fields, &body) ||
        !round_writable(request, session, ROUND_SHARED, ROUND_PROPOSAL_DRAFT, &round) ||
        !proposal_asked(request, session, round.campaign, round.year, request->body_json, &units, &count))
        return refusal(request);
    if (count == 0) {
        violate(request, PROBLEM_INVALID, "/evaluation_id", "unknown",
                say(request, "Không có lần đánh giá này của đợt xét.", "The round has no such evaluation."));
        return refusal(request);
    }
    bar_units(request, session, body.evaluation_id, units, count);
    if (!have_sure_places(request, session, round.campaign, round.year, body.evaluation_id, units, count) ||
        !proposal_create(request, session, round.campaign, round.year,
                         json_canonical(&request->arena, request->json, NULL), request->caller.key_id, &made))
        return refusal(request);
    if (!is_found(request, made) || !proposal_show(request, session, made->id, &shown))
        return refusal(request);
    return created(request, session,
                   (struct event){.type = proposal_life_cycle.created,
                                  .resource = arena_format(&request->arena, "/v1/proposals/%s", made->id),
                                  .campaign = round.campaign,
                                  .year = round.year},
                   shown.version, shown.body);
}

// Every unit whose dossier was not accepted, and every one without a sure place.
static bool units_may_go(struct request *request, struct session *session, const struct proposal_lock *proposal)
{
    const char *id = path_value(request, "id");
    const struct proposed_unit *units;
    size_t count;
    return proposal_named(request, session, id, proposal->year, &units, &count) &&
           (may_submit_dossiers(request, session, id) || request->problem.violations_count > 0) &&
           have_sure_places(request, session, proposal->campaign, proposal->year, NULL, units, count);
}

// III.4.b: "chậm nhất 10 ngày trước khi tổ chức Hội nghị". While the conference has no date the limit is unknown, so
// nobody can say that it was kept or not.
static bool check_deadline(struct request *request, const struct proposal_lock *proposal, const char *submitted_at,
                           const char *reason)
{
    int32_t conference_date;
    int64_t submitted;
    const char *conference = proposal->conference_on;
    int days = (int)proposal->proposal_days;
    if (!instant_parse(submitted_at, strlen(submitted_at), &submitted))
        return refuse(request, PROBLEM_INTERNAL, NULL);
    if (reason || !conference || !date_parse(conference, strlen(conference), &conference_date) ||
        proposed_in_time(submitted, conference_date, days))
        return true;
    return refuse_by(
        request, PROBLEM_RULE_REFUSED, "III.4.b",
        say(request, "Trình muộn hơn %d ngày trước Hội nghị; chỉ trình được khi ghi rõ lý do (\"reason\").",
            "Later than %d days before the conference: it can only be submitted with a recorded reason.", days));
}

static bool letter_is_whole(struct request *request, const struct step_body *body, const struct proposal_lock *proposal)
{
    if (!proposal->letter_number && !body->letter_number)
        return violate(request, PROBLEM_INVALID, "/letter_number", "required",
                       say(request, "Thiếu số, ký hiệu Tờ trình.", "The letter's number-symbol is needed."));
    if (body->submitted_at && !body->source)
        return violate(request, PROBLEM_INVALID, "/source", "required",
                       say(request, "Ghi thời điểm sớm hơn phải nêu nguồn.", "An earlier instant needs its source."));
    return true;
}

// When it was submitted: as the caller says, else now.
static bool submission_instant(struct request *request, struct session *session, const char *wanted,
                               const char **ret_instant)
{
    struct clock_text clock;
    if (!clock_text(request, session, wanted, &clock))
        return false;
    *ret_instant = clock.instant;
    return true;
}

static bool submit_proposal(struct request *request, struct session *session, const struct step_body *body,
                            const struct proposal_lock *proposal, struct proposal_now *ret_now)
{
    const char *id = path_value(request, "id"), *submitted_at;
    struct round round;
    return round_writable_of(request, session, ROUND_ALONE, ROUND_PROPOSAL_SUBMIT, proposal->campaign, proposal->year,
                             &round) &&
           intake_is_over(request, &round) && letter_is_whole(request, body, proposal) &&
           submission_instant(request, session, body->submitted_at, &submitted_at) &&
           units_may_go(request, session, proposal) && check_deadline(request, proposal, submitted_at, body->reason) &&
           proposal_submit(request, session, id, body->reason, body->letter_number, body->letter_date,
                           body->submitted_at, body->source, request->caller.key_id, ret_now) &&
           dossiers_follow(request, session, id, DOSSIERS_PROPOSED) &&
           round_follows(request, session, &round, body->reason);
}

static bool step_back(struct request *request, struct session *session, const struct proposal_lock *proposal,
                      const char *state, const char *reason, struct proposal_now *ret_now)
{
    const char *id = path_value(request, "id");
    struct round round;
    if (strcmp(proposal->state, "SUBMITTED") != 0)
        return proposal_step(request, session, id, state, reason, ret_now);
    return round_writable_of(request, session, ROUND_ALONE, ROUND_PROPOSAL_BACK, proposal->campaign, proposal->year,
                             &round) &&
           proposal_step(request, session, id, state, reason, ret_now) &&
           dossiers_follow(request, session, id, DOSSIERS_TAKEN_BACK) &&
           round_follows(request, session, &round, reason);
}

static struct reply move_proposal(struct request *request, struct session *session)
{
    struct step_body body = {0};
    struct proposal_lock old;
    struct proposal_now now;
    const char *id = path_value(request, "id");
    if (!read_body(request, step_fields, &body) || !proposal_lock(request, session, id, &old) ||
        !version_is(request, old.version))
        return refusal(request);
    clauses_of_plan(request, old.clauses);
    const struct transition *step = step_allowed(request, &proposal_life_cycle, old.state, body.action, body.reason);
    if (!step)
        return refusal(request);
    if (strcmp(step->action, "decide") == 0) {
        refuse(request, PROBLEM_IMPOSSIBLE_TRANSITION,
               say(request, "Tờ trình được quyết định bằng việc ký quyết định: POST /v1/decisions/{id}/sign.",
                   "A proposal is decided by signing its decision: POST /v1/decisions/{id}/sign."));
        return refusal(request);
    }
    bool moved = strcmp(step->to, "SUBMITTED") == 0 ? submit_proposal(request, session, &body, &old, &now)
                                                    : step_back(request, session, &old, step->to, body.reason, &now);
    if (!moved)
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = step->event,
                                  .resource = arena_format(&request->arena, "/v1/proposals/%s", id),
                                  .campaign = old.campaign,
                                  .year = old.year,
                                  .reason = body.reason,
                                  .before = old.json},
                   now.version, now.json);
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};

static const char *const states[] = {"DRAFT", "SUBMITTED", "RETURNED", "WITHDRAWN", "DECIDED", NULL};
static const struct query_field list_query[] = {
    {.name = "campaign", .type = FIELD_TEXT, .most = 64},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "state", .type = FIELD_CHOICE, .choices = states},
    QUERY_PAGE,
    {0},
};

static const struct column proposal_columns[] = {
    {"Số tờ trình", "Letter number", "letter_number"},
    {"Ngày tờ trình", "Letter date", "letter_date", COLUMN_DATE},
    {"Phong trào", "Campaign", "campaign"},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state", .codes = "ProposalState"},
    {"Đơn vị", "Units", "units[].unit_label"},
    {"Trình lúc", "Submitted at", "submitted_at", COLUMN_INSTANT},
    {"Đúng hạn", "In time", "in_time"},
    {"Hạn trình", "Proposal until", "proposal_deadline", COLUMN_DATE},
    {"Lý do", "Reason", "reason"},
    {"Tạo lúc", "Created at", "created_at", COLUMN_INSTANT},
    {"Mã lần xét", "Evaluation id", "evaluation_id"},
    {"Mã", "Id", "id"},
    {0},
};

// Nobody puts their own unit forward for an award.
static const struct duty new_duty = {.units = &proposal_new_stake_statement},
                         step_duty = {.units = &proposal_stake_statement};

const struct route proposal_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/proposals",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_list_statement,
     .orders = (const struct order[]){FROM_START("created_at", proposal_list), {0}},
     .query = page_query,
     .columns = proposal_columns},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/proposals",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &new_duty,
     .act = create_proposal,
     .body_kind = BODY_JSON,
     .body = proposal_fields},
    {.method = "GET",
     .path = "/v1/proposals",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_list_all_statement,
     .orders = (const struct order[]){FROM_START("created_at", proposal_list_all), {0}},
     .query = list_query,
     .columns = proposal_columns},
    {.method = "GET",
     .path = "/v1/proposals/{id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_show_statement,
     .paper = proposal_as_paper},
    {.method = "POST",
     .path = "/v1/proposals/{id}/transitions",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &step_duty,
     .act = move_proposal,
     .body_kind = BODY_JSON,
     .body = step_fields},
    {0},
};

const struct constraint_problem proposal_constraints[] = {
    {"proposal_unit_twice", PROBLEM_INVALID, "/units", NULL, "Một đơn vị được nêu hai lần.", "A unit is named twice."},
    {"proposal_unit_not_eligible", PROBLEM_NOT_ELIGIBLE, "/units", "III.1",
     "Có đơn vị mà lần đánh giá đó không xác định là đủ điều kiện.",
     "The evaluation did not find every one of these units eligible."},
    {"proposal_initiative_not_recognised", PROBLEM_RULE_REFUSED, "/units", "III.1.c",
     "Sáng kiến được nêu không phải của đơn vị, chưa được Hội đồng Sáng kiến cấp tỉnh công nhận hoặc đã dùng cho lần "
     "khen khác.",
     "The initiative named is not the unit's, not recognised by the provincial council, or has already earned an "
     "award."},
    {"proposals_letter", PROBLEM_CONFLICT, "/letter_number /letter_date", "III.4.b",
     "Tờ trình này (số, ngày) đã dùng cho một đề nghị khác của phong trào. Hãy ghi số, ngày của đúng tờ trình, hoặc "
     "rút (withdraw) đề "
     "nghị kia.",
     "Another proposal of the campaign has this letter (number and date): give the number and date of the right one, "
     "or withdraw that "
     "proposal."},
    {"proposal_units_initiative", PROBLEM_INVALID, "/units", "III.1.c", "Không có sáng kiến này.",
     "There is no such initiative."},
    {0},
};
