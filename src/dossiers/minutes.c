// The form of the council's minutes (III.3.b): who met when, who was absent and voted in writing, who counted. The
// votes on each nominee: nominations.c.
#include "dossiers/dossiers.h"
#include "dossiers/minutes.sql.h"
#include "dossiers/private.h"
#include "handler/run.h"
#include "http/route.h"

enum { MEMBERS_MOST = 100, COUNTERS_MOST = 20 };

static const char *const attendances[] = {"PRESENT", "WRITTEN_OPINION", "ABSENT", NULL};

#define PERSON(member) PASSED(member, FIELD_LINE, .nullable = true, .least = 1, .most = 200)
static const struct field member_fields[] = {
    PASSED("name", FIELD_LINE, .required = true, .least = 1, .most = 200),
    PASSED("office", FIELD_LINE, .nullable = true, .least = 1, .most = 200),
    PASSED("attendance", FIELD_CHOICE, .required = true, .choices = attendances),
    PASSED("reason", FIELD_LINE, .nullable = true, .least = 1, .most = 500),
    {0},
};
static const struct field member = {.type = FIELD_OBJECT, .fields = member_fields};
static const struct field counter = {.type = FIELD_LINE, .least = 1, .most = 200};
static const struct field minutes_fields[] = {
    PASSED("place", FIELD_LINE, .nullable = true, .least = 1, .most = 300),
    PASSED("opened_at", FIELD_INSTANT, .nullable = true, .happened = true),
    PASSED("closed_at", FIELD_INSTANT, .nullable = true, .happened = true),
    PERSON("chaired_by"),
    PERSON("minuted_by"),
    PASSED("counted_by", FIELD_LIST, .most = COUNTERS_MOST, .item = &counter),
    PASSED("members", FIELD_LIST, .required = true, .most = MEMBERS_MOST, .item = &member),
    {0},
};

static bool replace_minutes(struct request *request, struct session *session, const char *id, const char *body)
{
    return minutes_members_clear(request, session, id) && minutes_members_enter(request, session, id, body) &&
           minutes_put(request, session, id, body);
}

static struct reply put_minutes(struct request *request, struct session *session)
{
    struct dossier dossier;
    struct minutes_stand old, now;
    const char *id = path_value(request, "id");
    if (!read_body(request, minutes_fields, NULL) || !dossier_open(request, session, id, &dossier) ||
        !version_is(request, dossier.version) || !dossier_is_editable(request, &dossier) ||
        !minutes_stand(request, session, id, caller_unit(request), request->caller.roles, &old) ||
        !replace_minutes(request, session, id, request->body_json) || !dossier_touch(request, session, &dossier) ||
        !minutes_stand(request, session, id, caller_unit(request), request->caller.roles, &now))
        return refusal(request);
    struct event event =
        dossier_event(&dossier, "minutes.recorded", arena_format(&request->arena, "%s/minutes", dossier.location));
    event.before = old.json;
    return changed(request, session, event, dossier.version, now.json);
}

#define MINUTES "/v1/dossiers/{id}/minutes"

const struct route minutes_routes[] = {
    {.method = "GET",
     .path = MINUTES,
     .roles = ROLE_UNIT | MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &minutes_get_statement,
     .paper = minutes_as_paper},
    {.method = "PUT",
     .path = MINUTES,
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = DOSSIER_CONTENT,
     .act = put_minutes,
     .body_kind = BODY_JSON,
     .body = minutes_fields},
    {0},
};

const struct constraint_problem minutes_constraints[] = {
    {"dossiers_minutes_hours", PROBLEM_INVALID, "/closed_at", "III.3.b",
     "Giờ bế mạc phải sau giờ khai mạc (\"opened_at\"), và không ghi khi chưa có giờ khai mạc.",
     "A meeting is closed after it was opened (\"opened_at\"); give no closing hour without that."},
    {"council_members_once", PROBLEM_INVALID, "/members", "III.3.b",
     "Một thành viên Hội đồng chỉ nêu một lần; nếu trùng họ tên thì ghi rõ chức vụ của từng người.",
     "List each member of the council once; where two bear one name, give the office of each."},
    {"council_members_reason", PROBLEM_INVALID, "/members", "III.3.b",
     "Lý do vắng mặt chỉ nêu với thành viên vắng mặt.",
     "Give the reason of an absence only for a member who was absent."},
    {"minutes_chair_present", PROBLEM_INVALID, "/chaired_by", "III.3.b",
     "Chủ tọa là một thành viên Hội đồng có mặt: trong \"members\" phải có họ tên này và ghi là có mặt.",
     "The chair is a member who was present: \"members\" must have the name, as one who was."},
    {0},
};
