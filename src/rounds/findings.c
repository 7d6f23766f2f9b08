// III.1.a: the appraiser's findings on the contents of emulation, with the rank beside them.
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "http/route.h"
#include "rounds/findings.sql.h"
#include "rounds/private.h"
#include "rounds/round.h"

static const char *const results[] = {"OUTSTANDING_LEADING", "OUTSTANDING", "NOT_OUTSTANDING", NULL};
static const struct field evidence_item = {
    .type = FIELD_LINE, .names_document = true, .required = true, .least = 1, .most = 500};

static const struct field content_fields[] = {
    PASSED("content", FIELD_LINE, .required = true, .most = 16),
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
    const char *campaign = round->campaign, *year = round->year;
    bool ready = is_new ? finding_insert(request, session, campaign, year, unit)
                        : finding_update(request, session, campaign, year, unit) &&
                              finding_clear(request, session, campaign, year, unit);
    return ready && finding_fill(request, session, campaign, year, unit, request->body_json);
}

static struct reply put_finding(struct request *request, struct session *session)
{
    struct round round;
    const struct finding_row *old;
    struct finding_row now;
    const char *unit = path_value(request, "unit_id");
    if (!read_body(request, finding_fields, NULL) ||
        !round_writable(request, session, ROUND_SHARED, ROUND_FINDINGS, &round) ||
        !finding_find(request, session, round.campaign, round.year, unit, &old) ||
        !may_put(request, old ? old->version : NULL) || !write_contents(request, session, &round, unit, !old) ||
        !finding_written(request, session, round.campaign, round.year, unit, &now))
        return refusal(request);
    const struct event event = {.type = old ? "finding.changed" : "finding.recorded",
                                .resource = round_location(request, &round, "findings", unit),
                                .unit_id = unit,
                                .campaign = round.campaign,
                                .year = round.year,
                                .restricted = true,
                                .before = old ? old->json : NULL};
    return record_was_put(request, session, !old, event, now.version, now.json);
}

static const struct query_field list_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "group", .type = FIELD_TEXT, .least = 1, .most = GROUP_MOST},
    {.name = "cluster", .type = FIELD_TEXT, .most = 120},
    QUERY_PAGE,
    {0},
};

static const struct column finding_columns[] = {
    {"Đơn vị", "Unit", "unit"},
    {"Nhóm", "Group", "among.label.@"},
    {"Cụm", "Cluster", "cluster"},
    {"Kết luận (nội dung, kết quả)", "Findings (content, result)", "contents[].content+result",
     .codes = "+FindingResult"},
    {"Thứ hạng theo điểm (nội dung, thứ hạng)", "Ranks by score (content, rank)", "contents[].content+rank"},
    {"Điểm từng nội dung", "Scores of the contents", "contents[].score", COLUMN_DECIMAL},
    {"Lý do (nội dung, lý do)", "Reasons (content, reason)", "contents[].content+reason"},
    {"Chưa có kết luận", "Missing", "missing[]"},
    {"Tổng điểm", "Total score", "total_score", COLUMN_DECIMAL},
    {"Thứ hạng", "Rank", "rank"},
    {"Trên tổng số", "Of", "of"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

static const struct duty finding_duty = {.units = &path_unit_stake_statement, .rivals = true};

const struct route finding_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &finding_list_statement,
     .query = list_query,
     .columns = finding_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings/{unit_id}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &finding_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings/{unit_id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &finding_duty,
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
