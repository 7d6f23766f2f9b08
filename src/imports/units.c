// The import of units, entered as a whole: parents may stand below their children. A statement names what is wrong with
// the rows, and another one enters them.
#include "imports/imports.h"

#include "base/pure/labels.h"
#include "handler/run.h"
#include "http/input/rows.h"
#include "imports/imports.sql.h"
#include "units/units.h"

#include <stdlib.h>
#include <string.h>

static const struct field unit_fields[] = {
    PASSED("id", FIELD_UUID),
    PASSED("codes", FIELD_LINE, .most = 200),
    PASSED("gso_code", FIELD_LINE, .most = 35),
    PASSED("agency_code", FIELD_LINE, .most = 35),
    PASSED("agency_legacy_code", FIELD_LINE, .most = 35),
    PASSED("name", FIELD_LINE, .required = true, .most = 200),
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = unit_kinds),
    PASSED("parent_id", FIELD_UUID),
    PASSED("parent_gso_code", FIELD_LINE, .most = 35),
    PASSED("parent_agency_code", FIELD_LINE, .most = 35),
    PASSED("valid_from", FIELD_DATE, .required = true),
    PASSED("valid_to", FIELD_DATE, .not_before = "valid_from"),
    PASSED("legal_basis", FIELD_TEXT, .names_document = true),
    {0},
};

static const struct column unit_headings[] = {
    {"Mã số", "Codes", "codes"},
    {"Mã đơn vị", "Unit id", "id"},
    {0},
};
static const struct column *const units_headings[] = {unit_headings, naming_headings, unit_columns, NULL};

static const struct {
    const char *code, *vi, *en;
} reasons[] = {
    {"form", "Mã không đúng dạng: mã của Tổng cục Thống kê có 2, 3 hoặc 5 chữ số; mã định danh cơ quan như H10.58.",
     "The code does not have its form: a code of the General Statistics Office has 2, 3 or 5 digits, that of an agency "
     "is as H10.58."},
    {"exists", "Đã có đơn vị mang mã đơn vị này; tệp không ghi đè. Hãy bỏ dòng, hoặc bỏ mã đơn vị.",
     "A unit of this id is known, and an import changes nothing that exists: take the row out, or its id."},
    {"repeated", "Mã này đã có ở một dòng phía trên.", "An earlier row has this code already."},
    {"taken", "Từ ngày này, mã đang hoặc sẽ thuộc một đơn vị đã có.",
     "From that day on, a known unit holds this code."},
    {"no_parent", "Vào ngày \"valid_from\", không đơn vị nào mang mã này, cả trong tệp lẫn trong hệ thống.",
     "On \"valid_from\", no unit holds this code, neither in the file nor among the known ones."},
    {"unit_parent_ends",
     "Đơn vị cấp trên kết thúc trước đơn vị này. Hãy nêu \"valid_to\" không muộn hơn, hoặc chọn cấp trên khác.",
     "The parent ends before this unit does: give a \"valid_to\" no later than that, or another parent."},
    {"two_parents", "Các mã cấp trên chỉ các đơn vị khác nhau.", "The row's parents are different units."},
    {"twice",
     "Đã có đơn vị cùng tên, loại và cấp trên, ở một dòng phía trên hoặc trong hệ thống. Nếu đúng là đơn vị khác, gửi "
     "lại "
     "với \"confirm_duplicate\" là true.",
     "A unit of this name, kind and parent stands in an earlier row or is known. If this is another one, send the file "
     "again with \"confirm_duplicate\" as true."},
    {"circle", "Chuỗi cấp trên quay lại chính đơn vị này.", "The chain of parents leads back to itself."},
    {"invalid", "Dữ liệu không hợp lệ.", "Invalid data."}, // last: for a reason without words
};

static const char *words_of(const struct request *request, const char *code)
{
    size_t i = 0;
    while (i + 1 < sizeof reasons / sizeof *reasons && strcmp(reasons[i].code, code) != 0)
        i++;
    return request->language == ENGLISH ? reasons[i].en : reasons[i].vi;
}

// The caller knows of the twins in the file.
static bool is_confirmed(const struct request *request)
{
    const char *asked = query_value(request, "confirm_duplicate");
    return asked && strcmp(asked, "true") == 0;
}

// ---- codes of a list as one cell: "GSO: 25195; AGENCY: H10.58" ----

static const struct {
    const char *name, *column;
} schemes[] = {
    {"GSO", "gso_code"},
    {"AGENCY", "agency_code"},
    {"AGENCY_LEGACY", "agency_legacy_code"},
};

// By its code, or as our tables show it in either language.
static bool is_scheme(const char *scheme, const char *text, size_t length)
{
    const char *const names[] = {scheme, label_of("CodeScheme", scheme, false), label_of("CodeScheme", scheme, true)};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0)
            return true;
    return false;
}

// One of them into the column of its scheme. False where it is none, or the column says something else.
static bool spread_one(json_t *row, const char *text, size_t length)
{
    size_t name = strcspn(text, ":");
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (length <= name || !is_scheme(schemes[i].name, text, name))
            continue;
        const char *code = text + name + 1 + strspn(text + name + 1, " ");
        json_t *value = json_stringn(code, length - (size_t)(code - text));
        const json_t *given = json_object_get(row, schemes[i].column);
        bool fits = value && (!given || json_equal(given, value));
        json_object_set_new(row, schemes[i].column, value);
        return fits;
    }
    return false;
}

static bool spread_codes(json_t *row, const char *codes)
{
    bool good = true;
    while (*codes) {
        size_t length = strcspn(codes, ";");
        good &= spread_one(row, codes, length);
        codes += length;
        codes += strspn(codes, "; ");
    }
    return good;
}

static bool read_units(struct request *request)
{
    size_t i;
    json_t *row;
    if (!read_rows(request, unit_fields, units_headings))
        return false;
    json_array_foreach(request->json, i, row)
    {
        const char *codes = json_string_value(json_object_get(row, "codes"));
        if (!codes || spread_codes(row, codes))
            continue;
        row_fault(request, json_integer_value(json_object_get(row, "row")), "codes", "codes",
                  say(request, "Viết như \"GSO: 25195; AGENCY: H10.58\", và không trái với các cột mã khác.",
                      "Write it as \"GSO: 25195; AGENCY: H10.58\", and not against the other columns of codes."));
        json_object_set_new(row, "bad", json_true());
    }
    char *text = json_dumps(request->json, JSON_COMPACT);
    defer_free(request, text);
    request->body_json = text;
    return true;
}

// The column of the file in which the value stood.
static const char *column_sent(const struct request *request, const struct import_units_check *wrong)
{
    size_t i;
    const json_t *row;
    json_array_foreach(request->json, i, row)
    {
        if (json_integer_value(json_object_get(row, "row")) != wrong->row)
            continue;
        for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
            if (strcmp(schemes[k].column, wrong->name) == 0 && json_object_get(row, "codes"))
                return "codes";
    }
    return wrong->name;
}

static bool units_fit(struct request *request, struct session *session)
{
    const struct import_units_check *wrong;
    size_t count;
    struct problem faults = set_faults_aside(request);
    if (!import_units_check(request, session, request->body_json, is_confirmed(request), &wrong, &count))
        return false;
    request->problem = faults;
    for (size_t i = 0; i < count; i++)
        row_fault(request, wrong[i].row, column_sent(request, &wrong[i]), wrong[i].reason,
                  words_of(request, wrong[i].reason));
    if (count) // those that were not fetched
        request->problem.violations_left_out += (size_t)wrong[0].total - count;
    return no_faults(request);
}

static bool record_units(struct request *request, struct session *session, const struct import_units_enter *made,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!record(request, session,
                    (struct event){.type = "unit.created",
                                   .resource = made[i].resource,
                                   .unit_id = made[i].id,
                                   .after = made[i].json}))
            return false;
    return true;
}

static bool report_units(struct request *request, struct session *session, const struct import_units_enter *made,
                         size_t count, const char **ret_report)
{
    struct import_report report;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("[s, s]", made[i].id, made[i].codes));
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    bool good = import_report(request, session, "units", request->dry_run, text ? text : "[]", &report);
    free(text);
    *ret_report = good ? report.json : NULL;
    return good;
}

bool import_units(struct request *request, struct session *session, const char **ret_report)
{
    const struct import_units_enter *made;
    size_t count;
    return read_units(request) && import_units_hold(request, session) && units_fit(request, session) &&
           import_units_enter(request, session, request->body_json, &made, &count) &&
           record_units(request, session, made, count) && report_units(request, session, made, count, ret_report);
}
