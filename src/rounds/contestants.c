// The year's register of contestants (II.1), kept by Sở Nội vụ.
#include "http/route.h"
#include "rounds/round.h"
#include "service/constraints.h"
#include "statements.h"

static const char *const groups[] = {"SO_BAN_NGANH", "UNIT_UNDER_SO", "HUYEN", "XA", "UNIT_UNDER_HUYEN", NULL};

static const struct field contestant_fields[] = {
    PASSED("group", FIELD_CHOICE, .required = true, .choices = groups),
    PASSED("cluster", FIELD_TEXT, .nullable = true, .least = 1, .most = 120),
    PASSED("advises_par", FIELD_BOOLEAN),
    PASSED("on_assessed_list", FIELD_BOOLEAN, .required = true),
    PASSED("source_document", FIELD_TEXT, .nullable = true, .least = 1, .most = 500),
    {0},
};

static bool note(struct request *request, struct session *session, const struct round *round, const char *type,
                 const char *before, const char *after)
{
    const char *unit = path_value(request, "unit_id");
    return journal(request, session,
                   (struct journal_entry){.type = type,
                                          .resource = round_location(request, round, "contestants", unit),
                                          .unit_id = unit,
                                          .campaign = round->campaign,
                                          .year = round->year,
                                          .before = before,
                                          .after = after});
}

static struct reply put_contestant(struct request *request, struct session *session)
{
    struct round round;
    struct rows *old, *now;
    const char *unit = path_value(request, "unit_id");
    if (!read_body(request, contestant_fields, NULL) || !round_writable(request, session, ROUND_SHARED, &round) ||
        !run(request, session, contestant_find, &old, round.campaign, round.year, unit) || !puts_over(request, old))
        return refusal(request);
    bool is_new = rows_count(old) == 0;
    const char *values[] = {round.campaign, round.year, unit, request->body_json};
    if (!run_values(request, session, is_new ? &contestant_insert : &contestant_update, &now, values, 4))
        return refusal(request);
    const char *json = rows_text(now, 0, 1);
    if (!note(request, session, &round, is_new ? "contestant.entered" : "contestant.changed",
              is_new ? NULL : rows_text(old, 0, 1), json))
        return refusal(request);
    return is_new ? created(request, put_location(request), rows_text(now, 0, 0), json)
                  : updated(request, rows_text(now, 0, 0), json);
}

static struct reply delete_contestant(struct request *request, struct session *session)
{
    struct round round;
    struct rows *old, *gone;
    const char *unit = path_value(request, "unit_id");
    if (!round_writable(request, session, ROUND_SHARED, &round) ||
        !run_one(request, session, contestant_find, &old, round.campaign, round.year, unit) ||
        !version_is(request, rows_text(old, 0, 0)) ||
        !run_one(request, session, contestant_delete, &gone, round.campaign, round.year, unit) ||
        !note(request, session, &round, "contestant.removed", rows_text(old, 0, 1), NULL))
        return refusal(request);
    return reply_no_content();
}

static const struct query_field list_query[] = {
    {.name = "group", .type = FIELD_CHOICE, .choices = groups},
    {.name = "cluster", .type = FIELD_TEXT, .most = 120},
    QUERY_PAGE,
    {0},
};

static const struct column contestant_columns[] = {
    {"Đơn vị", "unit"},
    {"Nhóm", "group"},
    {"Cụm, khối", "cluster"},
    {"Tham mưu CCHC", "advises_par"},
    {"Chấm Chỉ số CCHC", "on_assessed_list"},
    {"Văn bản nguồn", "source_document"},
    {"Mã đơn vị", "unit_id"},
    {0},
};

const struct route contestant_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &contestant_list,
     .bind = {"{code}", "{year}", "?group", "?cluster", "?cursor", "?limit"},
     .query = list_query,
     .columns = contestant_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants/{unit_id}",
     .roles = ANY_KEY,
     .lane = LANE_QUICK,
     .read = &contestant_get,
     .bind = {"{code}", "{year}", "{unit_id}"}},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants/{unit_id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .act = put_contestant,
     .body_kind = BODY_JSON,
     .body = contestant_fields},
    {.method = "DELETE",
     .path = "/v1/campaigns/{code}/rounds/{year}/contestants/{unit_id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .act = delete_contestant},
    {0},
};

const struct constraint_problem contestant_constraints[] = {
    {"contestants_unit", PROBLEM_NOT_FOUND, NULL, NULL, "Không có đơn vị này.", "There is no such unit."},
    {"contestants_unit_in_year", PROBLEM_RULE_REFUSED, NULL, "II.1",
     "Đơn vị này không tồn tại trong năm xét khen thưởng.", "The unit does not exist in the award year."},
    {"contestants_kind", PROBLEM_RULE_REFUSED, "/group", "II.1",
     "Loại đơn vị không thuộc nhóm này. Đối tượng thi đua: sở, ban, ngành; đơn vị thuộc sở; UBND huyện; UBND xã; đơn "
     "vị thuộc "
     "UBND huyện. Tổ chức đảng, đoàn thể, đơn vị thuộc xã không phải đối tượng.",
     "The unit's kind is not of this group. Contestants are: provincial bodies, units under them, districts, communes, "
     "units "
     "under a district. Party bodies, mass organisations and units under a commune are none."},
    {"contestants_advises", PROBLEM_RULE_REFUSED, "/advises_par", "II.1",
     "Phòng, ban, đơn vị thuộc sở hoặc thuộc UBND huyện chỉ được ghi khi tham mưu cải cách hành chính (advises_par = "
     "true), kèm "
     "văn bản nguồn (source_document).",
     "A unit under a provincial body or a district is entered only if it advises on administrative reform (advises_par "
     "= true), "
     "with its source document (source_document)."},
    {"contestants_in_use", PROBLEM_CONFLICT, NULL, NULL,
     "Đối tượng thi đua này đã có kết quả đánh giá hoặc đã được đề nghị khen thưởng; không thể xóa.",
     "Findings or nominations build on this contestant: it cannot be removed."},
    {"contestants_cluster", PROBLEM_INVALID, "/cluster", NULL, "Tên khối, cụm không được để trống.",
     "The cluster's name must not be blank."},
    {"contestants_pkey", PROBLEM_STALE_VERSION, NULL, NULL, "Vừa có người ghi đơn vị này; hãy đọc lại rồi sửa.",
     "Somebody has just entered this unit: read it again, then change it."},
    {0},
};
