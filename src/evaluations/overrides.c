// Overrides of places: who a person lets in or keeps out, against what was computed and beside it.
#include "evaluations/overrides.h"

#include "evaluations/evaluations.h"
#include "evaluations/overrides.sql.h"
#include "evaluations/private.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"
#include "rounds/round.h"
#include "thidua/standings.h"

#include <string.h>

struct override_body {
    const char *unit_id, *form, *decided, *reason, *legal_basis;
};

static const struct field override_fields[] = {
    BOUND(override_body, unit_id, FIELD_UUID, .required = true),
    BOUND(override_body, form, FIELD_LINE, .least = 1, .most = 40),
    BOUND(override_body, decided, FIELD_CHOICE, .required = true, .choices = decided_status_names),
    BOUND(override_body, reason, FIELD_TEXT, .required = true, .least = 1, .most = 2000),
    BOUND(override_body, legal_basis, FIELD_TEXT, .names_document = true, .required = true, .least = 1, .most = 500),
    {0},
};

static bool is_of_form(const json_t *item, const char *form)
{
    const char *own = json_string_value(json_object_get(item, "form"));
    return own && form ? strcmp(own, form) == 0 : own == form;
}

const json_t *standing_of(const json_t *standings, const char *unit_id, const char *form)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(standings, "items"), i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "unit_id")), unit_id) == 0 && is_of_form(item, form))
            return item;
    }
    return NULL;
}

bool form_is_named(struct request *request, const json_t *standings, const char *form, const char *pointer)
{
    const json_t *forms = json_object_get(standings, "forms");
    const char *codes = NULL;
    size_t i;
    json_t *item;
    if (!forms)
        return !form || violate(request, PROBLEM_INVALID, pointer, "unused",
                                say(request, "Kế hoạch này không có nhiều hình thức khen thưởng: hãy bỏ trường này.",
                                    "This plan has no forms of award: leave this out."));
    json_array_foreach((json_t *)(uintptr_t)forms, i, item)
    {
        const char *code = json_string_value(json_object_get(item, "form"));
        if (form && strcmp(code, form) == 0)
            return true;
        codes = arena_format(&request->arena, "%s%s\"%s\"", codes ? codes : "", codes ? ", " : "", code);
    }
    return violate(request, PROBLEM_INVALID, pointer, form ? "unknown" : "required",
                   say(request, "Hãy nêu một hình thức khen thưởng của kế hoạch: %s.",
                       "Name one of the plan's forms of award: %s.", codes));
}

static bool has_award(const json_t *item)
{
    return strcmp(json_string_value(json_object_get(item, "status")), standing_status_name(STANDING_AWARDED)) == 0;
}

const char *standing_in_force(const json_t *item)
{
    if (has_award(item))
        return standing_status_name(STANDING_AWARDED);
    const char *decided = json_string_value(json_object_get(json_object_get(item, "override"), "decided"));
    return decided ? decided : json_string_value(json_object_get(item, "status"));
}

// Inputs of evaluations are stored with other names than answers have: they are hashed, and stay.
static void show_as(json_t *place, const char *stored, const char *shown)
{
    json_object_set(place, shown, json_object_get(place, stored));
    json_object_del(place, stored);
}

static const char *place_key(struct arena *arena, const char *unit_id, const char *form)
{
    return arena_format(arena, "%s/%s", unit_id, form ? form : "");
}

// Null: the unit has none any more, of the whole round. On the evaluation that it was recorded on it still shows.
static json_t *places_by_unit(struct arena *arena, const struct override_newest *overrides, size_t count, bool of_round)
{
    json_t *places = json_object();
    for (size_t i = 0; i < count; i++) {
        bool gone = of_round && overrides[i].taken_back;
        json_t *place = gone ? json_null() : json_loads(overrides[i].place, 0, NULL);
        show_as(place, "by", "recorded_by");
        show_as(place, "at", "recorded_at");
        json_object_set_new(places, place_key(arena, overrides[i].unit_id, overrides[i].form), place);
    }
    return places;
}

bool overrides_show(struct request *request, struct session *session, const char *campaign, const char *year,
                    const char *evaluation, json_t *standings)
{
    const struct override_newest *overrides;
    size_t count;
    if (!override_newest(request, session, campaign, year, evaluation, &overrides, &count))
        return false;
    json_t *places = places_by_unit(&request->arena, overrides, count, !evaluation), *item;
    json_int_t secure = json_integer_value(json_object_get(standings, "taken"));
    size_t i;
    json_array_foreach(json_object_get(standings, "items"), i, item)
    {
        json_t *place =
            json_object_get(places, place_key(&request->arena, json_string_value(json_object_get(item, "unit_id")),
                                              json_string_value(json_object_get(item, "form"))));
        if (place) {
            bool moot =
                json_equal(json_object_get(place, "decided"), json_object_get(item, "status")) || has_award(item);
            json_object_set_new(place, "moot", json_boolean(moot));
            json_object_set(item, "override", place);
        }
        secure += !has_award(item) && strcmp(standing_in_force(item), "SECURE") == 0;
    }
    json_object_set_new(standings, "overrides_exceed_cap",
                        json_boolean(secure > json_integer_value(json_object_get(standings, "cap"))));
    json_decref(places);
    return true;
}

static bool bar_by_override(struct request *request, const struct override_bars *barred)
{
    if (request->problem.kind == PROBLEM_NONE)
        by_clause(request, "III.2.b");
    return violate_unit(request, PROBLEM_RULE_REFUSED,
                        (struct unit_named){arena_format(&request->arena, "/units/%s", barred->unit_id),
                                            barred->unit_id, barred->label},
                        barred->decided,
                        say(request, "%s: sau khi trình, đã có quyết định khác về suất của đơn vị (%s).",
                            "%s: its place was decided otherwise since it was submitted (%s).", barred->label,
                            words_for(request, "StandingStatus", barred->decided)));
}

// Where people took their decision back, the place is what was computed last.
static bool is_sure_without(struct request *request, struct session *session, const struct override_bars *barred,
                            bool *ret_sure)
{
    json_t *standings;
    *ret_sure = false;
    if (!barred->newest)
        return true;
    if (!evaluation_standings(request, session, barred->newest, &standings))
        return false;
    const json_t *item = standing_of(standings, barred->unit_id, barred->form);
    *ret_sure = item && strcmp(json_string_value(json_object_get(item, "status")), "SECURE") == 0;
    json_decref(standings);
    return true;
}

bool may_sign_overrides(struct request *request, struct session *session, const char *decision)
{
    const struct override_bars *barred;
    size_t count;
    bool good = override_bars(request, session, decision, &barred, &count), sure;
    for (size_t i = 0; good && i < count; i++) {
        struct problem before = request->problem;
        request->problem.kind = PROBLEM_NONE;
        if (!is_sure_without(request, session, &barred[i], &sure))
            return false;
        request->problem = before;
        if (!sure)
            bar_by_override(request, &barred[i]);
    }
    return good && request->problem.kind == PROBLEM_NONE;
}

// ---- recording one ----

// An override moves a place. It makes nobody eligible: that is for facts and rules.
static bool is_possible(struct request *request, const json_t *item, const struct override_body *body)
{
    if (!item)
        return violate(request, PROBLEM_RULE_REFUSED, "/unit_id", "not_registered",
                       say(request, "Đơn vị không có trong lần đánh giá này.", "The unit is not in this evaluation."));
    if (has_award(item))
        return refuse_by(request, PROBLEM_RULE_REFUSED, "III.2.b",
                         say(request, "Đơn vị đã có quyết định khen thưởng của năm: suất đã dùng, không xếp lại.",
                             "The unit already has this year's award: its place is taken and cannot be given again."));
    const char *overall = json_string_value(json_object_get(item, "overall"));
    if (strcmp(body->decided, "SECURE") != 0 || strcmp(overall, "ELIGIBLE") == 0)
        return true;
    return refuse_by(
        request, PROBLEM_RULE_REFUSED, "III.1",
        say(request, "Kết quả xét của đơn vị: %s. Quyết định khác chỉ thay đổi thứ hạng, không thay cho tiêu chuẩn.",
            "The unit's result is: %s. An override changes places, it does not replace criteria.",
            words_for(request, "Overall", overall)));
}

static bool find_computed(struct request *request, struct session *session, const struct override_body *body,
                          const char **ret_computed)
{
    json_t *standings;
    if (!evaluation_standings(request, session, path_value(request, "id"), &standings))
        return false;
    const json_t *item = standing_of(standings, body->unit_id, body->form);
    bool good = form_is_named(request, standings, body->form, "/form") && is_possible(request, item, body);
    if (good)
        *ret_computed = arena_text(&request->arena, json_string_value(json_object_get(item, "status")));
    json_decref(standings);
    return good;
}

static struct reply create_override(struct request *request, struct session *session)
{
    struct override_body body = {0};
    struct override_frame frame;
    struct override_insert made;
    const char *id = path_value(request, "id"), *computed;
    if (!read_body(request, override_fields, &body) || !override_frame(request, session, id, &frame))
        return refusal(request);
    clauses_of_plan(request, frame.clauses);
    if (!round_allows(request, ROUND_PLACES, frame.round_state) || !find_computed(request, session, &body, &computed) ||
        !override_insert(request, session, id, body.unit_id, body.form, computed, body.decided, body.reason,
                         body.legal_basis, request->caller.key_id, request->caller.name, &made))
        return refusal(request);
    return created(
        request, session,
        (struct event){.type = "standing.overridden",
                       .resource = arena_format(&request->arena, "/v1/evaluations/%s/overrides/%s", id, made.id),
                       .unit_id = body.unit_id,
                       .campaign = frame.campaign,
                       .year = frame.year,
                       .reason = body.reason,
                       .restricted = true},
        NULL, made.json);
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};

static const struct column override_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Hình thức", "Form", "form_label.@"},
    {"Theo xếp hạng", "Computed", "computed", .codes = "StandingStatus"},
    {"Quyết định", "Decided", "decided", .codes = "StandingStatus"},
    {"Lý do", "Reason", "reason"},
    {"Căn cứ", "Legal basis", "legal_basis"},
    {"Người quyết định", "By", "recorded_by"},
    {"Lúc", "At", "recorded_at", COLUMN_INSTANT},
    {"Còn hiệu lực", "In force", "in_force"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Mã", "Id", "id"},
    {0},
};

// Moving a place inside a group moves the others of it.
static const struct duty override_duty = {.units = &override_stake_statement, .rivals = true};

const struct route override_routes[] = {
    {.method = "GET",
     .path = "/v1/evaluations/{id}/overrides",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &override_list_statement,
     .orders = (const struct order[]){FROM_START("recorded_at", override_list), {0}},
     .query = page_query,
     .columns = override_columns},
    {.method = "POST",
     .path = "/v1/evaluations/{id}/overrides",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &override_duty,
     .act = create_override,
     .body_kind = BODY_JSON,
     .body = override_fields},
    {.method = "GET",
     .path = "/v1/evaluations/{id}/overrides/{override_id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &override_show_statement},
    {0},
};

const struct constraint_problem override_constraints[] = {
    {"standing_overrides_tie", PROBLEM_RULE_REFUSED, "/decided", "III.1.a",
     "Bằng nhau là kết quả của xếp hạng, không phải điều được quyết định: chỉ ghi cho đơn vị mà xếp hạng cũng cho "
     "là bằng nhau. Hãy quyết định kết quả khác.",
     "A tie is found, not decided: only a unit for which it was computed can have it. Choose another status."},
    {0},
};
