// The year's register of contestants (II.1), kept by Sở Nội vụ.
#include "handler/bulk/listed.h"
#include "handler/constraints.h"
#include "http/route.h"
#include "rounds/contestants.sql.h"
#include "rounds/private.h"
#include "rounds/round.h"

#include <string.h>

struct contestant_body {
    const char *group;
};

const struct field contestant_fields[] = {
    BOUND(contestant_body, group, FIELD_LINE, .required = true, .least = 1, .most = GROUP_MOST),
    PASSED("cluster", FIELD_LINE, .nullable = true, .least = 1, .most = 120),
    PASSED("advises_par", FIELD_BOOLEAN),
    PASSED("on_assessed_list", FIELD_BOOLEAN, .required = true),
    PASSED("source_document", FIELD_LINE, .names_document = true, .nullable = true, .least = 1, .most = 500),
    PASSED("members_total", FIELD_INTEGER, .nullable = true, .least = 1, .most = 1000000),
    PASSED("members_women", FIELD_INTEGER, .nullable = true, .most = 1000000),
    {0},
};

static struct event event_of(struct request *request, const struct round *round, const char *unit, const char *type)
{
    return (struct event){.type = type,
                          .resource = round_location(request, round, "contestants", unit),
                          .unit_id = unit,
                          .campaign = round->campaign,
                          .year = round->year};
}

// Writes the entry of a unit by the body that was read, and describes what happened. The event has no `before` where
// the entry is new.
static bool enter_contestant(struct request *request, struct session *session, const struct round *round,
                             const char *unit, const struct contestant_body *body, struct contestant_row *ret_now,
                             struct event *ret_event)
{
    struct plan_groups groups;
    const struct contestant_row *old;
    const char *campaign = round->campaign, *year = round->year, *json = request->body_json;
    if (!plan_groups(request, session, campaign, &groups) || !group_known(request, &groups, body->group, "/group") ||
        !contestant_find(request, session, campaign, year, unit, &old) || !may_put(request, old ? old->version : NULL))
        return false;
    if (!(old ? contestant_update(request, session, campaign, year, unit, json, ret_now)
              : contestant_insert(request, session, campaign, year, unit, json, ret_now)))
        return false;
    *ret_event = event_of(request, round, unit, old ? "contestant.changed" : "contestant.entered");
    ret_event->before = old ? old->json : NULL;
    ret_event->after = ret_now->json;
    return true;
}

static struct reply put_contestant(struct request *request, struct session *session)
{
    struct contestant_body body = {0};
    struct round round;
    struct contestant_row now;
    struct event event;
    if (!read_body(request, contestant_fields, &body) ||
        !round_writable(request, session, ROUND_SHARED, ROUND_CONTESTANTS, &round) ||
        !enter_contestant(request, session, &round, path_value(request, "unit_id"), &body, &now, &event))
        return refusal(request);
    return record_was_put(request, session, !event.before, event, now.version, now.json);
}

bool contestants_listable(struct request *request, struct session *session, const char *campaign, const char *year)
{
    struct round round;
    return round_writable_of(request, session, ROUND_SHARED, ROUND_CONTESTANTS, campaign, year, &round);
}

// A file may name a group as the plan does.
static bool name_group(struct request *request, struct session *session, const struct listed *listed)
{
    const struct plan_group_named *named;
    const char *group = json_string_value(json_object_get(listed->body, "group"));
    if (!group || strspn(group, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen(group)) // a code
        return true;
    if (!plan_group_named(request, session, listed->campaign, group, &named))
        return false;
    if (named)
        json_object_set_new(listed->body, "group", json_string(named->code));
    return true;
}

bool contestant_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made)
{
    struct contestant_body body = {0};
    struct round round;
    struct contestant_row now;
    struct event event;
    if (!name_group(request, session, listed) || !read_item(request, contestant_fields, listed->body, &body) ||
        !round_writable_of(request, session, ROUND_SHARED, ROUND_CONTESTANTS, listed->campaign, listed->year, &round) ||
        !enter_contestant(request, session, &round, listed->unit_id, &body, &now, &event))
        return false;
    ret_made->resource = event.resource;
    return record(request, session, event);
}

static struct reply delete_contestant(struct request *request, struct session *session)
{
    struct round round;
    const struct contestant_row *old;
    const char *unit = path_value(request, "unit_id");
    if (!round_writable(request, session, ROUND_SHARED, ROUND_CONTESTANTS, &round) ||
        !contestant_find_leaving(request, session, round.campaign, round.year, unit, &old) || !is_found(request, old) ||
        !version_is(request, old->version) || !contestant_delete(request, session, round.campaign, round.year, unit))
        return refusal(request);
    struct event event = event_of(request, &round, unit, "contestant.removed");
    event.before = old->json;
    return removed(request, session, event);
}

static const struct query_field list_query[] = {
    {.name = "group", .type = FIELD_TEXT, .least = 1, .most = GROUP_MOST},
    {.name = "cluster", .type = FIELD_LINE, .most = 120},
    QUERY_PAGE,
    {0},
};

const struct column contestant_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Nhóm", "Group", "group_label.@"},
    {"Cụm, khối", "Cluster", "cluster"},
    {"Trực tiếp tham mưu", "Advises", "advises_par"},
    {"Được chấm chỉ số", "On the assessed list", "on_assessed_list"},
    {"Văn bản nguồn", "Source document", "source_document"},
    {"Tổng số người", "Members", "members_total", COLUMN_AMOUNT},
    {"Số nữ", "Women", "members_women", COLUMN_AMOUNT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {0},
};

// The entry decides whom a unit is compared with and whether its index is asked for (III.1.a, III.1.b). The units of
// the group that it comes into are at stake too.
const struct duty contestant_duty = {.units = &contestant_stake_statement, .rivals = true};

const struct route contestant_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &contestant_list_statement,
     .orders = (const struct order[]){FROM_START("unit_label", contestant_list), {0}},
     .query = list_query,
     .columns = contestant_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants/{unit_id}",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &contestant_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants/{unit_id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &contestant_duty,
     .act = put_contestant,
     .body_kind = BODY_JSON,
     .body = contestant_fields},
    {.method = "DELETE",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants/{unit_id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &contestant_duty,
     .act = delete_contestant},
    {0},
};

const struct constraint_problem contestant_constraints[] = {
    {"contestants_unit", PROBLEM_NOT_FOUND, NULL, NULL, "Không có đơn vị này.", "There is no such unit."},
    {"contestants_unit_in_year", PROBLEM_RULE_REFUSED, NULL, "II.1",
     "Đơn vị này không tồn tại trong năm xét khen thưởng.", "The unit does not exist in the award year."},
    {"contestants_kind", PROBLEM_RULE_REFUSED, "/group", "II.1",
     "Loại đơn vị không thuộc nhóm này; các nhóm của kế hoạch và loại đơn vị của từng nhóm: GET /v1/campaigns/{code}, "
     "phần \"groups\".",
     "The unit's kind is not of this group; the plan's groups and the kinds they hold: GET /v1/campaigns/{code}, "
     "groups."},
    {"contestants_group", PROBLEM_RULE_REFUSED, "/group", "II.1", "Kế hoạch không có nhóm này.",
     "The plan has no such group."},
    {"group_filter", PROBLEM_INVALID_QUERY, "group", NULL,
     "Kế hoạch không có nhóm này; các nhóm: GET /v1/campaigns/{code}, phần \"groups\".",
     "The plan has no such group; its groups: GET /v1/campaigns/{code}, groups."},
    {"contestants_advises", PROBLEM_RULE_REFUSED, "/advises_par", "II.1",
     "Đơn vị của nhóm này chỉ được ghi khi trực tiếp tham mưu nội dung thi đua (\"advises_par\" là true), kèm văn bản "
     "nguồn (\"source_document\").",
     "Units of this group are entered only if they advise on what the campaign is about (\"advises_par\" is true), "
     "with the "
     "source document (\"source_document\")."},
    {"contestants_in_use", PROBLEM_CONFLICT, NULL, NULL,
     "Đối tượng thi đua này đã có kết quả đánh giá hoặc đã được đề nghị khen thưởng; không thể xóa.",
     "Findings or nominations build on this contestant: it cannot be removed."},
    {"contestants_share", PROBLEM_RULE_REFUSED, "/group", "III.2.b",
     "Đối tượng này đã được khen thưởng, mà nhóm hoặc khối, cụm nó chuyển đến đã hết suất được phân bổ; hãy phân bổ "
     "thêm trước.",
     "This contestant has an award, and the group or cluster that it would come into has no place left for it: "
     "allocate more first."},
    {"contestants_cluster", PROBLEM_INVALID, "/cluster", NULL,
     "Tên khối, cụm phải có chữ hoặc số; không thuộc khối, cụm nào thì không ghi.",
     "The cluster's name needs a letter or a digit: leave it out where there is no cluster."},
    {"contestants_members", PROBLEM_INVALID, "/members_women", NULL,
     "Số nữ không thể nhiều hơn tổng số người của tập thể.",
     "There cannot be more women than members of the collective."},
    {"contestants_members_whole", PROBLEM_INVALID, "/members_women", NULL,
     "Ghi cả tổng số người (\"members_total\") và số nữ (\"members_women\"), hoặc không ghi gì.",
     "Give both \"members_total\" and \"members_women\", or neither."},
    {"contestants_pkey", PROBLEM_STALE_VERSION, NULL, NULL, "Vừa có người ghi đơn vị này; hãy đọc lại rồi sửa.",
     "Somebody has just entered this unit: read it again, then change it."},
    {0},
};
