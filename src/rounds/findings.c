// III.1.a: the appraiser's findings on the contents of emulation, with the rank beside them.
#include "handler/bulk/bulk.h"
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "http/route.h"
#include "rounds/findings.sql.h"
#include "rounds/private.h"
#include "rounds/round.h"

static const char *const results[] = {"OUTSTANDING_LEADING", "OUTSTANDING", "NOT_OUTSTANDING", NULL};
static const struct field evidence_item = {
    .type = FIELD_LINE, .names_document = true, .required = true, .least = 1, .most = 500};

const struct field content_fields[] = {
    PASSED("content", FIELD_LINE, .required = true, .most = 16),
    PASSED("score", FIELD_DECIMAL, .required = true, .scale = 2, .least = 0, .most = 10000),
    PASSED("result", FIELD_CHOICE, .required = true, .choices = results),
    PASSED("reason", FIELD_TEXT, .required = true, .least = 1, .most = 4000),
    PASSED("evidence", FIELD_LIST, .most = 50, .item = &evidence_item),
    {0},
};
static const struct field content_item = {.type = FIELD_OBJECT, .fields = content_fields};
#define CONTENTS PASSED("contents", FIELD_LIST, .required = true, .least = 1, .most = 50, .item = &content_item)
static const struct field finding_fields[] = {CONTENTS, {0}};

static const struct field listed_fields[] = {
    PASSED("unit_id", FIELD_UUID, .required = true),
    PASSED("version", FIELD_LINE, .most = VERSION_MOST),
    CONTENTS,
    {0},
};
static const struct field listed_item = {.type = FIELD_OBJECT, .fields = listed_fields};
static const struct field several_fields[] = {
    PASSED("findings", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &listed_item),
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

// Writes what was found of a unit by the body that was read, and describes what happened. The event has no `before`
// where the finding is new.
static bool enter_finding(struct request *request, struct session *session, const struct round *round, const char *unit,
                          struct finding_row *ret_now, struct event *ret_event)
{
    const struct finding_row *old;
    if (!finding_find(request, session, round->campaign, round->year, unit, &old) ||
        !may_put(request, old ? old->version : NULL) || !write_contents(request, session, round, unit, !old) ||
        !finding_written(request, session, round->campaign, round->year, unit, ret_now))
        return false;
    *ret_event = (struct event){.type = old ? "finding.changed" : "finding.recorded",
                                .resource = round_location(request, round, "findings", unit),
                                .unit_id = unit,
                                .campaign = round->campaign,
                                .year = round->year,
                                .restricted = true,
                                .before = old ? old->json : NULL,
                                .after = ret_now->json};
    return true;
}

static struct reply put_finding(struct request *request, struct session *session)
{
    struct round round;
    struct finding_row now;
    struct event event;
    if (!read_body(request, finding_fields, NULL) ||
        !round_writable(request, session, ROUND_SHARED, ROUND_FINDINGS, &round) ||
        !enter_finding(request, session, &round, path_value(request, "unit_id"), &now, &event))
        return refusal(request);
    return record_was_put(request, session, !event.before, event, now.version, now.json);
}

bool finding_listed(struct request *request, struct session *session, const struct listed *listed,
                    struct listed_made *ret_made)
{
    struct round round;
    struct finding_row now;
    struct event event;
    if (!read_item(request, finding_fields, listed->body, NULL) ||
        !round_writable_of(request, session, ROUND_SHARED, ROUND_FINDINGS, listed->campaign, listed->year, &round) ||
        !enter_finding(request, session, &round, listed->unit_id, &now, &event))
        return false;
    *ret_made = (struct listed_made){event.resource, now.version, now.json, !event.before};
    return record(request, session, event);
}

bool findings_listable(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct round round;
    return round_writable_of(request, session, ROUND_SHARED, ROUND_FINDINGS, campaign, year, &round);
}

// With the rank among all that came with it.
static bool show_finding(struct request *request, struct session *session, const struct listed *listed,
                         struct listed_made *ret_made)
{
    struct finding_row now;
    if (!finding_written(request, session, listed->campaign, listed->year, listed->unit_id, &now))
        return false;
    *ret_made = (struct listed_made){.version = now.version, .json = now.json};
    return true;
}

const struct duty finding_duty = {.units = &path_unit_stake_statement, .rivals = true};

static struct reply put_findings(struct request *request, struct session *session)
{
    static const struct bulk findings = {.list = "findings",
                                         .subject = "unit_id",
                                         .versions = true,
                                         .duty = &finding_duty,
                                         .ready = findings_listable,
                                         .enter = finding_listed,
                                         .show = show_finding};
    return bulk_write(request, session, &findings);
}

static const struct query_field list_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "group", .type = FIELD_TEXT, .least = 1, .most = GROUP_MOST},
    {.name = "cluster", .type = FIELD_TEXT, .most = 120},
    QUERY_PAGE,
    {0},
};

// A row is one content of a unit, as an import takes it.
const struct column finding_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Nhóm", "Group", "among.label.@"},
    {"Cụm", "Cluster", "cluster"},
    {"Nội dung", "Content", "contents.content"},
    {"Điểm", "Score", "contents.score", COLUMN_DECIMAL},
    {"Kết quả", "Result", "contents.result", .codes = "FindingResult"},
    {"Thứ hạng theo điểm", "Rank by score", "contents.rank"},
    {"Lý do", "Reason", "contents.reason"},
    {"Minh chứng", "Evidence", "contents.evidence[]"},
    {"Chưa có kết luận", "Missing", "missing[]"},
    {"Tổng điểm", "Total score", "total_score", COLUMN_DECIMAL},
    {"Thứ hạng chung", "Rank of all contents", "rank"},
    {"Trên tổng số", "Of", "of"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

const struct route finding_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT,
     .lane = LANE_QUICK,
     .read = &finding_list_statement,
     .orders = (const struct order[]){FROM_START("unit_id", finding_list), {0}},
     .query = list_query,
     .columns = finding_columns,
     .rows_of = "contents"},
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
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/findings",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = put_findings,
     .body_kind = BODY_JSON,
     .body = several_fields},
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
