// V.1: the yearly report, and who owes what by when.
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "http/route.h"
#include "rounds/private.h"
#include "rounds/reports.sql.h"
#include "rounds/round.h"
#include "thidua/identifier.h"

#include <string.h>

struct report_body {
    const char *document_number, *received_at, *source;
};
static const struct field report_fields[] = {
    BOUND(report_body, document_number, FIELD_NUMBER_SYMBOL, .required = true, .most = 64),
    PASSED("document_date", FIELD_DATE, .required = true, .happened = true),
    PASSED("summary", FIELD_TEXT, .nullable = true, .most = 10000),
    BOUND(report_body, received_at, FIELD_INSTANT, .nullable = true, .happened = true),
    BOUND(report_body, source, FIELD_LINE, .names_document = true, .nullable = true, .least = 1, .most = 500),
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

static struct reply put_report(struct request *request, struct session *session)
{
    struct report_body body = {0};
    struct round round;
    const struct report_row *old;
    struct report_row now;
    const char *unit = path_value(request, "unit_id");
    if (!read_body(request, report_fields, &body) || !receipt_is_fair(request, &body) ||
        !round_held(request, session, ROUND_SHARED, &round) || !within_scope(request, session, unit) ||
        !report_find(request, session, round.campaign, round.year, unit, &old) ||
        !may_put(request, old ? old->version : NULL) ||
        !(old ? report_update(request, session, round.campaign, round.year, unit, request->body_json, &now)
              : report_insert(request, session, round.campaign, round.year, unit, request->body_json, &now)))
        return refusal(request);
    const struct event event = {.type = old ? "report.amended" : "report.filed",
                                .resource = round_location(request, &round, "reports", unit),
                                .unit_id = unit,
                                .campaign = round.campaign,
                                .year = round.year,
                                .restricted = true,
                                .reason = body.source,
                                .before = old ? old->json : NULL};
    return record_was_put(request, session, !old, event, now.version, now.json);
}

static const struct query_field list_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "late", .type = FIELD_BOOLEAN},
    QUERY_PAGE,
    {0},
};

static const struct column report_columns[] = {
    {"Đơn vị", "Unit", "unit"},
    {"Số báo cáo", "Document number", "document_number"},
    {"Ngày báo cáo", "Document date", "document_date", COLUMN_DATE},
    {"Tóm tắt", "Summary", "summary"},
    {"Nhận lúc", "Received at", "received_at", COLUMN_INSTANT},
    {"Muộn", "Late", "late"},
    {"Hạn báo cáo", "Deadline", "deadline", COLUMN_INSTANT},
    {"Nguồn", "Source", "source"},
    {"Sửa lúc", "Amended at", "amended_at", COLUMN_INSTANT},
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

static const struct duty report_duty = {.units = &path_unit_stake_statement, .as_office = records_receipt};

const struct route report_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/reports",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &report_list_statement,
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
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/obligations",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &obligation_list_statement,
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
    {"reports_pkey", PROBLEM_STALE_VERSION, NULL, NULL, "Báo cáo này vừa được gửi; hãy đọc lại rồi sửa.",
     "This report has just been filed: read it again, then change it."},
    {0},
};
