// What is kept of a unit, year by year: scores, findings, dossiers, awards and revocations, its own and those of the
// bodies that it took over from. Every row says whose it is, and each caller sees of it what it sees elsewhere.
#include "handler/feature.h"
#include "http/route.h"
#include "record/record.sql.h"

static const struct column record_columns[] = {
    {"Năm", "Year", "year"},
    {"Bảng điểm (đơn vị, trạng thái)", "Scores (unit, state)", "scores[].unit_label+state", .codes = "+ScorecardState"},
    {"Chỉ số", "Index", "scores[].appraised.index", COLUMN_DECIMAL},
    {"Kết luận (đơn vị, thứ hạng, trên tổng số)", "Findings (unit, rank, of)", "findings[].unit_label+rank+of"},
    {"Tổng điểm", "Total score", "findings[].total_score", COLUMN_DECIMAL},
    {"Hồ sơ trình (đơn vị, trạng thái)", "Dossiers (unit, state)", "dossiers[].unit_label+state",
     .codes = "+DossierState"},
    {"Được đề nghị (đơn vị, cấp trình, trạng thái, kết quả)", "Nominated (unit, nominator, state, result)",
     "nominations[].unit_label+nominator_unit_label+state+result", .codes = "++DossierState+NominationResult"},
    {"Khen thưởng (đơn vị, số quyết định, trạng thái)", "Awards (unit, decision, state)",
     "awards[].unit_label+decision_number+state", .codes = "++AwardState"},
    {"Hủy bỏ (đơn vị, số quyết định, căn cứ)", "Revocations (unit, decision, ground)",
     "revocations[].unit_label+decision_number+ground", .codes = "++RevocationGround"},
    {0},
};

static const struct route record_routes[] = {
    {.method = "GET",
     .path = "/v1/units/{id}/record",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &unit_record_statement,
     .columns = record_columns,
     .cached = true,
     .members_see_more = true},
    {0},
};

const struct feature record_feature = {.name = "record", .routes = {record_routes}};
