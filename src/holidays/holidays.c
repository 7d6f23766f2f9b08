// Public holidays, as `thidua load` took them from a file of the law.
#include "handler/feature.h"
#include "holidays/holidays.sql.h"
#include "http/route.h"

static const struct query_field list_query[] = {
    {.name = "year", .type = FIELD_INTEGER, .least = 1900, .most = 2999},
    QUERY_PAGE,
    {0},
};

static const struct column holiday_columns[] = {
    {"Ngày", "Date", "date", COLUMN_DATE},
    {"Loại", "Kind", "kind", .codes = "HolidayKind"},
    {"Tên", "Name", "@"},
    {"Văn bản", "Document", "document"},
    {"Điều khoản", "Clause", "clause"},
    {"Ghi chú", "Note", "note"},
    {0},
};

static const struct route holiday_routes[] = {
    {.method = "GET",
     .path = "/v1/public-holidays",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &holiday_list_statement,
     .orders = (const struct order[]){FROM_START("day", holiday_list), {0}},
     .query = list_query,
     .columns = holiday_columns},
    {0},
};

const struct feature holidays_feature = {.name = "holidays", .routes = {holiday_routes}};
