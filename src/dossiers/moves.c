// The steps of a dossier's life (dossier_life_cycle) that its nominator and Sở Nội vụ take, and when it was received
// (III.4.a).
#include "dossiers/dossiers.h"
#include "dossiers/dossiers.sql.h"
#include "dossiers/private.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"
#include "thidua/civil.h"

#include <string.h>

// A step that is asked for.
struct moving {
    const char *action, *reason, *received_at, *source, *completion_due_on;
};

// What became of it: the event, which the caller records, and the dossier as the caller is shown it.
struct dossier_step {
    struct event event;
    const char *version, *json;
};

// `propose`, `take_back` and `decide` are taken with the proposal and the decision, never here.
const char *const dossier_actions[] = {"lodge", "return", "accept", "accept_late", "withdraw", NULL};

static const struct field move_fields[] = {
    BOUND(moving, action, FIELD_CHOICE, .required = true, .choices = dossier_actions),
    BOUND(moving, reason, FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    BOUND(moving, received_at, FIELD_INSTANT, .nullable = true, .happened = true),
    BOUND(moving, source, FIELD_LINE, .names_document = true, .nullable = true, .least = 1),
    BOUND(moving, completion_due_on, FIELD_DATE, .nullable = true),
    {0},
};

static bool is_action(const struct moving *body, const char *action)
{
    return strcmp(body->action, action) == 0;
}

static bool may_move(struct request *request, const struct dossier *dossier, const struct moving *body)
{
    return (!is_action(body, "lodge") && !is_action(body, "withdraw")) || dossier_is_writable(request, dossier);
}

static bool receipt_given_rightly(struct request *request, const struct moving *body)
{
    if (!body->received_at && !body->source)
        return true;
    if (!is_action(body, "lodge") && !is_action(body, "accept") && !is_action(body, "accept_late"))
        return violate(request, PROBLEM_INVALID, "/received_at", "not_here",
                       say(request, "Chỉ ghi thời điểm nhận khi nộp hoặc tiếp nhận.",
                           "An instant of receipt is recorded only when lodging or accepting."));
    if (!body->received_at || !body->source)
        return violate(request, PROBLEM_INVALID, body->source ? "/received_at" : "/source", "required",
                       say(request, "Thời điểm nhận đi cùng nguồn của nó (sổ công văn đến).",
                           "An instant of receipt comes with its source (the register of incoming documents)."));
    if (!has_role(request, ROLE_HOME_AFFAIRS))
        return refuse_by(request, PROBLEM_FORBIDDEN, "III.4.a",
                         say(request, "Chỉ Sở Nội vụ được ghi thời điểm nhận; đơn vị nộp theo đồng hồ của hệ thống.",
                             "Only Home Affairs records an instant of receipt; a unit lodges by the service's clock."));
    return true;
}

// A day for completing what is returned, which must still come.
static bool completion_day_fits(struct request *request, const struct moving *body)
{
    int32_t day;
    if (!body->completion_due_on)
        return true;
    if (!is_action(body, "return"))
        return violate(request, PROBLEM_INVALID, "/completion_due_on", "not_here",
                       say(request, "Chỉ ấn định hạn bổ sung khi trả lại hồ sơ.",
                           "A day for completing is set only when the dossier is returned."));
    return (date_parse(body->completion_due_on, strlen(body->completion_due_on), &day) &&
            day >= instant_local_date(request->at)) ||
           violate(
               request, PROBLEM_INVALID, "/completion_due_on", "past",
               say(request, "Hạn bổ sung không được trước hôm nay.", "The day for completing is not before today."));
}

static const char *gap_words(struct request *request, const json_t *gap, bool nomination)
{
    const char *unit = member_text(gap, "unit_label"), *clause = member_text(gap, "clause");
    const char *called = member_text_in(gap, "called", request->language == ENGLISH ? "en" : "vi");
    if (nomination)
        return say(request, "Chưa đề nghị tập thể nào (%s).", "No collective is nominated (%s).", clause);
    return unit ? say(request, "%s: thiếu %s (%s).", "%s: %s is missing (%s).", unit, called, clause)
                : say(request, "Thiếu %s (%s).", "%s is missing (%s).", called, clause);
}

// III.3: an incomplete dossier is not received. Names everything that is missing.
static bool nothing_is_missing(struct request *request, struct session *session, const struct dossier *dossier)
{
    struct dossier_lacks lacks;
    if (!dossier_lacks(request, session, dossier->id, &lacks))
        return false;
    json_error_t error;
    json_t *gaps = json_loads(lacks.missing, 0, &error), *gap;
    size_t index;
    json_array_foreach(gaps, index, gap)
    {
        const char *kind = member_text(gap, "kind");
        const char *unit = member_text(gap, "unit_id");
        bool nomination = strcmp(kind, "NOMINATION") == 0;
        if (index == 0)
            refuse_by(request, PROBLEM_RULE_REFUSED, "III.3",
                      say(request, "Hồ sơ chưa đủ thành phần; hãy bổ sung rồi nộp.",
                          "The dossier is incomplete: add what is missing, then lodge it."));
        const char *pointer = unit         ? arena_format(&request->arena, "/nominations/%s/documents/%s", unit, kind)
                              : nomination ? "/nominations"
                                           : arena_format(&request->arena, "/documents/%s", kind);
        const char *label = member_text(gap, "unit_label");
        struct unit_named named = {pointer, unit ? arena_text(&request->arena, unit) : NULL,
                                   label ? arena_text(&request->arena, label) : NULL};
        violate_unit(request, PROBLEM_RULE_REFUSED, named, "missing", gap_words(request, gap, nomination));
    }
    json_decref(gaps);
    return request->problem.kind == PROBLEM_NONE;
}

// The nominees that were added and came late are named: taken out of the dossier, they no longer hold up the others.
static bool refuse_late(struct request *request, struct session *session, const struct dossier *dossier)
{
    const struct dossier_late_nominees *late;
    size_t count;
    if (!dossier_late_nominees(request, session, dossier->id, &late, &count))
        return false;
    refuse_by(
        request, PROBLEM_RULE_REFUSED, "III.4.a",
        say(request,
            "Hồ sơ, hoặc tập thể được bổ sung vào hồ sơ, đến sau thời hạn: có thể \"accept_late\" (Chấp nhận hồ sơ trễ "
            "hạn, nêu lý do) hoặc \"return\" (Trả lại); hồ sơ giấy đã đến đúng hạn thì ghi \"received_at\" và "
            "\"source\".",
            "The dossier, or a nominee added to it, came late: possible are \"accept_late\", with a reason, and "
            "\"return\"; where it came on paper in time, say so by \"received_at\" and \"source\"."));
    for (size_t i = 0; i < count; i++)
        violate_unit(request, PROBLEM_RULE_REFUSED,
                     (struct unit_named){arena_format(&request->arena, "/nominations/%s", late[i].unit_id),
                                         late[i].unit_id, late[i].label},
                     "late",
                     say(request, "%s: được bổ sung sau thời hạn.", "%s: added after the deadline.", late[i].label));
    return false;
}

// III.4.a: what came late goes on only with Sở Nội vụ's recorded acceptance; what came in time needs none.
static bool acceptance_fits(struct request *request, struct session *session, const struct dossier *dossier,
                            const struct moving *body, bool late)
{
    if (is_action(body, "accept") && late)
        return refuse_late(request, session, dossier);
    if (is_action(body, "accept_late") && !late)
        return refuse_by(
            request, PROBLEM_IMPOSSIBLE_TRANSITION, "III.4.a",
            say(request,
                "Hồ sơ đến đúng hạn: có thể \"accept\" (Tiếp nhận), \"return\" (Trả lại) hoặc \"withdraw\" (Rút).",
                "The dossier came in time: possible are \"accept\", \"return\", \"withdraw\"."));
    return true;
}

static bool receive(struct request *request, struct session *session, const struct dossier *dossier,
                    const struct moving *body, bool *ret_late)
{
    struct nominees_receive nominees;
    struct dossier_receive now;
    struct dossier_lateness stands;
    bool lodging = is_action(body, "lodge");
    if (!lodging && !body->received_at) {
        if (!dossier_lateness(request, session, dossier->id, &stands))
            return false;
        *ret_late = stands.late;
        return true;
    }
    if (!nominees_receive(request, session, dossier->id, body->received_at, body->source, &nominees) ||
        !dossier_receive(request, session, dossier->id, body->received_at, body->source, lodging, nominees.moved, &now))
        return false;
    *ret_late = now.late;
    return true;
}

// Takes the step of the dossier that is open.
static bool take_step(struct request *request, struct session *session, struct dossier *dossier,
                      const struct moving *body, struct event *event)
{
    bool late;
    const struct transition *step =
        step_allowed(request, &dossier_life_cycle, dossier->state, body->action, body->reason);
    if (!step || !may_move(request, dossier, body) || !receipt_given_rightly(request, body) ||
        !completion_day_fits(request, body) ||
        (is_action(body, "lodge") && !nothing_is_missing(request, session, dossier)) ||
        !receive(request, session, dossier, body, &late) || !acceptance_fits(request, session, dossier, body, late))
        return false;
    event->type = step->event;
    return dossier_move(request, session, dossier->id, step->to, body->reason, is_action(body, "accept_late"),
                        body->completion_due_on);
}

// Takes the step of one dossier, with everything that is asked of it.
static bool step_dossier(struct request *request, struct session *session, const char *id, const struct moving *body,
                         struct dossier_step *ret_step)
{
    struct dossier dossier;
    struct dossier_told was, now;
    const char *json;
    if (!dossier_open(request, session, id, &dossier) || !version_is(request, dossier.version) ||
        !dossier_told(request, session, id, &was))
        return false;
    struct event event = dossier_event(&dossier, NULL, dossier.location);
    event.reason = body->reason;
    event.before = was.json;
    if (!take_step(request, session, &dossier, body, &event) || !dossier_touch(request, session, &dossier) ||
        !dossier_told(request, session, id, &now) || !dossier_show(request, session, &dossier, &json))
        return false;
    event.after = now.json;
    *ret_step = (struct dossier_step){event, dossier.version, json};
    return true;
}

static struct reply move_dossier(struct request *request, struct session *session)
{
    struct moving body = {0};
    struct dossier_step done;
    if (!read_body(request, move_fields, &body) ||
        !step_dossier(request, session, path_value(request, "id"), &body, &done))
        return refusal(request);
    return changed(request, session, done.event, done.version, done.json);
}

bool dossier_step_listed(struct request *request, struct session *session, const struct listed *listed,
                         struct listed_made *ret_made)
{
    struct moving body = {0};
    struct dossier_step done;
    if (!read_item(request, move_fields, listed->body, &body) ||
        !step_dossier(request, session, listed->subject, &body, &done))
        return false;
    *ret_made = (struct listed_made){.resource = done.event.resource, .version = done.version, .json = done.json};
    return record(request, session, done.event);
}

// The nominator lodges and withdraws; to receive, return or accept, and to say when it came, is for somebody else.
static bool receives(const struct request *request)
{
    const char *action = json_string_value(json_object_get(request->json, "action"));
    return json_is_string(json_object_get(request->json, "received_at")) ||
           (strcmp(action, "lodge") != 0 && strcmp(action, "withdraw") != 0);
}

const struct duty dossier_move_duty = {.units = &dossier_stake_statement, .rivals = true, .as_office = receives};

const struct route dossier_move_routes[] = {
    {.method = "POST",
     .path = "/v1/dossiers/{id}/transitions",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &dossier_move_duty,
     .act = move_dossier,
     .body_kind = BODY_JSON,
     .body = move_fields},
    {0},
};
