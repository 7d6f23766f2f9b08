// Imports: many rows as CSV, all or nothing, every bad row named.
//
// A kind of import is a row of `kinds`: its columns, the statement that names what is wrong and the one that enters the
// rows.
#include "http/csv.h"
#include "http/route.h"
#include "service/constraints.h"
#include "service/run.h"
#include "statements.h"
#include "units/units.h"

#include <stdlib.h>
#include <string.h>

struct import_kind {
    const char *name;
    const struct field *columns;
    const struct statement *check; // $1 rows → row, column, reason: what is wrong
    const struct statement
        *enter; // $1 rows → resource, unit, codes as {scheme: code}, the resource as JSON: what was made
    const char *event;
};

static const struct field unit_columns[] = {
    PASSED("gso_code", FIELD_TEXT, .most = 35),
    PASSED("agency_code", FIELD_TEXT, .most = 35),
    PASSED("name", FIELD_TEXT, .required = true, .most = 200),
    PASSED("kind", FIELD_CHOICE, .required = true, .choices = unit_kinds),
    PASSED("parent_gso_code", FIELD_TEXT, .most = 35),
    PASSED("parent_agency_code", FIELD_TEXT, .most = 35),
    PASSED("valid_from", FIELD_DATE, .required = true),
    PASSED("legal_basis", FIELD_TEXT),
    {0},
};

static const struct import_kind kinds[] = {
    {"units", unit_columns, &import_units_check, &import_units_enter, "unit.created"},
};

enum { KINDS = sizeof kinds / sizeof *kinds };
static const char *const kind_names[KINDS + 1] = {"units", NULL};

static const struct {
    const char *code, *vi, *en;
} reasons[] = {
    {"form", "Mã không đúng dạng: GSO 2, 3 hoặc 5 chữ số; AGENCY như H10.58.",
     "The code does not have its form: GSO 2, 3 or 5 digits; AGENCY as H10.58."},
    {"repeated", "Mã này đã có ở một dòng phía trên.", "An earlier row has this code already."},
    {"taken", "Từ ngày này, mã đang hoặc sẽ thuộc một đơn vị đã có.",
     "From that day on, a known unit holds this code."},
    {"no_parent", "Vào ngày valid_from, không đơn vị nào mang mã này, cả trong tệp lẫn trong hệ thống.",
     "On valid_from, no unit holds this code, neither in the file nor among the known ones."},
    {"two_parents", "Hai mã cấp trên chỉ hai đơn vị khác nhau.", "The two parent codes mean two different units."},
    {"circle", "Chuỗi cấp trên quay lại chính đơn vị này.", "The chain of parents leads back to itself."},
    {"invalid", "Dữ liệu không hợp lệ.", "Invalid data."}, // last: for a reason without words
};

static const struct import_kind *kind_asked(struct request *request)
{
    const char *name = query_value(request, "kind");
    for (size_t i = 0; name && i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    violate(request, PROBLEM_INVALID_QUERY, "kind", "required",
            say(request, "Cần nêu loại dữ liệu nhập: kind=units.", "Say what is imported: kind=units."));
    return NULL;
}

static const char *words_of(const struct request *request, const char *code)
{
    size_t i = 0;
    while (i + 1 < sizeof reasons / sizeof *reasons && strcmp(reasons[i].code, code) != 0)
        i++;
    return request->language == ENGLISH ? reasons[i].en : reasons[i].vi;
}

static bool rows_fit(struct request *request, struct session *session, const struct import_kind *kind)
{
    struct rows *wrong;
    if (!run(request, session, *kind->check, &wrong, request->body_json))
        return false;
    for (int i = 0; i < rows_count(wrong); i++) {
        const char *code = rows_text(wrong, i, 2);
        violate(request, PROBLEM_INVALID,
                arena_format(&request->arena, "/rows/%s/%s", rows_text(wrong, i, 0), rows_text(wrong, i, 1)), code,
                words_of(request, code));
    }
    if (rows_count(wrong) >= VIOLATIONS_MAX)
        request->problem.detail =
            say(request, "Chỉ nêu %d lỗi đầu tiên.", "Only the first %d faults are named.", VIOLATIONS_MAX);
    return rows_count(wrong) == 0;
}

static bool journal_rows(struct request *request, struct session *session, const struct import_kind *kind,
                         const struct rows *made)
{
    for (int i = 0; i < rows_count(made); i++)
        if (!journal(request, session,
                     (struct journal_entry){.type = kind->event,
                                            .resource = rows_text(made, i, 0),
                                            .unit_id = rows_text(made, i, 1),
                                            .after = rows_text(made, i, 3)}))
            return false;
    return true;
}

static const char *report(struct request *request, struct session *session, const struct import_kind *kind,
                          const struct rows *made)
{
    struct rows *shown;
    json_t *list = json_array();
    for (int i = 0; i < rows_count(made); i++)
        json_array_append_new(list, json_pack("[s, s]", rows_text(made, i, 1), rows_text(made, i, 2)));
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    bool good = run_one(request, session, import_report, &shown, kind->name, request->rehearsal ? "true" : "false",
                        text ? text : "[]");
    free(text);
    return good ? rows_text(shown, 0, 0) : NULL;
}

static struct reply import_rows(struct request *request, struct session *session)
{
    const struct import_kind *kind = kind_asked(request);
    const char *json;
    struct rows *made;
    if (!kind || !read_csv(request, kind->columns) || !rows_fit(request, session, kind) ||
        !run(request, session, *kind->enter, &made, request->body_json) ||
        !journal_rows(request, session, kind, made) || !(json = report(request, session, kind, made)))
        return refusal(request);
    if (request->rehearsal)
        return reply_json(200, json, strlen(json));
    return created(request, "/v1/units", NULL, json);
}

static const struct query_field import_query[] = {
    {.name = "kind", .type = FIELD_CHOICE, .choices = kind_names},
    {0},
};

const struct route import_routes[] = {
    {.method = "POST",
     .path = "/v1/imports",
     .roles = ROLE_ADMIN | ROLE_HOME_AFFAIRS,
     .lane = LANE_HEAVY,
     .act = import_rows,
     .body_kind = BODY_CSV,
     .query = import_query},
    {0},
};
