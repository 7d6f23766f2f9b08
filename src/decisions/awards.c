// Published awards: public (V.3), and the recovery of revoked ones.
#include "decisions/decisions.sql.h"
#include "decisions/private.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"

static const char *const states[] = {"ACTIVE", "REVOKED", NULL};

static const struct field recovery_fields[] = {
    PASSED("certificate_recovered_on", FIELD_DATE, .nullable = true, .happened = true),
    PASSED("money_recovered_on", FIELD_DATE, .nullable = true, .happened = true),
    {0},
};

static struct reply record_recovery(struct request *request, struct session *session)
{
    struct award_lock old;
    struct award_recover now;
    const char *id = path_value(request, "id");
    if (!read_body(request, recovery_fields, NULL) || !award_lock(request, session, id, &old) ||
        !version_is(request, old.version) || !award_recover(request, session, id, request->body_json, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "award.recovered",
                                  .resource = arena_format(&request->arena, "/v1/awards/%s", id),
                                  .campaign = old.campaign,
                                  .year = old.year,
                                  .unit_id = old.unit_id,
                                  .before = old.json},
                   now.version, now.json);
}

static const struct query_field awards_query[] = {
    {.name = "campaign", .type = FIELD_TEXT, .most = 64},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "state", .type = FIELD_CHOICE, .choices = states},
    QUERY_PAGE,
    {0},
};

// Those of a round: the path says which.
static const struct query_field round_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "state", .type = FIELD_CHOICE, .choices = states},
    QUERY_PAGE,
    {0},
};

static const struct column award_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Đơn vị hiện nay", "Holder now", "holders_now[].unit_label"},
    {"Phong trào", "Campaign", "campaign"},
    {"Năm xét", "Award year", "year"},
    {"Số quyết định", "Decision number", "decision_number"},
    {"Ngày ký", "Signed on", "signed_on", COLUMN_DATE},
    {"Hình thức", "Form", "form_label.@"},
    {"Hạng giải", "Tier", "tier_label.@"},
    {"Tiền thưởng (đồng)", "Bonus (VND)", "bonus_vnd", COLUMN_AMOUNT},
    {"Trạng thái", "State", "state", .codes = "AwardState"},
    {"Đính chính (số, mục, đã in, đúng là)", "Corrected (by, field, printed, correct)",
     "corrected_by[].decision_number+what[].field+printed+correct"},
    {"Hủy bỏ theo", "Revocation number", "revocation_number"},
    {"Ngày hủy bỏ", "Revoked on", "revoked_on", COLUMN_DATE},
    {"Ngày thu hồi bằng", "Certificate recovered on", "certificate_recovered_on", COLUMN_DATE},
    {"Ngày thu hồi tiền", "Money recovered on", "money_recovered_on", COLUMN_DATE},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Mã", "Id", "id"},
    {0},
};

const struct duty award_duty = {.units = &award_stake_statement};

// Awards show the decisions that gave or took them, and units and rules by their names.
#define AWARDS_REST_ON "award campaign certificate criteria_set decision evaluation unit"

const struct route award_routes[] = {
    {.method = "GET",
     .path = "/v1/awards",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &award_list_statement,
     .orders = (const struct order[]){FROM_START("signed_on", award_list), {0}},
     .query = awards_query,
     .columns = award_columns,
     .cached = true,
     .rests_on = AWARDS_REST_ON,
     .restricted_readers_see_more = true},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/awards",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &round_award_list_statement,
     .orders = (const struct order[]){FROM_START("signed_on", round_award_list), {0}},
     .query = round_query,
     .columns = award_columns,
     .cached = true,
     .rests_on = AWARDS_REST_ON,
     .restricted_readers_see_more = true},
    {.method = "GET", .path = "/v1/awards/{id}", .roles = ANYONE, .lane = LANE_QUICK, .read = &award_show_statement},
    {.method = "PATCH",
     .path = "/v1/awards/{id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &award_duty,
     .act = record_recovery,
     .body_kind = BODY_MERGE_PATCH,
     .body = recovery_fields},
    {0},
};

const struct constraint_problem award_constraints[] = {
    {"awards_recovery_of_revoked", PROBLEM_CONFLICT, NULL, NULL, "Chỉ thu hồi khi khen thưởng đã bị hủy bỏ.",
     "Only a revoked award can be recovered."},
    {"award_certificate_before_revocation", PROBLEM_INVALID, "/certificate_recovered_on", NULL,
     "Không thể thu hồi trước ngày ký quyết định hủy bỏ (\"revoked_on\"); hãy sửa lại ngày.",
     "Nothing is recovered before the day on which the revocation was signed (\"revoked_on\"): correct the day."},
    {"award_money_before_revocation", PROBLEM_INVALID, "/money_recovered_on", NULL,
     "Không thể thu hồi trước ngày ký quyết định hủy bỏ (\"revoked_on\"); hãy sửa lại ngày.",
     "Nothing is recovered before the day on which the revocation was signed (\"revoked_on\"): correct the day."},
    {"evaluation_in_future", PROBLEM_INVALID, "/as_of", NULL,
     "Thời điểm này chưa đến; dữ kiện đến lúc đó chưa có. Hãy bỏ \"as_of\", hoặc thử bằng POST /v1/what-if.",
     "This instant has not come yet, and its facts are not known: leave \"as_of\" out, or try it with POST "
     "/v1/what-if."},
    {0},
};
