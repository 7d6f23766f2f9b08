// Imports: many rows as CSV, all or nothing, every bad row named.
//
// A kind of import is a row of `kinds`: who may, its columns, and the code of its single write (rows.c). Units alone
// are entered as a whole (units.c).
#include "imports/imports.h"

#include "discipline/discipline.h"
#include "handler/feature.h"
#include "handler/run.h"
#include "http/input/rows.h"
#include "initiatives/initiatives.h"
#include "rounds/round.h"
#include "scores/scores.h"
#include "units/units.h"

#include <string.h>

// Headings beside those of the lists, for files that people make.
const struct column naming_headings[] = {
    {"Mã GSO", "GSO code", "gso_code"},
    {"Mã định danh", "Agency code", "agency_code"},
    {"Mã định danh cũ", "Former agency code", "agency_legacy_code"},
    {"Mã GSO cấp trên", "Parent GSO code", "parent_gso_code"},
    {"Mã định danh cấp trên", "Parent agency code", "parent_agency_code"},
    {"Mã số", "Codes", "codes"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};
static const struct column score_headings[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Bộ tiêu chí", "Frame", "frame"},
    {"Mã tiêu chí", "Criterion", "code"},
    {"Áp dụng", "Applies", "applies"},
    {"Điểm tự chấm", "Self points", "self_points"},
    {"Tài liệu kiểm chứng", "Self proof", "self_proof"},
    {"Giải trình", "Self explanation", "self_explanation"},
    {"Điểm thẩm định", "Appraised points", "appraised_points"},
    {"Ý kiến thẩm định", "Comment", "comment"},
    {"Điểm điều tra", "Survey points", "survey_points"},
    {0},
};
static const struct column recognition_headings[] = {
    {"Mã sáng kiến", "Initiative id", "initiative_id"},
    {"Tên", "Title", "title"},
    {"Hội đồng", "Council", "council"},
    {"Kết quả", "Outcome", "outcome"},
    {"Ngày công nhận", "Recognised on", "recognised_on"},
    {"Số quyết định", "Decision number", "decision_number"},
    {"Phạm vi ảnh hưởng", "Scope", "scope"},
    {"Lý do", "Reason", "reason"},
    {0},
};
static const struct column version_headings[] = {{"Phiên bản", "Version", "version"}, {0}};
static const struct column finding_headings[] = {
    {"Nội dung", "Content", "content"},     {"Điểm", "Score", "score"},
    {"Kết quả", "Result", "result"},        {"Lý do", "Reason", "reason"},
    {"Minh chứng", "Evidence", "evidence"}, {0},
};
static const struct column succession_headings[] = {
    {"Mã đơn vị trước", "Predecessor id", "unit_id"},
    {"Mã đơn vị sau", "Successor id", "successor_unit_id"},
    {"Mã GSO đơn vị sau", "Successor GSO code", "successor_gso_code"},
    {"Mã định danh đơn vị sau", "Successor agency code", "successor_agency_code"},
    {"Mã định danh cũ đơn vị sau", "Successor former agency code", "successor_agency_legacy_code"},
    {"Chuyển cấp dưới về", "Move children to", "move_children_to"},
    {"Chuyển cấp dưới về mã GSO", "Move children to GSO code", "move_children_to_gso_code"},
    {"Chuyển cấp dưới về mã định danh", "Move children to agency code", "move_children_to_agency_code"},
    {"Chuyển cấp dưới về mã định danh cũ", "Move children to former agency code",
     "move_children_to_agency_legacy_code"},
    {0},
};
// Who comes after is known by codes from the day on which it comes after.
#define NAMED_THEN(name, id_column)                                                                                    \
    {                                                                                                                  \
        id_column, {name "_gso_code", name "_agency_code", name "_agency_legacy_code"}, "effective_on"                 \
    }
static const struct import_unit succession_units[] = {
    NAMED_THEN("successor", "successor_unit_id"), NAMED_THEN("move_children_to", "move_children_to"), {0}};
static const struct column *const findings_headings[] = {version_headings, naming_headings, finding_headings,
                                                         finding_columns, NULL};
static const struct column *const reports_headings[] = {version_headings, naming_headings, report_columns, NULL};
static const struct column *const discipline_headings[] = {naming_headings, discipline_columns, NULL};
static const struct column *const successions_headings[] = {version_headings, succession_headings, naming_headings,
                                                            succession_columns, NULL};
static const struct column group_headings[] = {{"Nhóm", "Group", "group"}, {0}};
static const struct column *const contestants_headings[] = {group_headings, naming_headings, contestant_columns, NULL};
static const struct column *const scores_headings[] = {naming_headings, score_headings, NULL};
static const struct column *const initiatives_headings[] = {naming_headings, initiative_columns, NULL};
static const struct column *const recognitions_headings[] = {recognition_headings, NULL};

static const char *const frame_column[] = {"frame", NULL};
static const char *const unit_once[] = {"unit_id", NULL};
static const char *const recognition_once[] = {"initiative_id", "council", NULL};

static const struct field recognition_subject[] = {
    PASSED("initiative_id", FIELD_UUID, .required = true),
    {0},
};

static const struct import_kind kinds[] = {
    {.name = "units", .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS, .needs = TAKES_CONFIRMATION, .location = "/v1/units"},
    {.name = "contestants",
     .roles = ROLE_HOME_AFFAIRS,
     .needs = NEEDS_CAMPAIGN | NEEDS_YEAR | TAKES_DAY,
     .headings = contestants_headings,
     .subject = unit_naming,
     .fields = contestant_fields,
     .once = unit_once,
     .worded = "group",
     .duty = &contestant_duty,
     .ready = contestants_listable,
     .enter = contestant_listed,
     .location = "/v1/campaigns"},
    {.name = "self_scores",
     .roles = ROLE_UNIT,
     .needs = NEEDS_YEAR | TAKES_DAY,
     .headings = scores_headings,
     .subject = unit_naming,
     .fields = self_leaf_fields,
     .shared = "leaves",
     .common = frame_column,
     .enter = self_scores_listed,
     .location = "/v1/scores"},
    {.name = "appraised_scores",
     .roles = ROLE_HOME_AFFAIRS,
     .needs = NEEDS_YEAR | TAKES_DAY,
     .headings = scores_headings,
     .subject = unit_naming,
     .fields = appraised_leaf_fields,
     .shared = "leaves",
     .duty = &appraisal_duty,
     .enter = appraised_scores_listed,
     .location = "/v1/scores"},
    {.name = "initiatives",
     .roles = ROLE_UNIT,
     .needs = TAKES_DAY,
     .headings = initiatives_headings,
     .subject = unit_naming,
     .fields = initiative_fields,
     .enter = initiative_listed,
     .location = "/v1/initiatives"},
    {.name = "recognitions",
     .roles = ROLE_INITIATIVE_COUNCIL | ROLE_HOME_AFFAIRS,
     .headings = recognitions_headings,
     .subject = recognition_subject,
     .fields = recognition_fields,
     .once = recognition_once,
     .duty = &recognition_duty,
     .enter = recognition_listed,
     .location = "/v1/initiatives"},
    {.name = "findings",
     .roles = ROLE_HOME_AFFAIRS,
     .needs = NEEDS_CAMPAIGN | NEEDS_YEAR | TAKES_DAY,
     .headings = findings_headings,
     .subject = unit_naming,
     .fields = content_fields,
     .shared = "contents",
     .versions = true,
     .duty = &finding_duty,
     .ready = findings_listable,
     .enter = finding_listed,
     .together = &findings_together,
     .location = "/v1/campaigns"},
    {.name = "reports",
     .roles = ROLE_HOME_AFFAIRS,
     .needs = NEEDS_CAMPAIGN | NEEDS_YEAR | TAKES_DAY,
     .headings = reports_headings,
     .subject = unit_naming,
     .fields = report_fields,
     .versions = true,
     .once = unit_once,
     .duty = &report_duty,
     .ready = reports_listable,
     .enter = report_listed,
     .location = "/v1/campaigns"},
    {.name = "discipline_records",
     .roles = ROLE_HOME_AFFAIRS,
     .needs = TAKES_DAY,
     .headings = discipline_headings,
     .subject = unit_naming,
     .fields = record_columns,
     .duty = &discipline_listed_duty,
     .enter = discipline_listed,
     .location = "/v1/discipline-records"},
    {.name = "successions",
     .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS,
     .needs = TAKES_DAY,
     .headings = successions_headings,
     .subject = unit_naming,
     .fields = succession_file_fields,
     .units = succession_units,
     .versions = true,
     .in_order = true,
     .duty = &succession_duty,
     .ready = successions_listable,
     .enter = succession_listed,
     .location = "/v1/units"},
};

enum { KINDS = sizeof kinds / sizeof *kinds };
static const char *const kind_names[KINDS + 1] = {
    "units",    "contestants", "self_scores",        "appraised_scores", "initiatives", "recognitions",
    "findings", "reports",     "discipline_records", "successions",      NULL};

static const struct import_kind *kind_asked(struct request *request)
{
    const char *name = query_value(request, "kind");
    for (size_t i = 0; name && i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    violate(request, PROBLEM_INVALID_QUERY, "kind", "required",
            say(request, "Cần nêu loại dữ liệu nhập, như kind=contestants.",
                "Say what is imported, such as kind=contestants."));
    return NULL;
}

// What the kind needs must be said, and nothing else: a parameter that would mean nothing is a mistake of the caller.
static bool query_fits(struct request *request, const struct import_kind *kind)
{
    static const struct {
        const char *name;
        unsigned need;
        bool required;
    } parameters[] = {{"campaign", NEEDS_CAMPAIGN, true},
                      {"year", NEEDS_YEAR, true},
                      {"on", TAKES_DAY, false},
                      {"confirm_duplicate", TAKES_CONFIRMATION, false}};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        bool wanted = kind->needs & parameters[i].need, given = query_value(request, parameters[i].name);
        if (wanted && parameters[i].required && !given)
            violate(request, PROBLEM_INVALID_QUERY, parameters[i].name, "required",
                    say(request, "Loại dữ liệu này cần tham số đó.", "This kind of import needs the parameter."));
        if (given && !wanted)
            violate(request, PROBLEM_INVALID_QUERY, parameters[i].name, "unknown",
                    say(request, "Loại dữ liệu này không dùng tham số đó.",
                        "This kind of import does not take the parameter."));
    }
    return request->problem.kind == PROBLEM_NONE;
}

static struct reply import_rows(struct request *request, struct session *session)
{
    const struct import_kind *kind = kind_asked(request);
    const char *json;
    if (!kind)
        return refusal(request);
    if (!has_role(request, kind->roles)) {
        refuse(request, PROBLEM_FORBIDDEN, NULL);
        return refusal(request);
    }
    if (!query_fits(request, kind) ||
        !(kind->enter ? import_rows_of(request, session, kind, &json) : import_units(request, session, &json))) {
        name_cells(request);
        return refusal(request);
    }
    if (request->dry_run)
        return reply_json(request, 200, json, strlen(json));
    struct reply reply = computed(request, NULL, json); // the events of what was made are in the journal already
    reply.status = 201;
    reply.location = kind->location;
    return reply;
}

static const struct query_field import_query[] = {
    {.name = "kind", .type = FIELD_CHOICE, .choices = kind_names},
    {.name = "campaign", .type = FIELD_TEXT, .most = 64},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "on", .type = FIELD_DATE},
    {.name = "confirm_duplicate", .type = FIELD_BOOLEAN},
    {0},
};

static const struct route import_routes[] = {
    {.method = "POST",
     .path = "/v1/imports",
     .roles = ROLE_UNIT | ROLE_HOME_AFFAIRS | ROLE_INITIATIVE_COUNCIL | ROLE_ADMIN, // each kind has its own, of these
     .lane = LANE_HEAVY,
     .duty = NO_UNIT_AT_STAKE("Each row is a write of its own, and keeps the duty of the single write."),
     .act = import_rows,
     .body_kind = BODY_CSV,
     .query = import_query},
    {0},
};

const struct feature imports_feature = {.name = "imports", .routes = {import_routes}};
