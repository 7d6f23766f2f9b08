// Campaigns: plans as data, loaded by `thidua load` and public.
#include "http/route.h"
#include "service/constraints.h"
#include "statements.h"

static const struct query_field list_query[] = {QUERY_PAGE, {0}};

const struct route campaign_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &campaign_list,
     .bind = {"?cursor", "?limit"},
     .query = list_query},
    {.method = "GET",
     .path = "/v1/campaigns/{code}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &campaign_get,
     .bind = {"{code}"},
     .cached = true},
    {0},
};

const struct constraint_problem campaign_constraints[] = {
    {"criteria_sets_published", PROBLEM_CONFLICT, NULL, NULL,
     "Bộ tiêu chí đã công bố không được sửa; hãy tạo phiên bản mới.",
     "A published criteria set never changes: make a new version of it."},
    {0},
};
