// Drafts of decisions: what each kind of them has to say. Their life: decisions.c.
#include "decisions/bars.h"
#include "decisions/decisions.sql.h"
#include "decisions/private.h"
#include "handler/run.h"
#include "http/route.h"
#include "rounds/round.h"
#include "thidua/life_cycle.h"

#include <string.h>

// The four grounds on which an award may be revoked: (a) fraud in declaring merit; (b) false information or forged
// papers; (c) considered against the law; (d) a later conclusion of fault inside the period the merit is counted.
static const char *const grounds[] = {"FRAUD", "FALSE_INFORMATION", "AGAINST_LAW", "LATER_CONCLUSION", NULL};

static const struct field unit_item = {.type = FIELD_UUID};
static const struct field correction_fields[] = {
    PASSED("field", FIELD_LINE, .required = true, .most = 100),
    PASSED("printed", FIELD_TEXT, .required = true, .most = 500),
    PASSED("correct", FIELD_TEXT, .required = true, .most = 500),
    {0},
};
static const struct field correction_item = {.type = FIELD_OBJECT, .fields = correction_fields};

struct decision_body {
    const char *kind, *proposal_id, *subject_id, *ground, *reason, *fault_from, *fault_to;
};

static const struct field decision_fields[] = {
    BOUND(decision_body, kind, FIELD_CHOICE, .required = true, .choices = decision_kinds),
    BOUND(decision_body, proposal_id, FIELD_UUID),
    BOUND(decision_body, subject_id, FIELD_UUID),
    PASSED("units", FIELD_LIST, .least = 1, .most = 200, .item = &unit_item),
    BOUND(decision_body, ground, FIELD_CHOICE, .choices = grounds),
    BOUND(decision_body, fault_from, FIELD_DATE, .happened = true),
    BOUND(decision_body, fault_to, FIELD_DATE, .happened = true),
    PASSED("corrections", FIELD_LIST, .least = 1, .most = 50, .item = &correction_item),
    BOUND(decision_body, reason, FIELD_TEXT, .least = 1, .most = 2000),
    {0},
};

static bool needs(struct request *request, const char *value, const char *pointer)
{
    return value ||
           violate(request, PROBLEM_INVALID, pointer, "required",
                   say(request, "Loại quyết định này cần trường này.", "This kind of decision needs this field."));
}

// A field of another kind is refused, not ignored: the caller means something by it.
static bool fits_kind(struct request *request, const char *kind, const char *member, const char *const *of_kinds)
{
    bool fits = false;
    for (const char *const *of = of_kinds; *of; of++)
        fits |= strcmp(*of, kind) == 0;
    return !json_object_get(request->json, member) || fits ||
           violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/%s", member), "not_here",
                   say(request, "Trường này chỉ dùng cho: %s.", "This field is for these kinds only: %s.",
                       choices_and_words(request, of_kinds)));
}

// A correction that changes nothing would only raise the question what was wrong.
static bool corrections_correct(struct request *request)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(request->json, "corrections"), i, item)
    {
        const char *printed = json_string_value(json_object_get(item, "printed"));
        const char *correct = json_string_value(json_object_get(item, "correct"));
        if (printed && correct && strcmp(printed, correct) == 0)
            violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/corrections/%zu/correct", i), "same",
                    say(request, "Giống hệt chữ đã in: không có gì để đính chính.",
                        "This is what is printed: there is nothing to correct."));
    }
    return request->problem.kind == PROBLEM_NONE;
}

static bool fields_fit(struct request *request, const struct decision_body *body)
{
    bool award = strcmp(body->kind, "AWARD") == 0, revoke = strcmp(body->kind, "REVOKE") == 0;
    bool later = body->ground && strcmp(body->ground, "LATER_CONCLUSION") == 0;
    static const char *const awards[] = {"AWARD", NULL}, *const corrections[] = {"CORRECT", NULL},
                             *const revocations[] = {"REVOKE", NULL}, *const amending[] = {"CORRECT", "REVOKE", NULL};
    fits_kind(request, body->kind, "proposal_id", awards);
    fits_kind(request, body->kind, "subject_id", amending);
    fits_kind(request, body->kind, "corrections", corrections);
    fits_kind(request, body->kind, "ground", revocations);
    fits_kind(request, body->kind, "fault_from", revocations);
    fits_kind(request, body->kind, "fault_to", revocations);
    if (award)
        needs(request, body->proposal_id, "/proposal_id");
    else if (needs(request, body->subject_id, "/subject_id"))
        reason_given(request, body->reason, "/reason");
    if (revoke)
        needs(request, body->ground, "/ground");
    else if (!award && !json_object_get(request->json, "corrections"))
        needs(request, NULL, "/corrections");
    if (revoke && (later || json_object_get(request->json, "fault_to")))
        needs(request, body->fault_from, "/fault_from");
    return corrections_correct(request);
}

// What could never be signed is no draft. An award also needs an open round; of a closed one awards are still corrected
// and revoked.
static bool draft_possible(struct request *request, struct session *session, const struct decision_body *body,
                           const struct decision_made *made)
{
    struct round round;
    enum round_act act = strcmp(body->kind, "AWARD") == 0 ? ROUND_AWARD_DRAFT : ROUND_CHANGE_DRAFT;
    return round_writable_of(request, session, ROUND_SHARED, act, made->campaign, made->year, &round) &&
           fault_counts(request, session, made->campaign, made->year, body->fault_from, body->fault_to) &&
           decision_possible(request, session, made->id);
}

// Names each unit that is not in what is decided on.
static bool units_are_there(struct request *request, struct session *session, bool award)
{
    const struct decision_asked *wrong;
    size_t count;
    if (!decision_asked(request, session, request->body_json, &wrong, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = wrong[i].label ? wrong[i].label : wrong[i].unit_id;
        violate_unit(
            request, PROBLEM_INVALID,
            (struct unit_named){arena_format(&request->arena, "/units/%lld", wrong[i].place), wrong[i].unit_id,
                                wrong[i].label},
            wrong[i].repeated ? "repeated" : "not_there",
            wrong[i].repeated
                ? say(request, "%s: đã nêu ở trên; chỉ nêu một lần.", "%s: is named above already: name it once.", name)
            : award ? say(request, "%s: không nằm trong tờ trình.", "%s: is not in the proposal.", name)
                    : say(request, "%s: không nằm trong quyết định cũ.", "%s: is not in the earlier decision.", name));
    }
    return count == 0;
}

static bool read_plan(struct request *request, struct session *session)
{
    const struct decision_plan *plan;
    if (!decision_plan(request, session, request->body_json, &plan))
        return false;
    if (plan)
        clauses_of_plan(request, plan->clauses);
    return true;
}

static struct reply create_decision(struct request *request, struct session *session)
{
    struct decision_body body = {0};
    const struct decision_made *made;
    struct decision_show shown;
    if (!read_body(request, decision_fields, &body) || !fields_fit(request, &body))
        return refusal(request);
    bool award = strcmp(body.kind, "AWARD") == 0;
    if (!read_plan(request, session) || !units_are_there(request, session, award) ||
        !(award ? decision_create_award : decision_create_change)(request, session, request->body_json,
                                                                  request->caller.key_id, &made))
        return refusal(request);
    if (!made) {
        violate(request, PROBLEM_INVALID, award ? "/proposal_id" : "/subject_id", "unknown",
                say(request, "Không có bản ghi này.", "There is no such record."));
        return refusal(request);
    }
    if (!draft_possible(request, session, &body, made) || !decision_show(request, session, made->id, true, &shown))
        return refusal(request);
    return created(request, session,
                   (struct event){.type = decision_life_cycle.created,
                                  .resource = decision_location(request, made->id),
                                  .campaign = made->campaign,
                                  .year = made->year},
                   shown.version, shown.body);
}

static const struct duty new_duty = {.units = &decision_new_stake_statement};

const struct route draft_routes[] = {
    {.method = "POST",
     .path = "/v1/decisions",
     .roles = ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &new_duty,
     .act = create_decision,
     .body_kind = BODY_JSON,
     .body = decision_fields},
    {0},
};
