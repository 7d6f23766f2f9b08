// Decisions of the Chair: AWARD, CORRECT (đính chính), REVOKE (hủy bỏ). Signed ones never change. How one is drafted:
// drafts.c.
#include "decisions/decisions.sql.h"
#include "decisions/paper.h"
#include "decisions/private.h"
#include "decisions/signing.h"
#include "evaluations/evaluations.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"
#include "proposals/proposed_dossiers.h"
#include "rounds/round.h"

#include <string.h>

const char *const decision_kinds[] = {"AWARD", "CORRECT", "REVOKE", NULL};

static const struct field sign_fields[] = {
    BOUND(sign_body, number, FIELD_NUMBER_SYMBOL, .required = true, .most = 64),
    BOUND(sign_body, issued_by, FIELD_LINE, .least = 1, .most = 200),
    BOUND(sign_body, signed_on, FIELD_DATE, .happened = true),
    BOUND(sign_body, signed_by, FIELD_LINE, .least = 1, .most = 128),
    {0},
};

struct reason_body {
    const char *reason;
};

static const struct field reason_fields[] = {BOUND(reason_body, reason, FIELD_TEXT, .required = true, .most = 1000),
                                             {0}};

const char *decision_location(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/decisions/%s", id);
}

// ---- steps ----

// `told`: what the journal keeps; NULL: what is answered.
static struct reply moved(struct request *request, struct session *session, const struct decision_lock *old,
                          const struct decision_now *now, const struct transition *step, const char *reason,
                          const char *told)
{
    return changed(request, session,
                   (struct event){.type = step->event,
                                  .resource = decision_location(request, path_value(request, "id")),
                                  .campaign = old->campaign,
                                  .year = old->year,
                                  .reason = reason,
                                  .before = old->json,
                                  .after = told},
                   now->version, now->json);
}

// Locks the decision's row. It must have the version of If-Match and be in a state from which `action` is possible.
static const struct transition *lock_for(struct request *request, struct session *session, const char *action,
                                         const char *reason, struct decision_lock *ret_decision)
{
    if (!decision_lock(request, session, path_value(request, "id"), ret_decision))
        return NULL;
    clauses_of_plan(request, ret_decision->clauses);
    return version_is(request, ret_decision->version)
               ? step_allowed(request, &decision_life_cycle, ret_decision->state, action, reason)
               : NULL;
}

static struct reply sign_decision(struct request *request, struct session *session)
{
    struct signing signing = {.request = request, .session = session, .id = path_value(request, "id")};
    struct decision_now now;
    struct decision_told told;
    const struct transition *step;
    if (!read_body(request, sign_fields, &signing.body) ||
        !(step = lock_for(request, session, "sign", NULL, &signing.decision)) || !decision_signed(&signing, &now) ||
        !decision_told(request, session, signing.id, &told))
        return refusal(request);
    return moved(request, session, &signing.decision, &now, step, NULL, told.json);
}

// V.3: each award that a publication gives or takes back is an event of its own, for those who follow one unit.
static bool record_awards(struct request *request, struct session *session)
{
    const struct decision_awards *awards;
    size_t count;
    if (!decision_awards(request, session, path_value(request, "id"), &awards, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!record(request, session,
                    (struct event){.type = awards[i].revoked ? "award.revoked" : "award.published",
                                   .resource = arena_format(&request->arena, "/v1/awards/%s", awards[i].id),
                                   .unit_id = awards[i].unit_id,
                                   .campaign = awards[i].campaign,
                                   .year = awards[i].year,
                                   .after = awards[i].json}))
            return false;
    return true;
}

// V.3: a correction or revocation names another decision, which must be published first.
static bool subject_is_public(struct request *request, struct session *session)
{
    const struct decision_subject_unpublished *subject;
    if (!decision_subject_unpublished(request, session, path_value(request, "id"), &subject))
        return false;
    if (!subject)
        return true;
    refuse_by(request, PROBLEM_CONFLICT, "V.3",
              say(request, "Quyết định được nêu tên chưa công bố; hãy công bố quyết định đó trước.",
                  "The decision that this one names is not published: publish that one first."));
    return violate(request, PROBLEM_CONFLICT, "/subject_id", "not_published",
                   say(request, "Quyết định số %s chưa công bố.", "Decision %s is not published.", subject->number));
}

// V.3: a nominator learns that its dossier was decided on when everybody may.
static bool tell_nominators(struct request *request, struct session *session, const struct decision_lock *decision)
{
    return !decision->proposal_id || dossiers_follow(request, session, decision->proposal_id, DOSSIERS_DECIDED, NULL);
}

static struct reply publish_decision(struct request *request, struct session *session)
{
    struct decision_lock old;
    struct decision_now now;
    struct round round;
    const struct transition *step = lock_for(request, session, "publish", NULL, &old);
    if (!step ||
        !round_writable_of(request, session, ROUND_SHARED,
                           strcmp(old.kind, "AWARD") == 0 ? ROUND_AWARD_PUBLISH : ROUND_CHANGE_PUBLISH, old.campaign,
                           old.year, &round) ||
        !subject_is_public(request, session) || !decision_facts_hold(request, session, path_value(request, "id")) ||
        !decision_publish(request, session, path_value(request, "id"), &now) || !record_awards(request, session) ||
        !tell_nominators(request, session, &old) || !evaluations_tell(request, session, path_value(request, "id")))
        return refusal(request);
    return moved(request, session, &old, &now, step, NULL, NULL);
}

static struct reply cancel_decision(struct request *request, struct session *session)
{
    struct reason_body body = {0};
    struct decision_lock old;
    struct decision_now now;
    const struct transition *step;
    if (!read_body(request, reason_fields, &body) ||
        !(step = lock_for(request, session, "cancel", body.reason, &old)) ||
        !decision_cancel(request, session, path_value(request, "id"), &now))
        return refusal(request);
    return moved(request, session, &old, &now, step, body.reason, NULL);
}

static const struct query_field decisions_query[] = {
    {.name = "campaign", .type = FIELD_TEXT, .most = 64},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "kind", .type = FIELD_CHOICE, .choices = decision_kinds},
    {.name = "state", .type = FIELD_CHOICE, .choices = decision_states},
    QUERY_PAGE,
    {0},
};

static const struct column decision_columns[] = {
    {"Số quyết định", "Number", "number"},
    {"Cơ quan ban hành", "Issuer", "issued_by"},
    {"Ngày ký", "Signed on", "signed_on", COLUMN_DATE},
    {"Loại", "Kind", "kind", .codes = "DecisionKind"},
    {"Phong trào", "Campaign", "campaign"},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state", .codes = "DecisionState"},
    {"Đơn vị", "Units", "units[].unit_label"},
    {"Đơn vị hiện nay", "Holders now", "units[].holders_now[].unit_label"},
    {"Đính chính (số, mục, đã in, đúng là)", "Corrected (by, field, printed, correct)",
     "corrected_by[].decision_number+what[].field+printed+correct"},
    {"Căn cứ hủy bỏ", "Ground", "ground", .codes = "RevocationGround"},
    {"Lý do", "Reason", "reason"},
    {"Công bố lúc", "Published at", "published_at", COLUMN_INSTANT},
    {"Mã", "Id", "id"},
    {0},
};

static const struct duty step_duty = {.units = &decision_stake_statement};

const struct route decision_routes[] = {
    {.method = "GET",
     .path = "/v1/decisions",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &decision_list_statement,
     .orders = (const struct order[]){FROM_START("created_at", decision_list), {0}},
     .query = decisions_query,
     .columns = decision_columns},
    {.method = "GET",
     .path = "/v1/decisions/{id}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &decision_show_statement,
     .paper = decision_as_paper},
    {.method = "POST",
     .path = "/v1/decisions/{id}/sign",
     .roles = ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &step_duty,
     .act = sign_decision,
     .body_kind = BODY_JSON,
     .body = sign_fields},
    {.method = "POST",
     .path = "/v1/decisions/{id}/publish",
     .roles = ROLE_CHAIR_OFFICE | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &step_duty,
     .act = publish_decision},
    {.method = "POST",
     .path = "/v1/decisions/{id}/cancel",
     .roles = ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &step_duty,
     .act = cancel_decision,
     .body_kind = BODY_JSON,
     .body = reason_fields},
    {0},
};

const struct constraint_problem decision_constraints[] = {
    {"decision_proposal_not_submitted", PROBLEM_CONFLICT, "/proposal_id", "III.4.b",
     "Tờ trình phải ở trạng thái đã trình.", "The proposal must be submitted."},
    {"decisions_one_draft", PROBLEM_CONFLICT, "/proposal_id", NULL,
     "Tờ trình này đã có một dự thảo quyết định (GET /v1/decisions?kind=AWARD&state=DRAFT); một tờ trình được "
     "quyết định một lần. Hãy ký dự thảo đó, hoặc hủy (cancel) rồi lập dự thảo khác.",
     "The proposal has a draft decision already (GET /v1/decisions?kind=AWARD&state=DRAFT), and is decided on "
     "once: sign that draft, or cancel it and make another."},
    {"decision_initiative_counts_not", PROBLEM_RULE_REFUSED, "/units", "III.1.c",
     "Sáng kiến gắn với đơn vị trong tờ trình được công nhận sau ngày trình hoặc không áp dụng trong năm; hãy trình "
     "lại "
     "với sáng kiến khác.",
     "The initiative that the proposal names for a unit was recognised after the submission or not applied in the "
     "year: "
     "submit again with another one."},
    {"decision_unit_not_proposed", PROBLEM_INVALID, "/units", NULL, "Có đơn vị không nằm trong tờ trình.",
     "A unit is not in the proposal."},
    {"decision_subject_not_signed", PROBLEM_CONFLICT, "/subject_id", NULL,
     "Chỉ đính chính hoặc hủy bỏ được quyết định khen thưởng đã ký.",
     "Only a signed award decision can be corrected or revoked."},
    {"decision_unit_not_in_subject", PROBLEM_INVALID, "/units", NULL, "Có đơn vị không nằm trong quyết định cũ.",
     "A unit is not in the earlier decision."},
    {"decisions_number", PROBLEM_CONFLICT, "/number", NULL,
     "Số này đã dùng cho một quyết định trong năm; số không cấp lại. Hãy ghi số khác; nếu số do cơ quan khác ban hành "
     "thì nêu cơ "
     "quan đó ở \"issued_by\".",
     "Another decision of the year has this number, and a number is never used twice: give another one, or, where "
     "another body "
     "issued it, name that one as \"issued_by\"."},
    {"decisions_fault_dated", PROBLEM_INVALID, "/fault_to", NULL, "Khoảng thời gian sai phạm không hợp lệ.",
     "The period of the fault is not valid."},
    {"decisions_signed_stay", PROBLEM_CONFLICT, NULL, NULL,
     "Quyết định đã ký không sửa, không xóa; hãy ban hành quyết định mới.",
     "A signed decision is never changed or deleted: issue a new one."},
    {"awards_slot", PROBLEM_CAP_REACHED, NULL, "III.2.b", "Đã hết số lượng khen thưởng của năm.",
     "The year's number of awards is used up."},
    {"awards_once_a_year", PROBLEM_CONFLICT, "/units", NULL, "Đơn vị đã được khen thưởng cho năm này.",
     "The unit already has an award of this year."},
    {"award_revoked_already", PROBLEM_CONFLICT, "/subject_id", NULL, "Khen thưởng này đã bị hủy bỏ.",
     "This award has been revoked already."},
    {"initiative_used_once", PROBLEM_RULE_REFUSED, "/units", "III.1.c",
     "Sáng kiến này đã được dùng cho một lần khen thưởng.", "This initiative has already earned an award."},
    {0},
};
