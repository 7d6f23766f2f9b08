// Telling the nominator how each nominee came out, a refusal with its reason, as the law wants: recorded by Sở Nội vụ.
#include "dossiers/dossiers.h"
#include "dossiers/notifications.sql.h"
#include "dossiers/private.h"
#include "handler/bulk/bulk.h"
#include "handler/run.h"
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

// ---- one nominee ----

// `at` is where the body speaks of it: "", or "/nominations/3" of a list.
struct telling {
    const char *at, *unit, *notified_on, *reason;
};

static const char *pointer_in(struct request *request, const struct telling *telling, const char *member)
{
    return arena_format(&request->arena, "%s/%s", telling->at, member);
}

// A refusal is told with its reason; an award has none.
static bool reason_fits(struct request *request, const char *result, const struct telling *telling)
{
    if (strcmp(result, "REFUSED") == 0)
        return reason_given(request, telling->reason, pointer_in(request, telling, "reason"));
    return !telling->reason || violate(request, PROBLEM_INVALID, pointer_in(request, telling, "reason"), "not_here",
                                       say(request, "Tập thể được khen thưởng: không nêu lý do từ chối.",
                                           "The collective is awarded: there is no reason of a refusal."));
}

// Days are written so that their texts compare as they do.
static bool is_after_decision(struct request *request, const char *decided_on, const struct telling *telling)
{
    return strcmp(telling->notified_on, decided_on) >= 0 ||
           violate(request, PROBLEM_INVALID, pointer_in(request, telling, "notified_on"), "nominations_notified_early",
                   say(request, "Ngày thông báo không thể trước ngày ký quyết định.",
                       "Nobody is told before the decision was signed."));
}

static bool is_decided_nomination(struct request *request, const char *result, const struct telling *telling)
{
    if (result)
        return true;
    const char *words = say(request,
                            "Chưa có kết quả: hồ sơ và đợt xét chưa có quyết định, còn tờ trình đang chờ, hoặc tập thể "
                            "chưa được xét khen thưởng vì có vụ việc chưa kết luận.",
                            "There is no result yet: neither the dossier nor the round is decided, a proposal still "
                            "waits, or open proceedings defer its award.");
    return *telling->at ? violate(request, PROBLEM_CONFLICT, pointer_in(request, telling, "unit_id"), "conflict", words)
                        : refuse(request, PROBLEM_CONFLICT, words);
}

// Its path, or the item of a list, names a nominee of the dossier.
static bool is_nominee(struct request *request, const struct nomination_result_due *due, const struct telling *telling)
{
    if (due || !*telling->at)
        return is_found(request, due);
    return violate(request, PROBLEM_INVALID, pointer_in(request, telling, "unit_id"), "not-found",
                   say(request, "Hồ sơ không đề nghị đơn vị này.", "The dossier does not nominate this unit."));
}

static bool tell(struct request *request, struct session *session, const struct dossier *dossier,
                 const struct telling *telling, struct event *ret_event)
{
    const struct nomination_result_due *due;
    struct nomination_notify now;
    const char *unit = telling->unit;
    if (!nomination_result_due(request, session, dossier->id, unit, &due) || !is_nominee(request, due, telling) ||
        !due || !is_decided_nomination(request, due->result, telling) || !reason_fits(request, due->result, telling) ||
        !is_after_decision(request, due->decided_on, telling) ||
        !nomination_notify(request, session, dossier->id, unit, due->result, telling->notified_on, telling->reason,
                           &now))
        return false;
    *ret_event =
        dossier_event(dossier, "nomination.notified",
                      arena_format(&request->arena, "%s/nominations/%s/notification", dossier->location, unit));
    ret_event->reason = telling->reason;
    ret_event->before = due->json;
    ret_event->after = now.json;
    return true;
}

static struct reply notify(struct request *request, struct session *session)
{
    struct notification body = {0};
    struct dossier dossier;
    struct event event;
    if (!read_body(request, notification_fields, &body) ||
        !dossier_open_for(request, session, ROUND_RESULT_TOLD, path_value(request, "id"), &dossier) ||
        !version_is(request, dossier.version))
        return refusal(request);
    struct telling telling = {"", path_value(request, "unit_id"), body.notified_on, body.reason};
    if (!tell(request, session, &dossier, &telling, &event) || !dossier_touch(request, session, &dossier))
        return refusal(request);
    event.whole = arena_format(&request->arena, "%s/nominations/%s", dossier.location, telling.unit);
    return changed(request, session, event, dossier.version, event.after);
}

// ---- many: dossier by dossier, for its version is that of all that is in it ----

#define OWN_OR_SHARED(needed)                                                                                          \
    PASSED("notified_on", FIELD_DATE, .required = (needed), .happened = true),                                         \
        PASSED("reason", FIELD_TEXT, .nullable = true, .least = 1, .most = 2000)

enum { NOMINEES_MOST = 200 };
static const struct field told_fields[] = {PASSED("unit_id", FIELD_UUID, .required = true), OWN_OR_SHARED(false), {0}};
static const struct field told = {.type = FIELD_OBJECT, .fields = told_fields};
static const struct field dossier_told_fields[] = {
    PASSED("id", FIELD_UUID, .required = true),
    PASSED("version", FIELD_LINE, .most = VERSION_MOST),
    PASSED("nominations", FIELD_LIST, .required = true, .least = 1, .most = NOMINEES_MOST, .item = &told),
    {0},
};
static const struct field dossier_told = {.type = FIELD_OBJECT, .fields = dossier_told_fields};
static const struct field notifications_fields[] = {
    OWN_OR_SHARED(true),
    PASSED("dossiers", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &dossier_told),
    {0},
};
// An item with what all share.
static const struct field item_fields[] = {
    OWN_OR_SHARED(true),
    PASSED("nominations", FIELD_LIST, .required = true, .least = 1, .most = NOMINEES_MOST, .item = &told),
    {0},
};

static const char *own_or_shared(const json_t *own, const json_t *shared, const char *name)
{
    const json_t *value = json_object_get(own, name);
    return json_string_value(value ? value : json_object_get(shared, name));
}

static bool is_first(struct request *request, const json_t *nominations, size_t place, const struct telling *telling)
{
    for (size_t i = 0; i < place; i++)
        if (strcmp(own_or_shared(json_array_get(nominations, i), NULL, "unit_id"), telling->unit) == 0)
            return violate(request, PROBLEM_INVALID, pointer_in(request, telling, "unit_id"), "repeated",
                           say(request, "Đơn vị này đã nêu ở trên; chỉ nêu một lần.",
                               "This unit is named above already: name it once."));
    return true;
}

static bool tell_each(struct request *request, struct session *session, const struct dossier *dossier,
                      const json_t *body)
{
    const json_t *nominations = json_object_get(body, "nominations");
    for (size_t i = 0; i < json_array_size(nominations); i++) {
        const json_t *one = json_array_get(nominations, i);
        struct telling telling = {arena_format(&request->arena, "/nominations/%zu", i),
                                  own_or_shared(one, NULL, "unit_id"), own_or_shared(one, body, "notified_on"),
                                  own_or_shared(one, body, "reason")};
        struct event event;
        if (!is_first(request, nominations, i, &telling) || !tell(request, session, dossier, &telling, &event) ||
            !record(request, session, event))
            return false;
    }
    return true;
}

static bool is_of_round(struct request *request, const struct dossier *dossier, const struct listed *listed)
{
    return (strcmp(dossier->campaign, listed->campaign) == 0 && strcmp(dossier->year, listed->year) == 0) ||
           violate(request, PROBLEM_INVALID, "/id", "other_round",
                   say(request, "Hồ sơ này thuộc một đợt xét khác.", "This dossier is of another round."));
}

static bool dossier_told_listed(struct request *request, struct session *session, const struct listed *listed,
                                struct listed_made *ret_made)
{
    struct dossier dossier;
    const char *json;
    if (!read_item(request, item_fields, listed->body, NULL) ||
        !dossier_open_for(request, session, ROUND_RESULT_TOLD, listed->subject, &dossier) ||
        !is_of_round(request, &dossier, listed) || !version_is(request, dossier.version) ||
        !tell_each(request, session, &dossier, request->json) || !dossier_touch(request, session, &dossier) ||
        !dossier_show(request, session, &dossier, &json))
        return false;
    *ret_made = (struct listed_made){.resource = dossier.location, .version = dossier.version, .json = json};
    return true;
}

static struct reply notify_many(struct request *request, struct session *session)
{
    static const struct bulk dossiers = {
        .list = "dossiers", .subject = "id", .versions = true, .enter = dossier_told_listed};
    return bulk_write(request, session, &dossiers);
}

// ---- tables ----

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
     .orders = (const struct order[]){FROM_START("decided_on", notification_list), {0}},
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
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/notifications",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("The result is decided before it is told: telling it gives and takes nothing."),
     .act = notify_many,
     .body_kind = BODY_JSON,
     .body = notifications_fields},
    {0},
};
