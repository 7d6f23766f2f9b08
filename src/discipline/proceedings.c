// The four holds of the law (98/2023/NĐ-CP article 4.4, from 1/7/2025 152/2025/NĐ-CP article 4.4): discipline under
// consideration; investigations, inspections, audits with signs of fault; complaints and denunciations; press reports.
// While one is open the unit's award waits ("chưa khen thưởng"). RESTRICTED like discipline.
#include "discipline/discipline.sql.h"
#include "discipline/private.h"
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"

#include <string.h>

static const char *const kinds[] = {"DISCIPLINE_REVIEW", "INVESTIGATION", "INSPECTION", "AUDIT",
                                    "COMPLAINT",         "PRESS_REPORT",  NULL};

struct proceeding {
    const char *unit_id;
};
static const struct field proceeding_fields[] = {
    BOUND(proceeding, unit_id, FIELD_UUID, .required = true),
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = kinds),
    PASSED("subject", FIELD_TEXT, .nullable = true, .most = 1000),
    PASSED("opened_on", FIELD_DATE, .required = true, .happened = true),
    {0},
};

struct closing {
    const char *action, *reason, *closed_on;
};
static const struct field closing_fields[] = {
    BOUND(closing, action, FIELD_LINE, .required = true, .most = 40),
    BOUND(closing, reason, FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    BOUND(closing, closed_on, FIELD_DATE, .nullable = true, .happened = true),
    {0},
};

static const char *proceeding_location(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/proceedings/%s", id);
}

static struct reply open_proceeding(struct request *request, struct session *session)
{
    struct proceeding proceeding = {0};
    struct proceeding_create made;
    if (!read_body(request, proceeding_fields, &proceeding) ||
        !proceeding_create(request, session, request->body_json, &made))
        return refusal(request);
    return created(request, session,
                   (struct event){.type = "proceeding.opened",
                                  .resource = proceeding_location(request, made.id),
                                  .unit_id = proceeding.unit_id,
                                  .restricted = true},
                   made.version, made.json);
}

static bool closing_day_fits(struct request *request, const struct closing *closing, const struct transition *step)
{
    return !closing->closed_on || strcmp(step->to, proceedings_states[0]) != 0 ||
           violate(request, PROBLEM_INVALID, "/closed_on", "not_here",
                   say(request, "Vụ việc mở lại thì không có ngày kết thúc.",
                       "A proceeding that is opened again has no day of closing."));
}

static struct reply move_proceeding(struct request *request, struct session *session)
{
    const char *id = path_value(request, "id");
    struct closing closing = {0};
    struct proceeding_lock old;
    struct proceeding_move now;
    if (!read_body(request, closing_fields, &closing) || !proceeding_lock(request, session, id, &old) ||
        !version_is(request, old.version))
        return refusal(request);
    const struct transition *step =
        step_allowed(request, &proceedings_life_cycle, old.state, closing.action, closing.reason);
    if (!step || !closing_day_fits(request, &closing, step) ||
        !proceeding_move(request, session, id, step->to, closing.reason, closing.closed_on, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = step->event,
                                  .resource = proceeding_location(request, id),
                                  .unit_id = old.unit_id,
                                  .reason = closing.reason,
                                  .before = old.json,
                                  .restricted = true},
                   now.version, now.json);
}

static const struct query_field proceedings_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "state", .type = FIELD_CHOICE, .choices = proceedings_states},
    {.name = "kind", .type = FIELD_CHOICE, .choices = kinds},
    QUERY_PAGE,
    {0},
};

static const struct column proceeding_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Loại", "Kind", "kind", .codes = "ProceedingKind"},
    {"Nội dung", "Subject", "subject"},
    {"Mở ngày", "Opened on", "opened_on", COLUMN_DATE},
    {"Đóng ngày", "Closed on", "closed_on", COLUMN_DATE},
    {"Kết quả", "Outcome", "outcome", .codes = "ProceedingOutcome"},
    {"Trạng thái", "State", "state", .codes = "ProceedingState"},
    {"Kết luận", "Conclusion", "conclusion"},
    {"Đổi lúc", "Changed at", "changed_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Mã", "Id", "id"},
    {0},
};

static const struct duty new_duty = {.units = &body_unit_stake_statement, .rivals = true},
                         change_duty = {.units = &proceeding_stake_statement, .rivals = true};

const struct route proceeding_routes[] = {
    {.method = "GET",
     .path = "/v1/proceedings",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proceeding_list_statement,
     .orders = (const struct order[]){FROM_START("opened_on", proceeding_list), {0}},
     .query = proceedings_query,
     .cache_control = "no-store",
     .columns = proceeding_columns},
    {.method = "POST",
     .path = "/v1/proceedings",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &new_duty,
     .act = open_proceeding,
     .body_kind = BODY_JSON,
     .body = proceeding_fields},
    {.method = "GET",
     .path = "/v1/proceedings/{id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proceeding_get_statement,
     .cache_control = "no-store"},
    {.method = "POST",
     .path = "/v1/proceedings/{id}/transitions",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &change_duty,
     .act = move_proceeding,
     .body_kind = BODY_JSON,
     .body = closing_fields},
    {0},
};

const struct constraint_problem proceeding_constraints[] = {
    {"proceedings_unit", PROBLEM_INVALID, "/unit_id", NULL, "Không có đơn vị này.", "There is no such unit."},
    {"proceedings_of_unit_most", PROBLEM_CONFLICT, "/unit_id", NULL,
     "Đơn vị đã có 5000 vụ việc, là số nhiều nhất của một đơn vị. Hãy ghi vụ việc này cho tập thể cấp dưới mà nó nói "
     "về.",
     "The unit has 5000 proceedings already, the most that one unit may have. Record these for the collective below it "
     "that they are about."},
    {"proceedings_opened", PROBLEM_INVALID, "/opened_on", NULL, "Ngày mở phải từ năm 1990.",
     "The opening must be 1990 or later."},
    {"proceedings_period", PROBLEM_INVALID, "/closed_on", NULL, "Ngày kết thúc không thể trước ngày mở.",
     "It cannot close before it was opened."},
    {0},
};
