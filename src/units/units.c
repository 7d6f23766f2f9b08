// Units and what they were on any day (domain, section 8).
#include "units/units.h"
#include "handler/constraints.h"
#include "handler/feature.h"
#include "handler/run.h"
#include "http/route.h"

const char *const unit_kinds[] = {"PROVINCE", "PROVINCIAL_BODY", "PROVINCIAL_SUBUNIT", "DISTRICT", "DISTRICT_SUBUNIT",
                                  "COMMUNE",  "PARTY_BODY",      "MASS_ORGANISATION",  "OTHER",    NULL};
static const char *const code_schemes[] = {"GSO", "AGENCY", "AGENCY_LEGACY", NULL};

static const struct field code_fields[] = {
    PASSED("scheme", FIELD_CHOICE, .required = true, .choices = code_schemes),
    PASSED("value", FIELD_LINE, .required = true, .most = 35),
    {0},
};
const struct field code_item = {.type = FIELD_OBJECT, .fields = code_fields};

static const struct field unit_fields[] = {
    PASSED("name", FIELD_LINE, .required = true, .most = 200),
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = unit_kinds),
    PASSED("parent_id", FIELD_UUID, .nullable = true),
    PASSED("valid_from", FIELD_DATE, .required = true),
    PASSED("valid_to", FIELD_DATE, .nullable = true, .not_before = "valid_from"),
    PASSED("legal_basis", FIELD_TEXT, .names_document = true, .nullable = true),
    PASSED("codes", FIELD_LIST, .most = 10, .item = &code_item),
    PASSED("confirm_duplicate", FIELD_BOOLEAN),
    // In one transaction, because a new body may take over the very code of the one it succeeds (25195).
    PASSED("succeeds", FIELD_OBJECT, .fields = succeeds_fields),
    {0},
};

static struct reply create_unit(struct request *request, struct session *session)
{
    struct succeeding *succeeding;
    const char *id = new_id(request);
    const struct unit_get *shown;
    if (!read_body(request, unit_fields, NULL) || !succeeding_begin(request, session, &succeeding) ||
        !unit_create(request, session, id, request->body_json) || !succeeding_end(request, session, succeeding, id) ||
        !unit_on(request, session, id, NULL, &shown))
        return refusal(request);
    return created(request, session,
                   (struct event){.type = "unit.created",
                                  .resource = arena_format(&request->arena, "/v1/units/%s", id),
                                  .unit_id = id,
                                  .read_alike = true},
                   shown->version, shown->body);
}

static const struct query_field unit_query[] = {{.name = "on", .type = FIELD_DATE}, {0}};
static const struct query_field withdrawal_query[] = {{.name = "reason", .type = FIELD_TEXT, .least = 1, .most = 2000},
                                                      {0}};
static const struct query_field page_query[] = {QUERY_PAGE, {0}};
static const struct query_field units_query[] = {
    {.name = "on", .type = FIELD_DATE},
    {.name = "q", .type = FIELD_TEXT, .most = 200},
    {.name = "kind", .type = FIELD_CHOICE, .choices = unit_kinds},
    {.name = "parent_id", .type = FIELD_UUID},
    {.name = "code", .type = FIELD_LINE, .most = 35},
    QUERY_PAGE,
    {0},
};

const struct column unit_columns[] = {
    {"Đơn vị", "Unit", "label"},
    {"Tên", "Name", "name"},
    {"Loại", "Kind", "kind", .codes = "UnitKind"},
    {"Mã số", "Codes", "codes[].scheme+value", .codes = "CodeScheme"},
    {"Từ ngày", "From", "valid_from", COLUMN_DATE},
    {"Đến ngày", "To", "valid_to", COLUMN_DATE},
    {"Căn cứ", "Legal basis", "legal_basis"},
    {"Mã đơn vị", "Unit id", "id"},
    {"Mã cấp trên", "Parent id", "parent_id"},
    {"Tìm thấy theo tên cũ", "Found by its former name", "matched_former_name.name"},
    {"Đơn vị kế thừa hiện nay", "Holders now", "holders_now[].unit_label"},
    {0},
};

const struct column succession_columns[] = {
    {"Hình thức", "Kind", "kind", .codes = "SuccessionKind"},
    {"Đơn vị trước", "Predecessor", "predecessor_unit_label"},
    {"Đơn vị sau", "Successor", "successor_unit_label"},
    {"Hiệu lực từ", "Effective on", "effective_on", COLUMN_DATE},
    {"Căn cứ", "Legal basis", "legal_basis"},
    {"Mã đơn vị trước", "Predecessor id", "predecessor_unit_id"},
    {"Mã đơn vị sau", "Successor id", "successor_unit_id"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {0},
};

const struct duty succession_duty = {.units = &succession_stake_statement, .rivals = true};

// Who belongs to whom decides who may judge whom, and a merger ends a rival.
static const struct duty new_unit_duty = {.units = &unit_new_stake_statement, .rivals = true},
                         change_duty = {.units = &unit_change_stake_statement, .rivals = true},
                         withdrawal_duty = {.units = &unit_withdraw_stake_statement, .rivals = true};

static const struct route unit_routes[] = {
    {.method = "GET",
     .path = "/v1/units",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &unit_list_statement,
     .orders =
         (const struct order[]){FROM_START("label", unit_list), FROM_START("valid_from", unit_list_by_start), {0}},
     .query = units_query,
     .columns = unit_columns,
     .cached = true,
     .rests_on = "unit"},
    {.method = "POST",
     .path = "/v1/units",
     .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &new_unit_duty,
     .act = create_unit,
     .body_kind = BODY_JSON,
     .body = unit_fields},
    {.method = "GET",
     .path = "/v1/units/{id}",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &unit_get_statement,
     .query = unit_query,
     .cached = true,
     .rests_on = "unit"},
    {.method = "PATCH",
     .path = "/v1/units/{id}",
     .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &change_duty,
     .act = change_unit,
     .body_kind = BODY_MERGE_PATCH,
     .body = unit_change_fields},
    {.method = "DELETE",
     .path = "/v1/units/{id}",
     .roles = ROLE_ADMIN,
     .lane = LANE_WRITE,
     .duty = &withdrawal_duty,
     .act = withdraw_unit,
     .query = withdrawal_query},
    {.method = "GET",
     .path = "/v1/units/{id}/history",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &unit_history_statement,
     .query = unit_query},
    {.method = "GET",
     .path = "/v1/units/{id}/successions",
     .roles = ANYONE,
     .lane = LANE_QUICK,
     .read = &succession_list_statement,
     .orders = (const struct order[]){FROM_START("effective_on", succession_list), {0}},
     .query = page_query,
     .columns = succession_columns},
    {.method = "POST",
     .path = "/v1/units/{id}/successions",
     .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &succession_duty,
     .act = succeed_unit,
     .body_kind = BODY_JSON,
     .body = succession_fields},
    {.method = "POST",
     .path = "/v1/units/successions",
     .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = succeed_units,
     .body_kind = BODY_JSON,
     .body = successions_fields},
    {0},
};

static const struct constraint_problem unit_constraints[] = {
    {"unit_periods_from", PROBLEM_INVALID, "/valid_to", NULL, "Ngày kết thúc phải sau ngày bắt đầu.",
     "The period must end after it begins."},
    {"unit_periods_parent", PROBLEM_INVALID, "/parent_id /move_children_to", NULL, "Không có đơn vị cấp trên này.",
     "There is no such parent unit."},
    {"unit_codes_form", PROBLEM_INVALID, "/codes /codes_add", NULL,
     "Mã không đúng dạng: mã của Tổng cục Thống kê có 2, 3 hoặc 5 chữ số; mã định danh cơ quan như H10.58; mã định "
     "danh cũ "
     "như 000.00.04.H10.",
     "The code does not have its scheme's form: a code of the General Statistics Office has 2, 3 or 5 digits, that of "
     "an agency is as H10.58, a former one as 000.00.04.H10."},
    {"unit_codes_one_holder", PROBLEM_CONFLICT, "/codes /codes_add", NULL,
     "Mã này đang thuộc một đơn vị khác trong thời gian đó; hãy kết thúc mã cũ (sáp nhập, giải thể) trước.",
     "Another unit holds this code in that time: end it first (by a succession)."},
    {"unit_periods_name", PROBLEM_INVALID, "/name", NULL, "Tên không được chỉ có khoảng trắng.",
     "A name cannot be all blanks."},
    {"unit_entered_twice", PROBLEM_CONFLICT, "/name /kind /parent_id", NULL,
     "Đã có đơn vị cùng tên, loại và cấp trên trong thời gian này. Nếu đúng là một đơn vị khác, gửi lại với "
     "\"confirm_duplicate\" là true.",
     "A unit of this name, kind and parent is known in that time. If this is another one, send it again with "
     "\"confirm_duplicate\" as true."},
    {"unit_not_there_then", PROBLEM_CONFLICT, "/valid_from", NULL,
     "Vào ngày này đơn vị không tồn tại; hãy chọn một ngày trong thời gian tồn tại của đơn vị.",
     "The unit does not exist on that day: choose a day on which it does."},
    {"unit_parent_not_there", PROBLEM_CONFLICT, "/parent_id /move_children_to", NULL,
     "Đơn vị cấp trên không tồn tại vào ngày này.", "The parent does not exist on that day."},
    {"unit_parent_ends", PROBLEM_CONFLICT, "/parent_id /valid_to /move_children_to", NULL,
     "Đơn vị cấp trên kết thúc trước đơn vị này. Hãy chọn cấp trên khác, hoặc để đơn vị này kết thúc không muộn hơn: "
     "bằng "
     "\"valid_to\" khi nhập mới, bằng một việc kế thừa khi đã có.",
     "The parent ends before this unit does. Choose another parent, or let this unit end no later: by \"valid_to\" "
     "where "
     "it is entered, by a succession where it is there already."},
    {"unit_parent_below", PROBLEM_CONFLICT, "/parent_id /move_children_to", NULL,
     "Đơn vị cấp trên lại chính là đơn vị này hoặc thuộc đơn vị này.",
     "The parent is the unit itself or lies below it."},
    {"unit_periods_most", PROBLEM_CONFLICT, "/valid_from", NULL,
     "Đơn vị đã đổi 200 lần, là số lần nhiều nhất. Hãy sửa một lần đổi đã ghi: đặt \"valid_from\" là ngày đầu của nó.",
     "The unit has changed 200 times already, the most there may be. Correct a change that is there: its first day as "
     "\"valid_from\"."},
    {"unit_codes_most", PROBLEM_CONFLICT, "/codes_add", NULL,
     "Một đơn vị có nhiều nhất 100 mã, kể cả mã đã thôi dùng. Mã ghi nhầm thì bỏ bằng \"codes_end\" vào ngày đầu của "
     "nó.",
     "A unit has at most 100 codes, former ones too. One that was entered by mistake goes by \"codes_end\" on its "
     "first "
     "day."},
    {"successions_of_unit_most", PROBLEM_CONFLICT, "/successors /succeeds", NULL,
     "Một đơn vị kế thừa từ nhiều nhất 500 đơn vị và chuyển cho nhiều nhất 500 đơn vị. Hãy lập đơn vị mới cho phần còn "
     "lại.",
     "A unit takes over from at most 500 others, and hands over to at most 500. Enter a new unit for what is beyond."},
    {"unit_levels", PROBLEM_CONFLICT, "/parent_id /move_children_to", NULL, "Cây đơn vị có nhiều nhất 8 cấp.",
     "Units stand on at most 8 levels, one below the other."},
    {"unit_periods_not_own_parent", PROBLEM_CONFLICT, "/parent_id /move_children_to", NULL,
     "Một đơn vị không thể là cấp trên của chính mình.", "A unit cannot be its own parent."},
    {"unit_code_not_held", PROBLEM_CONFLICT, "/codes_end", NULL, "Vào ngày này đơn vị không mang mã đó.",
     "The unit does not hold that code on that day."},
    {"unit_not_there", PROBLEM_CONFLICT, NULL, NULL,
     "Đơn vị tiền nhiệm không tồn tại ngay trước ngày có hiệu lực; hãy kiểm tra ngày và lịch sử đơn vị.",
     "The predecessor does not exist on the day before it takes effect: check the day and the unit's history."},
    {"successions_one_end", PROBLEM_CONFLICT, NULL, NULL, "Đơn vị tiền nhiệm đã có ngày kết thúc khác được ghi nhận.",
     "Another end of the predecessor is already recorded, on another day."},
    {"successions_once", PROBLEM_CONFLICT, NULL, NULL, "Việc kế thừa này đã được ghi nhận.",
     "This succession is already recorded."},
    {"successions_not_itself", PROBLEM_CONFLICT, "/successors", NULL, "Một đơn vị không thể kế thừa chính mình.",
     "A unit cannot succeed itself."},
    {"successions_successor_not_there", PROBLEM_CONFLICT, "/successors", NULL,
     "Có đơn vị kế thừa không tồn tại vào ngày có hiệu lực.", "A successor does not exist on the day it takes effect."},
    {"successions_dissolved_into_nothing", PROBLEM_INVALID, "/successors", NULL,
     "Cần ít nhất một đơn vị kế thừa; chỉ giải thể mới có thể không có.",
     "At least one successor is needed; only a dissolution goes without."},
    {"succession_links", PROBLEM_CONFLICT, "/successors /succeeds", NULL,
     "Chuỗi kế thừa có nhiều nhất 16 lần; việc này làm chuỗi dài hơn 16. Nếu một lần trong chuỗi chỉ là đổi tên thì "
     "ghi bằng "
     "PATCH /v1/units/{id} thay cho kế thừa.",
     "A chain of successions has at most 16 links; with this one it would have more than 16. What was a change of name "
     "alone is "
     "entered by PATCH /v1/units/{id} and is no succession."},
    {"successions_rename_one", PROBLEM_INVALID, NULL, NULL,
     "Đổi tên cần đúng một đơn vị tiền nhiệm và một đơn vị kế thừa.",
     "A renaming takes one predecessor and one successor."},
    {0},
};

const struct feature units_feature = {.name = "units", .routes = {unit_routes}, .constraints = {unit_constraints}};
