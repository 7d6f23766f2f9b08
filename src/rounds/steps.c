// The steps of a round. Some are taken by a caller; those that only repeat what proposals and decisions say are taken
// by the acts that make it so, and refused to callers.
#include "handler/step.h"
#include "rounds/private.h"
#include "rounds/round.h"
#include "rounds/rounds.sql.h"
#include "thidua/life_cycle.h"

#include <string.h>

struct step_body {
    const char *action, *reason;
};
static const char *const round_actions[] = {"start_appraisal", "propose", "resume_appraisal", "decide", "close",
                                            "reopen",          NULL};
static const struct field step_fields[] = {
    BOUND(step_body, action, FIELD_CHOICE, .required = true, .choices = round_actions),
    BOUND(step_body, reason, FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    {0},
};

// What moves a round by itself. A clerk need not repeat it, and cannot say it before it is so.
static const struct {
    const char *from, *action, *clause, *vi, *en;
} taken_by_acts[] = {
    {"APPRAISAL", "propose", "III.4.b",
     "Đợt xét chưa có tờ trình nào đã trình; khi trình, đợt xét tự chuyển. Hãy trình trước: POST "
     "/v1/proposals/{id}/transitions với \"action\": \"submit\".",
     "No proposal of the round has been submitted; the round follows by itself when one is. Submit it first: POST "
     "/v1/proposals/{id}/transitions with \"action\": \"submit\"."},
    {"PROPOSED", "resume_appraisal", "III.4.b",
     "Tờ trình đang ở Chủ tịch; khi trả hoặc rút, đợt xét tự chuyển. Hãy trả hoặc rút trước: POST "
     "/v1/proposals/{id}/transitions với \"action\": \"return\" hoặc \"withdraw\".",
     "A proposal is with the Chair; the round follows by itself when it is returned or withdrawn. Do that first: POST "
     "/v1/proposals/{id}/transitions with \"action\": \"return\" or \"withdraw\"."},
    {"PROPOSED", "decide", "III.2.a",
     "Đợt xét chưa có quyết định khen thưởng nào được ký; khi ký, đợt xét tự chuyển. Hãy ký trước: POST "
     "/v1/decisions/{id}/sign.",
     "No award decision of the round has been signed; the round follows by itself when one is. Sign it first: POST "
     "/v1/decisions/{id}/sign."},
};

static bool taken_by_callers(struct request *request, const struct transition *step)
{
    for (size_t i = 0; i < sizeof taken_by_acts / sizeof *taken_by_acts; i++)
        if (strcmp(taken_by_acts[i].from, step->from) == 0 && strcmp(taken_by_acts[i].action, step->action) == 0)
            return refuse_by(request, PROBLEM_CONFLICT, taken_by_acts[i].clause,
                             request->language == ENGLISH ? taken_by_acts[i].en : taken_by_acts[i].vi);
    return true;
}

// III.4.a: units may lodge until the cut-off, so intake cannot be ended before it, nor what comes after it be begun.
bool intake_is_over(struct request *request, const struct round *round)
{
    return round->intake_over ||
           refuse_by(request, PROBLEM_CONFLICT, "III.4.a",
                     say(request, "Chưa hết hạn nhận hồ sơ; hãy chờ qua hạn nộp.",
                         "Dossiers may still be lodged: wait until the submission deadline has passed."));
}

// What a round that is closed claims: everything is decided and public (V.3), and the awards were conferred.
static bool may_close(struct request *request, const struct round_reached *reached)
{
    if (reached->waiting)
        return refuse_by(
            request, PROBLEM_CONFLICT, "III.4.b",
            say(request, "Còn tờ trình ở Chủ tịch: /v1/proposals/%s. Hãy ký quyết định, hoặc trả, rút tờ trình trước.",
                "A proposal is still with the Chair: /v1/proposals/%s. Sign its decision first, or return "
                "or withdraw it.",
                reached->waiting));
    if (reached->unpublished)
        return refuse_by(request, PROBLEM_CONFLICT, "V.3",
                         say(request,
                             "Còn quyết định đã ký mà chưa công bố: hãy công bố trước, POST /v1/decisions/%s/publish.",
                             "A signed decision is not published: publish it first, POST /v1/decisions/%s/publish.",
                             reached->unpublished));
    return !reached->conference_ahead ||
           refuse_by(request, PROBLEM_CONFLICT, "III.4.b",
                     say(request, "Hội nghị họp ngày %s, chưa tới; hãy khép lại đợt xét sau hội nghị.",
                         "The conference is on %s, which is to come: close the round after it.",
                         reached->conference_ahead));
}

// A closed round goes back to where its decisions put it.
static bool may_reopen(struct request *request, const struct transition *step, const struct round_reached *reached)
{
    if (reached->decided == (strcmp(step->to, "DECIDED") == 0))
        return true;
    return refuse(request, PROBLEM_CONFLICT,
                  reached->decided ? say(request, "Đợt xét đã có quyết định khen thưởng; hãy dùng \"reopen\" (Mở lại).",
                                         "Awards of the round were decided: use \"reopen\".")
                                   : say(request,
                                         "Đợt xét khép lại không có khen thưởng; hãy dùng \"resume_appraisal\" (Thẩm "
                                         "định lại).",
                                         "The round was closed without awards: use \"resume_appraisal\"."));
}

static bool step_fits(struct request *request, struct session *session, const struct round *round,
                      const struct transition *step)
{
    struct round_reached reached;
    if (!taken_by_callers(request, step))
        return false;
    if (strcmp(step->from, "OPEN") == 0)
        return intake_is_over(request, round);
    if (!round_reached(request, session, round->campaign, round->year, &reached))
        return false;
    return strcmp(step->to, "CLOSED") == 0 ? may_close(request, &reached) : may_reopen(request, step, &reached);
}

static struct reply step_round(struct request *request, struct session *session)
{
    struct step_body body = {0};
    struct round round;
    struct round_told was;
    struct round_kept kept;
    struct round_version now;
    const struct transition *step;
    if (!read_body(request, step_fields, &body) || !round_held(request, session, ROUND_ALONE, &round) ||
        !version_is(request, round.version))
        return refusal(request);
    step = step_allowed(request, &round_life_cycle, round.state, body.action, body.reason);
    if (!step || !step_fits(request, session, &round, step) ||
        !round_told(request, session, round.campaign, round.year, &was) ||
        !round_step(request, session, round.campaign, round.year, step->to, &now) ||
        !round_kept(request, session, round.campaign, round.year, &kept))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = step->event,
                                  .resource = round.path,
                                  .campaign = round.campaign,
                                  .year = round.year,
                                  .reason = body.reason,
                                  .before = was.json,
                                  .after = kept.json},
                   now.version, now.json);
}

// ---- the steps that acts take ----

// The next step on the way from a state to what has happened; NULL: the state says it already.
static const struct transition *next_step(const char *state, const struct round_reached *reached)
{
    bool before_chair = reached->decided || reached->waiting;
    const char *action = NULL;
    if (strcmp(state, "OPEN") == 0 && before_chair)
        action = "start_appraisal";
    else if (strcmp(state, "APPRAISAL") == 0 && before_chair)
        action = "propose";
    else if (strcmp(state, "PROPOSED") == 0 && reached->decided)
        action = "decide";
    else if (strcmp(state, "PROPOSED") == 0 && !before_chair)
        action = "resume_appraisal";
    return action ? life_cycle_find(&round_life_cycle, state, action) : NULL;
}

bool round_follows(struct request *request, struct session *session, const struct round *round, const char *reason)
{
    struct round_reached reached;
    struct round_told before = {0};
    struct round_version now;
    const struct transition *step;
    if (!round_reached(request, session, round->campaign, round->year, &reached))
        return false;
    for (const char *state = round->state; (step = next_step(state, &reached)); state = step->to) {
        if ((!before.json && !round_told(request, session, round->campaign, round->year, &before)) ||
            !round_step(request, session, round->campaign, round->year, step->to, &now) ||
            !record(request, session,
                    (struct event){.type = step->event,
                                   .resource = round->path,
                                   .campaign = round->campaign,
                                   .year = round->year,
                                   .restricted = strcmp(state, "OPEN") != 0, // proposals are for the offices
                                   .reason = reason,
                                   .before = before.json,
                                   .after = now.json}))
            return false;
        before.json = now.json;
    }
    return true;
}

const struct route round_step_routes[] = {
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
