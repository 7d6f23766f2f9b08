// V.1: the yearly report, and who owes what by when.
#include "handler/bulk/bulk.h"
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "http/route.h"
#include "rounds/private.h"
#include "rounds/reports.sql.h"
#include "rounds/round.h"

struct report_body {
    const char *document_number, *received_at, *source;
};
#define REPORT_FIELDS                                                                                                  \
    BOUND(report_body, document_number, FIELD_NUMBER_SYMBOL, .required = true, .most = 64),                            \
        PASSED("document_date", FIELD_DATE, .required = true, .happened = true),                                       \
        PASSED("summary", FIELD_TEXT, .nullable = true, .most = 10000),                                                \
        BOUND(report_body, received_at, FIELD_INSTANT, .nullable = true, .happened = true),                            \
        BOUND(report_body, source, FIELD_LINE, .names_document = true, .nullable = true, .least = 1, .most = 500)
const struct field report_fields[] = {REPORT_FIELDS, {0}};

static const struct field listed_fields[] = {
    PASSED("unit_id", FIELD_UUID, .required = true),
    PASSED("version", FIELD_LINE, .most = VERSION_MOST),
    REPORT_FIELDS,
    {0},
};
static const struct field listed_item = {.type = FIELD_OBJECT, .fields = listed_fields};
static const struct field several_fields[] = {
    PASSED("reports", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &listed_item),
    {0},
};

// III.4.a, V.1: the instant of receipt is the clock's; Sở Nội vụ alone records an earlier one, with its source.
static bool receipt_is_fair(struct request *request, const struct report_body *body)
{
    if ((body->received_at || body->source) && !has_role(request, ROLE_HOME_AFFAIRS))
        violate(request, PROBLEM_INVALID, body->received_at ? "/received_at" : "/source", "home_affairs_only",
                say(request, "Chỉ Sở Nội vụ ghi thời điểm nhận sớm hơn; hãy bỏ trường này.",
                    "Only Home Affairs records an earlier instant of receipt: leave this out."));
    else if ((body->received_at != NULL) != (body->source != NULL))
        violate(request, PROBLEM_INVALID, body->source ? "/received_at" : "/source", "required",
                say(request, "Thời điểm nhận sớm hơn và nguồn của nó (sổ văn bản đến) phải đi cùng nhau.",
                    "An earlier instant of receipt and its source (the incoming-document register) go together."));
    return request->problem.kind == PROBLEM_NONE;
}

// Writes the report of a unit by the body that was read, and describes what happened. The event has no `before` where
// the report is new.
static bool enter_report(struct request *request, struct session *session, const struct round *round, const char *unit,
                         const struct report_body *body, struct report_row *ret_now, struct event *ret_event)
{
    const char *campaign = round->campaign, *year = round->year, *json = request->body_json;
    const struct report_row *old;
    if (!within_scope(request, session, unit) || !report_find(request, session, campaign, year, unit, &old) ||
        !may_put(request, old ? old->version : NULL) ||
        !(old ? report_update(request, session, campaign, year, unit, json, ret_now)
              : report_insert(request, session, campaign, year, unit, json, ret_now)))
        return false;
    *ret_event = (struct event){.type = old ? "report.amended" : "report.filed",
                                .resource = round_location(request, round, "reports", unit),
                                .unit_id = unit,
                                .campaign = campaign,
                                .year = year,
                                .restricted = true,
                                .reason = body->source,
                                .before = old ? old->json : NULL,
                                .after = ret_now->json};
    return true;
}

static struct reply put_report(struct request *request, struct session *session)
{
    struct report_body body = {0};
    struct round round;
    struct report_row now;
    struct event event;
    if (!read_body(request, report_fields, &body) || !receipt_is_fair(request, &body) ||
        !round_held(request, session, ROUND_SHARED, &round) ||
        !enter_report(request, session, &round, path_value(request, "unit_id"), &body, &now, &event))
        return refusal(request);
    return record_was_put(request, session, !event.before, event, now.version, now.json);
}

bool reports_listable(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct round round;
    return round_held_of(request, session, ROUND_SHARED, campaign, year, &round);
}

bool report_listed(struct request *request, struct session *session, const struct listed *listed,
                   struct listed_made *ret_made)
{
    struct report_body body = {0};
    struct round round;
    struct report_row now;
    struct event event;
    if (!read_item(request, report_fields, listed->body, &body) || !receipt_is_fair(request, &body) ||
        !round_held_of(request, session, ROUND_SHARED, listed->campaign, listed->year, &round) ||
        !enter_report(request, session, &round, listed->unit_id, &body, &now, &event))
        return false;
    *ret_made = (struct listed_made){event.resource, now.version, now.json, !event.before};
    return record(request, session, event);
}

// ---- its confirmation ----

static const struct field confirmation_fields[] = {
    PASSED("confirmed_by", FIELD_LINE, .required = true, .least = 1, .most = 200),
    PASSED("confirmed_on", FIELD_DATE, .required = true, .happened = true),
    {0},
};

static struct reply confirm_report(struct request *request, struct session *session)
{
    struct round round;
    const struct report_row *old;
    struct report_row now;
    const char *unit = path_value(request, "unit_id");
    if (!read_body(request, confirmation_fields, NULL) || !round_held(request, session, ROUND_SHARED, &round) ||
        !report_find(request, session, round.campaign, round.year, unit, &old) || !is_found(request, old) ||
        !version_is(request, old->version) ||
        !report_confirm(request, session, round.campaign, round.year, unit, request->body_json, &now))
        return refusal(request);
    struct event event = {.type = "report.confirmed",
                          .resource = round_location(request, &round, "reports", unit),
                          .unit_id = unit,
                          .campaign = round.campaign,
                          .year = round.year,
                          .restricted = true,
                          .before = old->json};
    return changed(request, session, event, now.version, now.json);
}

// ---- tables ----

static const struct query_field list_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "late", .type = FIELD_BOOLEAN},
    QUERY_PAGE,
    {0},
};

const struct column report_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Số báo cáo", "Document number", "document_number"},
    {"Ngày báo cáo", "Document date", "document_date", COLUMN_DATE},
    {"Tóm tắt", "Summary", "summary"},
    {"Nhận lúc", "Received at", "received_at", COLUMN_INSTANT},
    {"Muộn", "Late", "late"},
    {"Hạn báo cáo", "Deadline", "deadline", COLUMN_INSTANT},
    {"Nguồn", "Source", "source"},
    {"Sửa lúc", "Amended at", "amended_at", COLUMN_INSTANT},
    {"Người xác nhận", "Confirmed by", "confirmed_by"},
    {"Ngày xác nhận", "Confirmed on", "confirmed_on", COLUMN_DATE},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

static const char *const statuses[] = {"OPEN", "OVERDUE", "FILED", "FILED_LATE", NULL};
static const struct query_field obligation_query[] = {
    {.name = "status", .type = FIELD_CHOICE, .choices = statuses},
    QUERY_PAGE,
    {0},
};

static const struct column obligation_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Nhóm", "Group", "group_label.@"},
    {"Hạn báo cáo", "Report due", "report.due_at", COLUMN_INSTANT},
    {"Báo cáo", "Report", "report.status", .codes = "ObligationStatus"},
    {"Nhận báo cáo lúc", "Report received at", "report.received_at", COLUMN_INSTANT},
    {"Hạn hồ sơ", "Dossier due", "dossier.due_at", COLUMN_INSTANT},
    {"Nhận hồ sơ lúc", "Dossier received at", "dossier.received_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

// A unit files its own report, by the service's clock. An earlier receipt is for somebody else to record (V.1).
static bool records_receipt(const struct request *request)
{
    return json_is_string(json_object_get(request->json, "received_at"));
}

const struct duty report_duty = {.units = &round_unit_stake_statement, .as_office = records_receipt};
static const struct duty confirmation_duty = {.units = &round_unit_stake_statement};

// Of reports on paper: Sở Nội vụ enters what came in by its register of documents.
static struct reply put_reports(struct request *request, struct session *session)
{
    static const struct bulk reports = {.list = "reports",
                                        .subject = "unit_id",
                                        .versions = true,
                                        .duty = &report_duty,
                                        .ready = reports_listable,
                                        .enter = report_listed};
    return bulk_write(request, session, &reports);
}

const struct route report_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/reports",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &report_list_statement,
     .orders = (const struct order[]){FROM_START("unit_id", report_list), {0}},
     .query = list_query,
     .columns = report_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/reports/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &report_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/reports/{unit_id}",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &report_duty,
     .act = put_report,
     .body_kind = BODY_JSON,
     .body = report_fields},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/reports",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = put_reports,
     .body_kind = BODY_JSON,
     .body = several_fields},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/reports/{unit_id}/confirmation",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &confirmation_duty,
     .act = confirm_report,
     .body_kind = BODY_JSON,
     .body = confirmation_fields},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/obligations",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &obligation_list_statement,
     .orders = (const struct order[]){FROM_START("unit_label", obligation_list), {0}},
     .query = obligation_query,
     .columns = obligation_columns},
    {0},
};

const struct constraint_problem report_constraints[] = {
    {"reports_unit", PROBLEM_NOT_FOUND, NULL, NULL, "Không có đơn vị này.", "There is no such unit."},
    {"reports_owed", PROBLEM_RULE_REFUSED, NULL, "V.1",
     "Theo kế hoạch, đơn vị này không phải gửi báo cáo năm; các nhóm phải gửi ghi ở \"cut_offs.yearly_report.owed_by\" "
     "của "
     "kế hoạch, và đơn vị phải tồn tại trong năm.",
     "By the plan this unit owes no yearly report: \"cut_offs.yearly_report.owed_by\" names the groups that do, and "
     "the "
     "unit "
     "must be there in the year."},
    {"reports_document", PROBLEM_CONFLICT, "/document_number", "V.1",
     "Văn bản này (số, ngày) đã là báo cáo của đơn vị trong năm khác; hãy ghi số, ngày của báo cáo năm này.",
     "This document (number and date) is the unit's report of another year: give the number and date of this year's "
     "report."},
    {"reports_not_ahead", PROBLEM_INVALID, "/received_at", NULL, "Thời điểm nhận không được ở tương lai.",
     "The instant of receipt must not lie in the future."},
    {"reports_confirmed_early", PROBLEM_INVALID, "/confirmed_on", "V.1",
     "Không thể xác nhận trước ngày nhận báo cáo (\"received_at\"); hãy sửa lại ngày.",
     "Nobody confirms a report before it was received (\"received_at\"): correct the day."},
    {"reports_pkey", PROBLEM_STALE_VERSION, NULL, NULL, "Báo cáo này vừa được gửi; hãy đọc lại rồi sửa.",
     "This report has just been filed: read it again, then change it."},
    {0},
};
