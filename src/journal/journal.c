#include "handler/constraints.h"
#include "journal/event_types.h"
#include "journal/journal.sql.h"
#include "journal/private.h"

#include <stdint.h>

static const struct query_field journal_query[] = {
    {.name = "after", .type = FIELD_INTEGER, .least = 0, .most = INT64_MAX},
    {.name = "type", .type = FIELD_CHOICE, .choices = journal_types},
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "campaign", .type = FIELD_TEXT, .most = 64},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "resource", .type = FIELD_TEXT, .most = 400, .names_resource = true},
    QUERY_PAGE,
    {0},
};

static const struct column journal_columns[] = {
    {"Số", "Number", "seq"},
    {"Lúc", "At", "recorded_at", COLUMN_INSTANT},
    {"Việc", "Type", "type", .codes = "JournalType"},
    {"Bản ghi", "Resource", "resource"},
    {"Phong trào", "Campaign", "campaign"},
    {"Năm", "Year", "year"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Người làm", "Actor", "actor.name"},
    {"Vai trò", "Roles", "actor.roles[]", .codes = "Role"},
    {"Mã khóa", "Key id", "actor.key_id"},
    {"Lý do", "Reason", "reason"},
    {"Hạn chế", "Restricted", "restricted"},
    {"Mã yêu cầu", "Request id", "request_id"},
    {"Mã băm", "Hash", "hash"},
    {0},
};

const struct constraint_problem journal_constraints[] = {
    {"journal_after", PROBLEM_INVALID_QUERY, "after", NULL,
     "Nhật ký không có dòng mang số này: dữ liệu có thể đã được phục hồi từ bản sao lưu, và những dòng bạn có sau đó "
     "không còn. Dòng \"journal.resumed\" nêu số cuối còn giữ; hãy đọc lại từ số đó.",
     "The journal has no row of this number: the data may have been restored from a backup, and rows that you have "
     "are no more. The row \"journal.resumed\" names the last number that was kept: read again from there."},
    {"journal_cursor", PROBLEM_INVALID_QUERY, "cursor", NULL,
     "Dòng cuối của trang trước không còn trong nhật ký: dữ liệu đã được phục hồi từ bản sao lưu. Hãy đọc lại từ đầu.",
     "The last row of the page before is no more: the data were restored from a backup. Read the list from its start."},
    {0},
};

const struct route journal_routes[] = {
    {.method = "GET",
     .path = "/v1/journal",
     .roles = ROLE_AUDITOR,
     .lane = LANE_QUICK,
     .read = &journal_list_statement,
     .orders = (const struct order[]){{"seq", &journal_list_statement}, {"-seq", &journal_list_newest_statement}, {0}},
     .query = journal_query,
     .columns = journal_columns},
    {.method = "GET",
     .path = "/v1/journal/head",
     .roles = MAY_READ_RESTRICTED | ROLE_ADMIN,
     .lane = LANE_QUICK,
     .read = &journal_head_statement},
    {0},
};
