// Units and what they were on any day (domain, section 8).
#include "http/route.h"
#include "service/constraints.h"
#include "service/run.h"
#include "statements.h"

static const char *const unit_kinds[] = {
    "PROVINCE", "PROVINCIAL_BODY", "PROVINCIAL_SUBUNIT", "DISTRICT", "DISTRICT_SUBUNIT",
    "COMMUNE",  "PARTY_BODY",      "MASS_ORGANISATION",  "OTHER",    NULL};
static const char *const code_schemes[] = {"GSO", "AGENCY", "AGENCY_LEGACY", NULL};

static const struct field code_fields[] = {
    PASSED("scheme", FIELD_CHOICE, .required = true, .choices = code_schemes),
    PASSED("value", FIELD_TEXT, .required = true, .most = 35),
    {0},
};
static const struct field code_item = {.type = FIELD_OBJECT, .fields = code_fields};

static const struct field unit_fields[] = {
    PASSED("name", FIELD_TEXT, .required = true, .most = 200),
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = unit_kinds),
    PASSED("parent_id", FIELD_UUID, .nullable = true),
    PASSED("valid_from", FIELD_DATE, .required = true),
    PASSED("valid_to", FIELD_DATE, .nullable = true),
    PASSED("legal_basis", FIELD_TEXT, .nullable = true),
    PASSED("codes", FIELD_LIST, .most = 10, .item = &code_item),
    {0},
};

static struct reply create_unit(struct request *request, struct session *session)
{
    struct rows *unit, *shown;
    if (!read_body(request, unit_fields, NULL) || !run_one(request, session, unit_create, &unit, request->body_json))
        return refusal(request);
    const char *id = rows_text(unit, 0, 0);
    const char *location = arena_format(&request->arena, "/v1/units/%s", id);
    if (!run_one(request, session, unit_get, &shown, id, NULL))
        return refusal(request);
    const char *json = rows_text(shown, 0, 0);
    if (!journal(request, session,
                 (struct journal_entry){.type = "unit.created", .resource = location, .unit_id = id, .after = json}))
        return refusal(request);
    return created(request, location, rows_text(unit, 0, 1), json);
}

static const struct query_field unit_query[] = {{.name = "on", .type = FIELD_DATE}, {0}};
static const struct query_field units_query[] = {
    {.name = "on", .type = FIELD_DATE},
    {.name = "q", .type = FIELD_TEXT, .most = 200},
    {.name = "kind", .type = FIELD_CHOICE, .choices = unit_kinds},
    {.name = "parent", .type = FIELD_UUID},
    {.name = "code", .type = FIELD_TEXT, .most = 35},
    QUERY_PAGE,
    {0},
};

const struct route unit_routes[] = {
    {.method = "GET",
     .path = "/v1/units",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &unit_list,
     .bind = {"?on", "?q", "?kind", "?parent", "?code", "?cursor", "?limit"},
     .query = units_query},
    {.method = "POST",
     .path = "/v1/units",
     .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .act = create_unit,
     .body_kind = BODY_JSON,
     .body = unit_fields},
    {.method = "GET",
     .path = "/v1/units/{id}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &unit_get,
     .bind = {"{id}", "?on"},
     .query = unit_query},
    {0},
};

const struct constraint_problem unit_constraints[] = {
    {"unit_periods_from", PROBLEM_INVALID, "/valid_to", NULL, "Ngày kết thúc phải sau ngày bắt đầu.",
     "The period must end after it begins."},
    {"unit_periods_parent", PROBLEM_INVALID, "/parent_id", NULL, "Không có đơn vị cấp trên này.",
     "There is no such parent unit."},
    {"unit_codes_form", PROBLEM_INVALID, "/codes", NULL,
     "Mã không đúng dạng của hệ mã: GSO 2, 3 hoặc 5 chữ số; AGENCY như H10.58; AGENCY_LEGACY như 000.00.04.H10.",
     "The code does not have its scheme's form: GSO 2, 3 or 5 digits; AGENCY as H10.58; AGENCY_LEGACY as "
     "000.00.04.H10."},
    {"unit_codes_one_holder", PROBLEM_CONFLICT, "/codes", NULL,
     "Mã này đang thuộc một đơn vị khác trong thời gian đó; hãy kết thúc mã cũ (sáp nhập, giải thể) trước.",
     "Another unit holds this code in that time: end it first (by a succession)."},
    {0},
};
