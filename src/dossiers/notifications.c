// Telling the nominator how each nominee came out, a refusal with its reason, as the law wants: recorded by Sở Nội vụ.
#include "dossiers/dossiers.h"
#include "dossiers/notifications.sql.h"
#include "dossiers/private.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"

#include <string.h>

struct notification {
    const char *notified_on, *reason;
};

static const struct field notification_fields[] = {
    BOUND(notification, notified_on, FIELD_DATE, .required = true, .happened = true),
    BOUND(notification, reason, FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    {0},
};

// A refusal is told with its reason; an award has none.
static bool reason_fits(struct request *request, const char *result, const char *reason)
{
    if (strcmp(result, "REFUSED") == 0)
        return reason_given(request, reason, "/reason");
    return !reason || violate(request, PROBLEM_INVALID, "/reason", "not_here",
                              say(request, "Tập thể được khen thưởng: không nêu lý do từ chối.",
                                  "The collective is awarded: there is no reason of a refusal."));
}

static bool is_decided_nomination(struct request *request, const char *result)
{
    return result || refuse(request, PROBLEM_CONFLICT,
                            say(request, "Chưa có kết quả: hồ sơ chưa được quyết định và đợt xét chưa có quyết định.",
                                "There is no result yet: the dossier is not decided on, nor is the round."));
}

static struct reply notify(struct request *request, struct session *session)
{
    struct notification body = {0};
    struct dossier dossier;
    const struct nomination_result_due *due;
    struct nomination_notify now;
    const char *unit = path_value(request, "unit_id"), *ignored;
    if (!read_body(request, notification_fields, &body) ||
        !dossier_open_for(request, session, ROUND_RESULT_TOLD, &dossier) ||
        !nomination_result_due(request, session, dossier.id, unit, &due) || !is_found(request, due) ||
        !version_is(request, dossier.version) || !is_decided_nomination(request, due->result) ||
        !reason_fits(request, due->result, body.reason) ||
        !nomination_notify(request, session, dossier.id, unit, due->result, due->decided_on, body.notified_on,
                           body.reason, &now) ||
        !dossier_touch(request, session, &dossier, &ignored))
        return refusal(request);
    struct event event =
        dossier_event(&dossier, "nomination.notified",
                      arena_format(&request->arena, "%s/nominations/%s/notification", dossier.location, unit));
    event.reason = body.reason;
    event.before = due->json;
    event.whole = arena_format(&request->arena, "%s/nominations/%s", dossier.location, unit);
    return changed(request, session, event, dossier.version, now.json);
}

static const char *const states[] = {"DUE", "TOLD", NULL};

static const struct query_field list_query[] = {
    {.name = "state", .type = FIELD_CHOICE, .choices = states},
    QUERY_PAGE,
    {0},
};

static const struct column notification_columns[] = {
    {"Cơ quan trình", "Nominator", "nominator_unit_label"},
    {"Đơn vị đề nghị", "Nominee", "unit_label"},
    {"Kết quả", "Result", "result", .codes = "NominationResult"},
    {"Ngày quyết định", "Decided on", "decided_on", COLUMN_DATE},
    {"Trạng thái", "State", "state", .codes = "NotificationState"},
    {"Ngày thông báo", "Notified on", "notified_on", COLUMN_DATE},
    {"Số ngày chờ", "Days waiting", "waiting_days", COLUMN_AMOUNT},
    {"Lý do", "Reason", "reason"},
    {"Mã hồ sơ", "Dossier id", "dossier_id"},
    {"Mã cơ quan trình", "Nominator id", "nominator_unit_id"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

const struct route notification_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/notifications",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &notification_list_statement,
     .query = list_query,
     .cache_control = "no-store",
     .columns = notification_columns},
    {.method = "PUT",
     .path = "/v1/dossiers/{id}/nominations/{unit_id}/notification",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("The result is decided before it is told: telling it gives and takes nothing."),
     .act = notify,
     .body_kind = BODY_JSON,
     .body = notification_fields},
    {0},
};
