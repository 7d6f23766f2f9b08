// Campaigns: plans as data, loaded by `thidua load` and public.
#include "campaigns/campaigns.sql.h"
#include "handler/constraints.h"
#include "handler/feature.h"
#include "http/route.h"

static const struct query_field list_query[] = {QUERY_PAGE, {0}};

static const struct column campaign_columns[] = {
    {"Số, ký hiệu", "Number", "printed_number"},
    {"Tên phong trào", "Title", "title.@"},
    {"Ngày ban hành", "Issued on", "issued_on", COLUMN_DATE},
    {"Từ ngày", "From", "window.from", COLUMN_DATE},
    {"Đến ngày", "To", "window.to", COLUMN_DATE},
    {"Năm xét", "Award years", "award_years[]"},
    {"Số lượng tối đa mỗi năm", "Cap a year", "cap"},
    {"Bộ tiêu chí", "Criteria set", "criteria_set.name"},
    {"Phiên bản", "Version", "criteria_set.version"},
    {"Nạp lúc", "Loaded at", "loaded_at", COLUMN_INSTANT},
    {"Mã", "Code", "code"},
    {0},
};

static const struct route campaign_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &campaign_list_statement,
     .orders = (const struct order[]){FROM_START("code", campaign_list), {0}},
     .query = list_query,
     .columns = campaign_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &campaign_get_statement,
     .cached = true,
     .rests_on = "campaign criteria_set"},
    {0},
};

static const struct constraint_problem campaign_constraints[] = {
    {"criteria_sets_published", PROBLEM_CONFLICT, NULL, NULL,
     "Bộ tiêu chí đã công bố không được sửa; hãy tạo phiên bản mới.",
     "A published criteria set never changes: make a new version of it."},
    {"campaign_filter", PROBLEM_INVALID_QUERY, "campaign", NULL,
     "Không có phong trào này; mã của các phong trào: GET /v1/campaigns.",
     "There is no such campaign; their codes: GET /v1/campaigns."},
    {"campaign_named", PROBLEM_INVALID, "/campaign", NULL,
     "Không có phong trào này; mã của các phong trào: GET /v1/campaigns.",
     "There is no such campaign; their codes: GET /v1/campaigns."},
    {0},
};

const struct feature campaigns_feature = {
    .name = "campaigns", .routes = {campaign_routes}, .constraints = {campaign_constraints}};
