// Disciplinary decisions (III.1.d). RESTRICTED: names of leaders and what they did are for the offices alone; everybody
// else learns at most "III.1.d not met".
#include "discipline/discipline.h"

#include "discipline/discipline.sql.h"
#include "discipline/private.h"
#include "handler/bulk/bulk.h"
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"

#include <string.h>

static const char *const positions[] = {"KEY_LEADER_HEAD", "KEY_LEADER_DEPUTY", "OTHER", NULL};
static const char *const regimes[] = {"CIVIL_SERVANT", "ELECTED", "PARTY_MEMBER", "PARTY_ORGANISATION", NULL};
// The last two are taken in only to be refused by name: they lie below the formal levels (domain, section 6).
static const char *const levels[] = {"KHIEN_TRACH", "CANH_CAO",       "HA_BAC_LUONG",    "GIANG_CHUC",
                                     "CACH_CHUC",   "BUOC_THOI_VIEC", "BAI_NHIEM",       "KHAI_TRU",
                                     "GIAI_TAN",    "PHE_BINH",       "RUT_KINH_NGHIEM", NULL};

struct record {
    const char *unit_id;
};
#define RECORD_FIELDS                                                                                                  \
    BOUND(record, unit_id, FIELD_UUID, .required = true),                                                              \
        PASSED("person_name", FIELD_LINE, .required = true, .most = 200),                                              \
        PASSED("position", FIELD_CHOICE, .required = true, .choices = positions),                                      \
        PASSED("regime", FIELD_CHOICE, .required = true, .choices = regimes),                                          \
        PASSED("level", FIELD_CHOICE, .required = true, .choices = levels),                                            \
        PASSED("decision_number", FIELD_NUMBER_SYMBOL, .required = true, .most = 64),                                  \
        PASSED("decision_date", FIELD_DATE, .required = true, .happened = true),                                       \
        PASSED("issued_by", FIELD_LINE, .nullable = true, .least = 1, .most = 200),                                    \
        PASSED("effective_from", FIELD_DATE, .required = true), PASSED("effective_to", FIELD_DATE, .nullable = true)
static const struct field record_fields[] = {RECORD_FIELDS, {0}};

static const struct field record_item = {.type = FIELD_OBJECT, .fields = record_fields};
static const struct field records_fields[] = {
    PASSED("records", FIELD_LIST, .required = true, .least = 1, .most = BULK_MOST, .item = &record_item),
    {0},
};

// A list of records as it is exported also says what became of each.
const struct field record_columns[] = {
    RECORD_FIELDS,
    PASSED("status", FIELD_CHOICE, .choices = discipline_states),
    {0},
};

struct record_patch {
    const char *status, *reason;
};
static const struct field patch_fields[] = {
    BOUND(record_patch, status, FIELD_CHOICE, .choices = discipline_states),
    BOUND(record_patch, reason, FIELD_TEXT, .required = true, .most = 2000),
    PASSED("issued_by", FIELD_LINE, .least = 1, .most = 200),
    PASSED("effective_to", FIELD_DATE, .nullable = true),
    {0},
};

static const char *discipline_location(struct request *request, const char *id)
{
    return arena_format(&request->arena, "/v1/discipline-records/%s", id);
}

static struct event recorded(struct request *request, const struct record *record, const struct discipline_create *made)
{
    return (struct event){.type = discipline_life_cycle.created,
                          .resource = discipline_location(request, made->id),
                          .unit_id = record->unit_id,
                          .restricted = true,
                          .after = made->json};
}

static struct reply create_record(struct request *request, struct session *session)
{
    struct record given = {0};
    struct discipline_create made;
    if (!read_body(request, record_fields, &given) || !discipline_create(request, session, request->body_json, &made))
        return refusal(request);
    return created(request, session, recorded(request, &given, &made), made.version, made.json);
}

// What has ended or was annulled would come in as in force.
static bool is_in_force(struct request *request, json_t *body)
{
    const char *status = json_string_value(json_object_get(body, "status"));
    if (status && strcmp(status, discipline_states[0]) != 0)
        return violate(request, PROBLEM_INVALID, "/status", "not_in_force",
                       say(request, "Chỉ nhập quyết định đang có hiệu lực; hãy bỏ dòng này.",
                           "Only decisions in force are imported: take this row out."));
    json_object_del(body, "status");
    return true;
}

bool discipline_listed(struct request *request, struct session *session, const struct listed *listed,
                       struct listed_made *ret_made)
{
    struct record given = {0};
    struct discipline_create made;
    json_object_set_new(listed->body, "unit_id", json_string(listed->unit_id));
    if (!is_in_force(request, listed->body) || !read_item(request, record_fields, listed->body, &given) ||
        !discipline_create(request, session, request->body_json, &made))
        return false;
    const struct event event = recorded(request, &given, &made);
    *ret_made = (struct listed_made){event.resource, made.version, made.json, true};
    return record(request, session, event);
}

static bool may_change(struct request *request, const struct discipline_lock *old, const struct record_patch *patch)
{
    if (!version_is(request, old->version))
        return false;
    if (patch->status)
        return step_allowed(request, &discipline_life_cycle, old->status, patch->status, patch->reason);
    return strcmp(old->status, "ANNULLED") != 0 || refuse(request, PROBLEM_CONFLICT,
                                                          say(request, "Quyết định đã bị hủy bỏ, không sửa được nữa.",
                                                              "The decision is annulled and cannot be changed."));
}

static struct reply patch_record(struct request *request, struct session *session)
{
    const char *id = path_value(request, "id");
    struct record_patch patch = {0};
    struct discipline_lock old;
    struct discipline_change now;
    if (!read_body(request, patch_fields, &patch) || !discipline_lock(request, session, id, &old) ||
        !may_change(request, &old, &patch) || !discipline_change(request, session, id, request->body_json, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "discipline.changed",
                                  .resource = discipline_location(request, id),
                                  .unit_id = old.unit_id,
                                  .reason = patch.reason,
                                  .before = old.json,
                                  .restricted = true},
                   now.version, now.json);
}

static const struct query_field records_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "status", .type = FIELD_CHOICE, .choices = discipline_states},
    {.name = "position", .type = FIELD_CHOICE, .choices = positions},
    QUERY_PAGE,
    {0},
};

const struct column discipline_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Họ tên", "Name", "person_name"},
    {"Chức vụ", "Position", "position", .codes = "LeaderPosition"},
    {"Hệ thống kỷ luật", "Regime", "regime", .codes = "DisciplineRegime"},
    {"Hình thức", "Level", "level", .codes = "DisciplineLevel"},
    {"Số quyết định", "Decision number", "decision_number"},
    {"Ngày quyết định", "Decision date", "decision_date", COLUMN_DATE},
    {"Cơ quan ban hành", "Issuer", "issued_by"},
    {"Hiệu lực từ", "Effective from", "effective_from", COLUMN_DATE},
    {"Hiệu lực đến", "Effective to", "effective_to", COLUMN_DATE},
    {"Tình trạng", "Status", "status", .codes = "DisciplineStatus"},
    {"Lý do", "Reason", "reason"},
    {"Đổi lúc", "Changed at", "changed_at", COLUMN_INSTANT},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {"Mã", "Id", "id"},
    {0},
};

static const struct duty new_duty = {.units = &body_unit_stake_statement, .rivals = true},
                         change_duty = {.units = &discipline_stake_statement, .rivals = true};
const struct duty discipline_listed_duty = {.units = &path_unit_stake_statement, .rivals = true};

static struct reply create_records(struct request *request, struct session *session)
{
    static const char *const nothing[] = {NULL}; // a person may have several, and a decision may be on several
    static const struct bulk records = {.list = "records",
                                        .subject = "unit_id",
                                        .once = nothing,
                                        .duty = &discipline_listed_duty,
                                        .enter = discipline_listed,
                                        .location = "/v1/discipline-records"};
    return bulk_write(request, session, &records);
}

const struct route discipline_routes[] = {
    {.method = "GET",
     .path = "/v1/discipline-records",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &discipline_list_statement,
     .orders = (const struct order[]){FROM_START("effective_from", discipline_list), {0}},
     .query = records_query,
     .cache_control = "no-store",
     .columns = discipline_columns},
    {.method = "POST",
     .path = "/v1/discipline-records",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &new_duty,
     .act = create_record,
     .body_kind = BODY_JSON,
     .body = record_fields},
    {.method = "POST",
     .path = "/v1/discipline-records/batch",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each item is a write of its own, and keeps the duty of the single write."),
     .act = create_records,
     .body_kind = BODY_JSON,
     .body = records_fields},
    {.method = "GET",
     .path = "/v1/discipline-records/{id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &discipline_get_statement,
     .cache_control = "no-store"},
    {.method = "PATCH",
     .path = "/v1/discipline-records/{id}",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &change_duty,
     .act = patch_record,
     .body_kind = BODY_MERGE_PATCH,
     .body = patch_fields},
    {0},
};

const struct constraint_problem discipline_constraints[] = {
    {"discipline_records_unit", PROBLEM_INVALID, "/unit_id", NULL, "Không có đơn vị này.", "There is no such unit."},
    {"discipline_records_of_unit_most", PROBLEM_CONFLICT, "/unit_id", NULL,
     "Đơn vị đã có 5000 quyết định kỷ luật, là số nhiều nhất của một đơn vị. Hãy ghi quyết định này cho tập thể cấp "
     "dưới "
     "mà người đó thuộc về.",
     "The unit has 5000 disciplinary decisions already, the most that one unit may have. Record this one for the "
     "collective below it to which the person belongs."},
    {"discipline_records_formal", PROBLEM_RULE_REFUSED, "/level", NULL,
     "Phê bình, rút kinh nghiệm dưới mức khiển trách, không phải hình thức kỷ luật: không ghi ở đây.",
     "Criticism (phê bình) and drawing lessons (rút kinh nghiệm) lie below khiển trách and are no disciplinary "
     "measures: they "
     "are not recorded here."},
    {"discipline_records_level", PROBLEM_INVALID, "/level", NULL,
     "Chế độ này không có hình thức đó vào ngày quyết định. Cán bộ, công chức, viên chức: khiển trách, cảnh cáo, hạ "
     "bậc "
     "lương và giáng chức (đến 30/6/2025), cách chức, buộc thôi việc. Người được bầu, phê chuẩn: khiển trách, cảnh "
     "cáo, "
     "cách chức, bãi nhiệm. Đảng viên: khiển trách, cảnh cáo, cách chức, khai trừ. Tổ chức đảng: khiển trách, cảnh "
     "cáo, "
     "giải tán.",
     "This regime has no such level on the day of the decision. Civil servants: reprimand, warning, lowered salary "
     "step "
     "and demotion (until 2025-06-30), removal from office, dismissal. Elected persons: reprimand, warning, removal "
     "from "
     "office, recall. Party members: reprimand, warning, removal from office, expulsion. Party organisations: "
     "reprimand, "
     "warning, dissolution."},
    {"discipline_records_period", PROBLEM_INVALID, "/effective_to", NULL,
     "Ngày hết hiệu lực không thể trước ngày có hiệu lực.", "It cannot end before it takes effect."},
    {"discipline_records_ended", PROBLEM_INVALID, "/effective_to", NULL,
     "Ghi hết hiệu lực thì cần ngày cuối có hiệu lực.", "To record that it ended, the last day in force is needed."},
    {"discipline_records_organisation", PROBLEM_INVALID, "/position", NULL,
     "Kỷ luật tổ chức đảng không phải kỷ luật một lãnh đạo chủ chốt: \"position\" phải là \"OTHER\" (Khác).",
     "A measure against a Party organisation is not one against a key leader: \"position\" must be \"OTHER\"."},
    {"discipline_records_once", PROBLEM_CONFLICT, "/decision_number /issued_by", NULL,
     "Quyết định này với người này đã được ghi. Nếu là quyết định cùng số, cùng ngày của cơ quan khác thì hãy nêu cơ "
     "quan ban hành "
     "(\"issued_by\") ở cả hai.",
     "This decision on this person is already recorded. Where another body issued one of the same number and day, name "
     "the issuer of "
     "both."},
    {"discipline_issuer_stays", PROBLEM_CONFLICT, "/issued_by", NULL,
     "Cơ quan ban hành đã được ghi và không đổi; nếu ghi sai, hãy hủy bản ghi (\"ANNULLED\") và ghi lại.",
     "The issuer is recorded and stays: where it is wrong, annul this record (\"ANNULLED\") and record the decision "
     "anew."},
    {0},
};
