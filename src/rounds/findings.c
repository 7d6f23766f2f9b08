// III.1.a: the appraiser's findings on the contents of emulation, with the rank beside them.
#include "handler/constraints.h"
#include "http/route.h"
#include "rounds/private.h"
#include "rounds/round.h"
#include "statements.h"

static const char *const results[] = {"OUTSTANDING_LEADING", "OUTSTANDING", "NOT_OUTSTANDING", NULL};
static const struct field evidence_item = {.type = FIELD_TEXT, .required = true, .least = 1, .most = 500};

static const struct field content_fields[] = {
    PASSED("content", FIELD_TEXT, .required = true, .most = 16),
    PASSED("score", FIELD_DECIMAL, .required = true, .scale = 2, .least = 0, .most = 10000),
    PASSED("result", FIELD_CHOICE, .required = true, .choices = results),
    PASSED("reason", FIELD_TEXT, .required = true, .least = 1, .most = 4000),
    PASSED("evidence", FIELD_LIST, .most = 50, .item = &evidence_item),
    {0},
};
static const struct field content_item = {.type = FIELD_OBJECT, .fields = content_fields};
static const struct field finding_fields[] = {
    PASSED("contents", FIELD_LIST, .required = true, .least = 1, .most = 50, .item = &content_item),
    {0},
};

static bool write_contents(struct request *request, struct session *session, const struct round *round,
                           const char *unit, bool is_new)
{
    struct rows *ignored;
    const char *key[] = {round->campaign, round->year, unit};
    return run_values(request, session, is_new ? &finding_insert : &finding_update, &ignored, key, 3) &&
           (is_new || run_values(request, session, &finding_clear, &ignored, key, 3)) &&
           run(request, session, finding_fill, &ignored, round->campaign, round->year, unit, request->body_json);
}

static struct reply put_finding(struct request *request, struct session *session)
{
    struct round round;
    struct rows *old, *now;
    const char *unit = path_value(request, "unit_id");
    if (!read_body(request, finding_fields, NULL) || !round_writable(request, session, ROUND_SHARED, &round) ||
        !not_own_unit(request, session, unit) ||
        !run(request, session, finding_find, &old, round.campaign, round.year, unit) || !puts_over(request, old))
        return refusal(request);
    bool is_new = rows_count(old) == 0;
    const char *location = round_location(request, &round, "findings", unit);
    if (!write_contents(request, session, &round, unit, is_new) ||
        !run_one(request, session, finding_find, &now, round.campaign, round.year, unit))
        return refusal(request);
    const char *version = rows_text(now, 0, 0), *json = rows_text(now, 0, 1);
    if (!journal(request, session,
                 (struct journal_entry){.type = is_new ? "finding.recorded" : "finding.changed",
                                        .resource = location,
                                        .unit_id = unit,
                                        .campaign = round.campaign,
                                        .year = round.year,
                                        .restricted = true,
                                        .before = is_new ? NULL : rows_text(old, 0, 1),
                                        .after = json}))
        return refusal(request);
    return is_new ? old_created(request, put_location(request), version, json) : old_updated(request, version, json);
}

const struct route finding_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &finding_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings/{unit_id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .act = put_finding,
     .body_kind = BODY_JSON,
     .body = finding_fields},
    {0},
};

const struct constraint_problem finding_constraints[] = {
    {"findings_contestant", PROBLEM_RULE_REFUSED, NULL, "II.1",
     "Đơn vị chưa có trong danh sách đối tượng thi đua của năm; hãy ghi vào danh sách trước.",
     "The unit is not in the year's register of contestants: enter it there first."},
    {"finding_contents_known", PROBLEM_INVALID, "/contents", "II.2", "Kế hoạch không có nội dung thi đua này.",
     "The plan has no such content of emulation."},
    {"finding_contents_once", PROBLEM_INVALID, "/contents", NULL, "Mỗi nội dung chỉ được nêu một lần.",
     "Each content is named only once."},
    {"findings_pkey", PROBLEM_STALE_VERSION, NULL, NULL, "Vừa có người ghi kết quả này; hãy đọc lại rồi sửa.",
     "Somebody has just recorded this: read it again, then change it."},
    {0},
};
