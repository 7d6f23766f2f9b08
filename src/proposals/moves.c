// The steps of a proposal's life (proposal_life_cycle), and what has to hold when it is submitted.
#include "handler/run.h"
#include "handler/step.h"
#include "proposals/private.h"
#include "proposals/proposals.sql.h"
#include "proposals/proposed_dossiers.h"
#include "proposals/proposed_units.h"
#include "proposals/summary.sql.h"
#include "rounds/round.h"

#include <string.h>

struct step_body {
    const char *action, *reason, *letter_number, *letter_date, *submitted_at, *source;
};

static const struct field step_fields[] = {
    BOUND(step_body, action, FIELD_LINE, .required = true, .most = 32),
    BOUND(step_body, reason, FIELD_TEXT, .least = 1, .most = 1000),
    BOUND(step_body, letter_number, FIELD_NUMBER_SYMBOL, .most = 64),
    BOUND(step_body, letter_date, FIELD_DATE, .happened = true),
    BOUND(step_body, submitted_at, FIELD_INSTANT, .happened = true),
    BOUND(step_body, source, FIELD_LINE, .names_document = true, .least = 1, .most = 200),
    {0},
};

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

// III.4.b: "chậm nhất 10 ngày trước khi tổ chức Hội nghị". While the conference has no date, or it is not known which
// days before it are worked, the limit is unknown, so nobody can say that it was kept or not.
static bool deadline_kept(struct request *request, struct session *session, const char *reason)
{
    struct proposal_lateness submitted;
    if (!proposal_lateness(request, session, path_value(request, "id"), &submitted))
        return false;
    return !submitted.late || reason ||
           refuse_by(
               request, PROBLEM_RULE_REFUSED, "III.4.b",
               say(request, "Trình muộn hơn %lld ngày%s trước Hội nghị; chỉ trình được khi ghi rõ lý do (\"reason\").",
                   "Later than %lld %sdays before the conference: it can only be submitted with a recorded reason.",
                   submitted.days, submitted.working ? say(request, " làm việc", "working ") : ""));
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

static bool submit_proposal(struct request *request, struct session *session, const struct step_body *body,
                            const struct proposal_lock *proposal, struct proposal_now *ret_now)
{
    const char *id = path_value(request, "id");
    struct round round;
    return round_writable_of(request, session, ROUND_ALONE, ROUND_PROPOSAL_SUBMIT, proposal->campaign, proposal->year,
                             &round) &&
           intake_is_over(request, &round) && letter_is_whole(request, body, proposal) &&
           units_may_go(request, session, proposal) &&
           proposal_submit(request, session, id, body->reason, body->letter_number, body->letter_date,
                           body->submitted_at, body->source, request->caller.key_id, ret_now) &&
           deadline_kept(request, session, body->reason) && summary_keep(request, session, id) &&
           dossiers_follow(request, session, id, DOSSIERS_PROPOSED, body->reason) &&
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
           dossiers_follow(request, session, id, DOSSIERS_TAKEN_BACK, reason) &&
           round_follows(request, session, &round, reason);
}

static struct reply move_proposal(struct request *request, struct session *session)
{
    struct step_body body = {0};
    struct proposal_lock old;
    struct proposal_now now;
    struct summary_told told = {0};
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
    bool moved = strcmp(step->to, "SUBMITTED") == 0
                     ? submit_proposal(request, session, &body, &old, &now) && summary_told(request, session, id, &told)
                     : step_back(request, session, &old, step->to, body.reason, &now);
    if (!moved)
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = step->event,
                                  .resource = arena_format(&request->arena, "/v1/proposals/%s", id),
                                  .campaign = old.campaign,
                                  .year = old.year,
                                  .reason = body.reason,
                                  .before = old.json,
                                  .after = told.json},
                   now.version, now.json);
}

// Nobody moves a proposal on that puts their own unit forward.
static const struct duty step_duty = {.units = &proposal_stake_statement};

const struct route proposal_move_routes[] = {
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
