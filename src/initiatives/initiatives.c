// Initiatives, solutions and new practices, and what councils say of them (III.1.c).
#include "initiatives/initiatives.h"

#include "handler/bulk/listed.h"
#include "handler/constraints.h"
#include "handler/feature.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"
#include "initiatives/initiatives.sql.h"

#include <string.h>

static const char *const kinds[] = {"INITIATIVE", "SOLUTION", "NEW_PRACTICE", NULL};
static const char *const councils[] = {"PROVINCIAL", "SECTOR", "DISTRICT", "COMMUNE", NULL};
// What a council may decide, as a recognition has it, as a step of the life cycle, and as the journal tells it.
static const char *const outcomes[] = {"RECOGNISED", "REFUSED", "ANNULLED", NULL};
static const char *const actions[] = {"recognise", "refuse", "annul"};
static const char *const events[] = {"initiative.recognised", "initiative.refused", "initiative.annulled"};
enum outcome { RECOGNISED, REFUSED, ANNULLED };

struct initiative {
    const char *unit_id;
};
const struct field initiative_fields[] = {
    BOUND(initiative, unit_id, FIELD_UUID, .required = true),
    PASSED("title", FIELD_LINE, .required = true, .most = 500),
    PASSED("summary", FIELD_TEXT, .required = true, .most = 5000),
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = kinds),
    PASSED("applied_from", FIELD_DATE, .required = true),
    PASSED("applied_to", FIELD_DATE, .nullable = true),
    {0},
};
static const struct field patch_fields[] = {
    PASSED("title", FIELD_LINE, .least = 1, .most = 500), PASSED("summary", FIELD_TEXT, .least = 1, .most = 5000),
    PASSED("kind", FIELD_CHOICE, .choices = kinds),       PASSED("applied_from", FIELD_DATE),
    PASSED("applied_to", FIELD_DATE, .nullable = true),   {0},
};

struct recognition {
    const char *council, *outcome, *recognised_on, *decision_number, *scope, *reason;
};
const struct field recognition_fields[] = {
    BOUND(recognition, council, FIELD_CHOICE, .required = true, .choices = councils),
    BOUND(recognition, outcome, FIELD_CHOICE, .choices = outcomes),
    BOUND(recognition, recognised_on, FIELD_DATE, .nullable = true, .happened = true),
    BOUND(recognition, decision_number, FIELD_NUMBER_SYMBOL, .nullable = true, .most = 64),
    BOUND(recognition, scope, FIELD_LINE, .nullable = true, .most = 500),
    BOUND(recognition, reason, FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    {0},
};

static const char *initiative_location(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/initiatives/%s", id);
}

// Creates what the body that was read says, and describes it.
static bool enter_initiative(struct request *request, struct session *session, const struct initiative *initiative,
                             struct initiative_create *ret_made, struct event *ret_event)
{
    if (!in_own_subtree(request, session, initiative->unit_id) ||
        !initiative_create(request, session, request->body_json, ret_made))
        return false;
    *ret_event = (struct event){.type = initiative_life_cycle.created,
                                .resource = initiative_location(request, ret_made->id),
                                .unit_id = initiative->unit_id,
                                .after = ret_made->json,
                                .restricted = true}; // a draft until a council recognises it
    return true;
}

static struct reply create_initiative(struct request *request, struct session *session)
{
    struct initiative initiative = {0};
    struct initiative_create made;
    struct event event;
    if (!read_body(request, initiative_fields, &initiative) ||
        !enter_initiative(request, session, &initiative, &made, &event))
        return refusal(request);
    event.read_alike = true; // nothing was decided or used yet: no part of it is hidden from anybody who may read it
    return created(request, session, event, made.version, made.json);
}

// A file that is sent again, or an exported list, would double what counts for an award.
static bool is_new(struct request *request, struct session *session, const char *id)
{
    struct initiative_twin twin;
    return initiative_twin(request, session, id, &twin) &&
           (!twin.known || refuse(request, PROBLEM_VERSION_REQUIRED, NULL)); // "exists", as of any row of a file
}

bool initiative_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made)
{
    struct initiative initiative = {0};
    struct initiative_create made;
    struct event event;
    json_object_set_new(listed->body, "unit_id", json_string(listed->unit_id));
    if (!read_item(request, initiative_fields, listed->body, &initiative) ||
        !enter_initiative(request, session, &initiative, &made, &event) || !is_new(request, session, made.id))
        return false;
    ret_made->resource = event.resource;
    return record(request, session, event);
}

static bool lock_initiative(struct request *request, struct session *session, const char *id,
                            struct initiative_stand *ret_old)
{
    return initiative_lock(request, session, id) &&
           initiative_stand(request, session, id, has_role(request, MAY_READ_RESTRICTED), request->caller.roles,
                            caller_unit(request), ret_old);
}

static struct reply patch_initiative(struct request *request, struct session *session)
{
    const char *id = path_value(request, "id");
    struct initiative_stand old;
    struct initiative_change now;
    if (!read_body(request, patch_fields, NULL) || !lock_initiative(request, session, id, &old) ||
        !in_own_subtree(request, session, old.unit_id) || !version_is(request, old.version))
        return refusal(request);
    if (old.decided) {
        refuse(request, PROBLEM_CONFLICT,
               say(request, "Đã có hội đồng quyết định về sáng kiến này nên không sửa được nữa.",
                   "A council has decided on this initiative, so it cannot be changed any more."));
        return refusal(request);
    }
    if (!initiative_change(request, session, id, request->body_json, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "initiative.changed",
                                  .resource = initiative_location(request, id),
                                  .unit_id = old.unit_id,
                                  .before = old.json,
                                  .restricted = true},
                   now.version, now.json);
}

// ---- recognition ----

static bool need(struct request *request, const char *value, const char *pointer)
{
    return value || violate(request, PROBLEM_INVALID, pointer, "required",
                            say(request, "Công nhận cần trường này.", "A recognition needs this field."));
}

static enum outcome outcome_of(const struct recognition *given)
{
    enum outcome outcome = ANNULLED;
    while (outcome != RECOGNISED && (!given->outcome || strcmp(outcomes[outcome], given->outcome) != 0))
        outcome--;
    return outcome; // where none is named, the first
}

static bool recognition_is_whole(struct request *request, const struct recognition *given, enum outcome outcome)
{
    if (outcome != RECOGNISED) {
        if (given->recognised_on || given->decision_number || given->scope)
            violate(request, PROBLEM_INVALID, "/outcome", "refusal_with_decision",
                    say(request,
                        "Không công nhận, hoặc hủy bỏ việc công nhận, thì chỉ có lý do, không có ngày, số quyết định "
                        "hoặc phạm vi.",
                        "A refusal or annulment has a reason only, no date, decision number or scope."));
        reason_given(request, given->reason, "/reason");
        return request->problem.kind == PROBLEM_NONE;
    }
    need(request, given->recognised_on, "/recognised_on");
    need(request, given->decision_number, "/decision_number");
    return request->problem.kind == PROBLEM_NONE;
}

// The state is what the provincial council says; the word of a lower council is only recorded (III.1.c).
static bool next_state(struct request *request, const struct recognition *given, const char *state,
                       enum outcome outcome, const char **ret_state)
{
    *ret_state = NULL;
    if (strcmp(given->council, "PROVINCIAL") != 0)
        return true;
    if (!has_role(request, ROLE_INITIATIVE_COUNCIL))
        return refuse(request, PROBLEM_FORBIDDEN,
                      say(request, "Chỉ Hội đồng Sáng kiến cấp tỉnh ghi quyết định của mình.",
                          "Only the provincial Initiative Council records its own decision."));
    if (strcmp(state, initiative_states[0]) != 0 && !life_cycle_find(&initiative_life_cycle, state, actions[outcome]))
        return refuse(request, PROBLEM_IMPOSSIBLE_TRANSITION,
                      say(request, "Hội đồng Sáng kiến cấp tỉnh đã quyết định: %s; từ đây có thể: %s.",
                          "The provincial Initiative Council has decided: %s; possible from here: %s.",
                          words_for(request, "InitiativeState", state),
                          life_cycle_next(&initiative_life_cycle, state, NULL)
                              ? arena_format(&request->arena, "\"%s\" (%s)", outcomes[ANNULLED],
                                             words_for(request, "InitiativeAction", actions[ANNULLED]))
                              : "–"));
    const struct transition *step =
        step_allowed(request, &initiative_life_cycle, state, actions[outcome], given->reason);
    if (step)
        *ret_state = step->to;
    return step;
}

static bool keep_word(struct request *request, struct session *session, const char *id, const struct recognition *given,
                      enum outcome outcome)
{
    const struct initiative_annul *annulled;
    if (outcome != ANNULLED)
        return initiative_recognise(request, session, id, request->body_json);
    if (!initiative_annul(request, session, id, given->council, given->reason, &annulled))
        return false;
    return annulled || refuse(request, PROBLEM_CONFLICT,
                              say(request, "Hội đồng này không có việc công nhận nào để hủy bỏ.",
                                  "This council has no recognition of it to annul."));
}

// Keeps what a council says of the initiative that is locked, by the body that was read, and describes it.
static bool decide(struct request *request, struct session *session, const char *id, const struct recognition *given,
                   const struct initiative_stand *old, struct initiative_decide *ret_now, struct event *ret_event)
{
    const char *state;
    enum outcome outcome = outcome_of(given);
    if (!next_state(request, given, old->state, outcome, &state) || !recognition_is_whole(request, given, outcome) ||
        !keep_word(request, session, id, given, outcome) ||
        !initiative_decide(request, session, id, state, has_role(request, MAY_READ_RESTRICTED), ret_now))
        return false;
    *ret_event = (struct event){.type = events[outcome],
                                .resource = initiative_location(request, id),
                                .unit_id = old->unit_id,
                                .reason = given->reason,
                                .before = old->json,
                                .after = ret_now->json,
                                .restricted = outcome != RECOGNISED};
    return true;
}

static struct reply put_recognition(struct request *request, struct session *session)
{
    const char *id = path_value(request, "id");
    struct recognition given = {0};
    struct initiative_stand old;
    struct initiative_decide now;
    struct event event;
    if (!read_body(request, recognition_fields, &given) || !lock_initiative(request, session, id, &old) ||
        !version_is(request, old.version) || !decide(request, session, id, &given, &old, &now, &event))
        return refusal(request);
    return changed(request, session, event, now.version, now.shown);
}

// A file names no versions. Nobody's word is lost by it: each council decides once on an initiative, and annuls its own
// word alone.
bool recognition_listed(struct request *request, struct session *session, const struct listed *listed,
                        struct listed_made *ret_made)
{
    const char *id = listed->subject;
    struct recognition given = {0};
    struct initiative_stand old;
    struct initiative_decide now;
    struct event event;
    if (!read_item(request, recognition_fields, listed->body, &given) || !lock_initiative(request, session, id, &old) ||
        !decide(request, session, id, &given, &old, &now, &event))
        return false;
    ret_made->resource = event.resource;
    return record(request, session, event);
}

static const struct query_field initiatives_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "state", .type = FIELD_CHOICE, .choices = initiative_states},
    {.name = "kind", .type = FIELD_CHOICE, .choices = kinds},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    QUERY_PAGE,
    {0},
};

const struct column initiative_columns[] = {
    {"Tên", "Title", "title"},
    {"Đơn vị", "Unit", "unit_label"},
    {"Loại", "Kind", "kind", .codes = "InitiativeKind"},
    {"Áp dụng từ", "Applied from", "applied_from", COLUMN_DATE},
    {"Áp dụng đến", "Applied to", "applied_to", COLUMN_DATE},
    {"Trạng thái", "State", "state", .codes = "InitiativeState"},
    {"Công nhận", "Recognitions", "recognitions[].council+outcome+decision_number",
     .codes = "InitiativeCouncil+InitiativeState"},
    {"Đã dùng khen thưởng", "Used", "used"},
    {"Tóm tắt", "Summary", "summary"},
    {"Đổi lúc", "Changed at", "changed_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Mã", "Id", "id"},
    {0},
};

const struct duty recognition_duty = {.units = &initiative_stake_statement, .rivals = true};

static const struct route initiative_routes[] = {
    {.method = "GET",
     .path = "/v1/initiatives",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &initiative_list_statement,
     .orders = (const struct order[]){FROM_START("id", initiative_list), {0}},
     .query = initiatives_query,
     .columns = initiative_columns},
    {.method = "POST",
     .path = "/v1/initiatives",
     .roles = ROLE_UNIT,
     .lane = LANE_WRITE,
     .act = create_initiative,
     .body_kind = BODY_JSON,
     .body = initiative_fields},
    {.method = "GET",
     .path = "/v1/initiatives/{id}",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &initiative_get_statement},
    {.method = "PATCH",
     .path = "/v1/initiatives/{id}",
     .roles = ROLE_UNIT,
     .lane = LANE_WRITE,
     .act = patch_initiative,
     .body_kind = BODY_MERGE_PATCH,
     .body = patch_fields},
    {.method = "PUT",
     .path = "/v1/initiatives/{id}/recognition",
     .roles = ROLE_INITIATIVE_COUNCIL | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &recognition_duty,
     .act = put_recognition,
     .body_kind = BODY_JSON,
     .body = recognition_fields},
    {0},
};

static const struct constraint_problem initiative_constraints[] = {
    {"initiatives_unit", PROBLEM_INVALID, "/unit_id", NULL, "Không có đơn vị này.", "There is no such unit."},
    {"initiatives_of_unit_most", PROBLEM_CONFLICT, "/unit_id", NULL,
     "Đơn vị đã có 5000 sáng kiến, là số nhiều nhất của một đơn vị. Hãy ghi sáng kiến này cho tập thể cấp dưới đã áp "
     "dụng "
     "nó.",
     "The unit has 5000 initiatives already, the most that one unit may have. Enter this one for the collective below "
     "it that applied it."},
    {"initiatives_in_life", PROBLEM_RULE_REFUSED, "/applied_from", NULL,
     "Đơn vị này không tồn tại vào ngày bắt đầu áp dụng: ghi sáng kiến cho đơn vị đã áp dụng vào ngày đó (đơn vị tiền "
     "thân hoặc đơn vị kế thừa), hoặc sửa ngày.",
     "The unit does not exist on the first day of application: enter the initiative for the body that applied it then "
     "(its predecessor or its successor), or correct the day."},
    {"initiatives_applied", PROBLEM_INVALID, "/applied_to", NULL, "Ngày thôi áp dụng không thể trước ngày bắt đầu.",
     "The last day of application cannot be before the first."},
    {"initiative_recognitions_once", PROBLEM_CONFLICT, "/council", NULL, "Hội đồng cấp này đã quyết định về sáng kiến.",
     "The council of this level has already decided on the initiative."},
    {0},
};

const struct feature initiatives_feature = {
    .name = "initiatives", .routes = {initiative_routes}, .constraints = {initiative_constraints}};
