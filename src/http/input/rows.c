#include "http/input/rows.h"

#include "http/input/media_type.h"
#include "http/request.h"
#include "http/route.h"

#include <stdlib.h>
#include <string.h>

struct place {
    const struct field *field; // NULL: unknown, passed over, or without a heading
    bool headed;
};

// Of a workbook, until the request ends.
struct rows_view {
    const char *sheet; // as a formula names it
    const struct place *places;
    size_t heading_row;
};

struct reader {
    struct request *request;
    const struct field *fields;
    heading_lists headings;
    struct sheet sheet;
    struct place places[SHEET_COLUMNS_MAX];
    size_t width;    // the columns with a heading, and those between them
    bool vietnamese; // some heading is Vietnamese
    json_t *rows;
};

static void wrong_rows(const struct reader *reader, const char *pointer, const char *code, const char *words)
{
    violate(reader->request, PROBLEM_INVALID, pointer, code, words);
}

static const char *column_letters(struct request *request, size_t column)
{
    const char *text = "";
    for (column++; column; column = (column - 1) / 26)
        text = arena_format(&request->arena, "%c%s", (char)('A' + (column - 1) % 26), text);
    return text;
}

// ---- headings ----

enum heading { HEADING_UNKNOWN, HEADING_NAME, HEADING_VIETNAMESE, HEADING_ENGLISH };

static const struct field *field_named_rows(const struct field *fields, const char *name)
{
    while (fields->name && strcmp(fields->name, name) != 0)
        fields++;
    return fields->name ? fields : NULL;
}

// The field that a heading means; NULL with a known heading where it is of a column that is passed over.
static enum heading heading_read(const struct field *fields, heading_lists lists, const char *text,
                                 const struct field **ret_field)
{
    for (const struct field *field = fields; field->name; field++)
        if (texts_alike(field->name, text)) {
            *ret_field = field;
            return HEADING_NAME;
        }
    *ret_field = NULL;
    for (; lists && *lists; lists++)
        for (const struct column *column = *lists; column->member; column++) {
            bool vietnamese = texts_alike(column->vi, text);
            if (!vietnamese && !texts_alike(column->en, text))
                continue;
            *ret_field = field_named_rows(fields, column->member);
            return vietnamese ? HEADING_VIETNAMESE : HEADING_ENGLISH;
        }
    return HEADING_UNKNOWN;
}

static bool knows_heading(void *context, const char *text, size_t length)
{
    const struct reader *reader = context;
    const struct field *field;
    char heading[256];
    if (length == 0 || length >= sizeof heading || memchr(text, '\0', length))
        return false;
    memcpy(heading, text, length);
    heading[length] = '\0';
    return heading_read(reader->fields, reader->headings, heading, &field) != HEADING_UNKNOWN;
}

static const char *known_columns(const struct reader *reader)
{
    const char *text = "";
    for (const struct field *field = reader->fields; field->name; field++)
        text = arena_format(&reader->request->arena, "%s%s\"%s\"", text, *text ? ", " : "", field->name);
    return text;
}

static bool already_there(const struct reader *reader, const struct field *field)
{
    for (size_t i = 0; i < reader->width; i++)
        if (reader->places[i].field == field)
            return true;
    return false;
}

static void take_heading(struct reader *reader, const struct sheet_cell *cell)
{
    struct request *request = reader->request;
    const struct field *field;
    const char *pointer = arena_format(&request->arena, "/header/%u", (unsigned)cell->column);
    enum heading heading = heading_read(reader->fields, reader->headings, sheet_text(&reader->sheet, cell), &field);
    if (heading == HEADING_UNKNOWN || cell->column >= SHEET_COLUMNS_MAX) {
        wrong_rows(reader, pointer, "unknown",
                   say(request, "Không có cột này. Các cột: %s; cách nhau bằng dấu phẩy, chấm phẩy hoặc tab trong CSV.",
                       "There is no such column. The columns: %s; separated by commas, semicolons or tabs in CSV.",
                       known_columns(reader)));
        return;
    }
    reader->vietnamese |= heading == HEADING_VIETNAMESE;
    if (field && already_there(reader, field))
        wrong_rows(reader, pointer, "repeated", say(request, "Cột xuất hiện hai lần.", "The column appears twice."));
    reader->places[cell->column] = (struct place){field, true};
    reader->width = cell->column + 1;
}

// Data under no heading would be lost.
static void find_unheaded(struct reader *reader, size_t first)
{
    bool named[SHEET_COLUMNS_MAX] = {false};
    struct request *request = reader->request;
    for (size_t i = first; i < reader->sheet.count; i++) {
        size_t column = reader->sheet.cells[i].column;
        if (column >= reader->width || reader->places[column].headed || named[column])
            continue;
        named[column] = true;
        wrong_rows(reader, arena_format(&request->arena, "/header/%zu", column), "unnamed",
                   say(request, "Cột %s có dữ liệu mà không có tiêu đề; hãy đặt tiêu đề hoặc xóa cột.",
                       "Column %s holds something and has no heading: name it, or delete it.",
                       column_letters(request, column)));
    }
}

// Returns the number of its cells: the first row that holds something is the heading.
static size_t read_headings(struct reader *reader)
{
    const struct sheet *sheet = &reader->sheet;
    size_t count = 0;
    for (; count < sheet->count && sheet->cells[count].row == sheet->cells[0].row; count++)
        take_heading(reader, &sheet->cells[count]);
    for (const struct field *field = reader->fields; field->name && count; field++)
        if (field->required && !already_there(reader, field))
            wrong_rows(reader, arena_format(&reader->request->arena, "/header/%s", field->name), "required",
                       say(reader->request, "Thiếu cột bắt buộc.", "This column is required."));
    find_unheaded(reader, count);
    return count;
}

// ---- cells ----

// As a JSON body would hold it.
static json_t *value_of(const struct field *field, const char *clean)
{
    if (field->type == FIELD_BOOLEAN)
        return json_boolean(strcmp(clean, "true") == 0);
    if (field->type == FIELD_INTEGER)
        return json_integer(strtoll(clean, NULL, 10));
    return json_string(clean);
}

// Our tables write an apostrophe before what a spreadsheet would run as a formula (handler/table/table.h).
static const char *unguarded(const char *text)
{
    size_t guards = strspn(text, "'");
    return guards && is_formula(text + guards) ? text + 1 : text;
}

static bool is_text(const struct field *field)
{
    return field->type == FIELD_TEXT || field->type == FIELD_LINE || field->type == FIELD_NUMBER_SYMBOL;
}

// What the spreadsheet knows of the cell already. False with a violation.
static bool kind_fits(const struct reader *reader, const struct field *field, const struct sheet_cell *cell,
                      const char *pointer)
{
    struct request *request = reader->request;
    const char *text = sheet_text(&reader->sheet, cell);
    if (cell->kind == SHEET_ERROR && !*text)
        return violate(
            request, PROBLEM_INVALID, pointer, "formula",
            say(request,
                "Công thức chưa có giá trị; hãy mở tệp bằng chương trình bảng tính và lưu lại, hoặc dán giá trị.",
                "The formula has no stored value: open the file in a spreadsheet and save it, or paste values."));
    if (cell->kind == SHEET_ERROR)
        return violate(request, PROBLEM_INVALID, pointer, "error_value",
                       say(request, "Ô có lỗi %s; hãy sửa công thức hoặc nhập giá trị.",
                           "The cell shows the error %s: correct the formula, or enter the value.", text));
    if (cell->kind == SHEET_DATE && is_text(field))
        return violate(request, PROBLEM_INVALID, pointer, "date_in_text",
                       say(request, "Bảng tính đã đổi ô này thành ngày %s; hãy định dạng ô là văn bản rồi nhập lại.",
                           "The spreadsheet made the day %s of this cell: format it as text and enter it again.",
                           text));
    return true;
}

static const char *read_cell(const struct reader *reader, const struct field *field, const struct sheet_cell *cell,
                             const char *pointer)
{
    struct request *request = reader->request;
    if (!kind_fits(reader, field, cell, pointer))
        return NULL;
    const char *text = sheet_text(&reader->sheet, cell);
    size_t length = cell->length, before = request->problem.violations_count;
    bool whole = strlen(text) == length; // else it holds a NUL, which check_text() refuses
    if (whole && cell->kind != SHEET_NUMBER && cell->kind != SHEET_DATE)
        text = cell_form(request, field, reader->vietnamese, unguarded(text), pointer);
    else if (whole && cell->kind == SHEET_DATE && field->type == FIELD_INSTANT)
        text = instant_of_cell(request, text);
    if (!text)
        return NULL;
    const char *clean = check_text(request, field, text, whole ? strlen(text) : length, pointer, PROBLEM_INVALID);
    if (request->problem.violations_count > before)
        tell_forms(request, field);
    return clean;
}

// Several values in one cell, as our tables join them: "Báo cáo số 1; Biên bản số 2".
static json_t *read_list_cell(const struct reader *reader, const struct field *field, const struct sheet_cell *cell,
                              const char *pointer)
{
    struct request *request = reader->request;
    const char *text = unguarded(sheet_text(&reader->sheet, cell));
    json_t *values = json_array();
    if (!kind_fits(reader, field->item, cell, pointer))
        return values;
    if (strlen(sheet_text(&reader->sheet, cell)) != cell->length) { // it holds a NUL, which check_text() refuses
        check_text(request, field->item, text, cell->length, pointer, PROBLEM_INVALID);
        return values;
    }
    for (; *text; text += text[0] != '\0') {
        size_t length = strcspn(text, ";\n");
        const char *part = arena_copy(&request->arena, text, length);
        const char *clean = part[strspn(part, " \t\r")]
                                ? check_text(request, field->item, part, length, pointer, PROBLEM_INVALID)
                                : NULL;
        if (clean)
            json_array_append_new(values, json_string(clean));
        text += length;
    }
    if ((int64_t)json_array_size(values) > field->most)
        wrong_rows(reader, pointer, "count",
                   say(request, "Nhiều nhất %lld giá trị, cách nhau bằng dấu chấm phẩy.",
                       "At most %lld values, separated by semicolons.", (long long)field->most));
    return values;
}

static void take_cell(const struct reader *reader, const struct field *field, const struct sheet_cell *cell, size_t row,
                      json_t *object)
{
    struct request *request = reader->request;
    const char *pointer = arena_format(&request->arena, "/rows/%zu/%s", row, field->name);
    if (!cell && field->required)
        wrong_rows(reader, pointer, "required", say(request, "Thiếu giá trị bắt buộc.", "This value is required."));
    if (cell && field->type == FIELD_LIST) {
        json_object_set_new(object, field->name, read_list_cell(reader, field, cell, pointer));
        return;
    }
    const char *clean = cell ? read_cell(reader, field, cell, pointer) : NULL;
    if (clean)
        json_object_set_new(object, field->name, value_of(field, clean));
}

// ---- rows ----

static size_t faults_so_far(const struct request *request)
{
    return request->problem.violations_count + request->problem.violations_left_out;
}

static void take_row(struct reader *reader, size_t first, size_t end, json_t *object)
{
    struct request *request = reader->request;
    const struct sheet_cell *cells[SHEET_COLUMNS_MAX] = {NULL};
    size_t row = reader->sheet.cells[first].row;
    const char *pointer = arena_format(&request->arena, "/rows/%zu", row);
    for (size_t i = first; i < end; i++) {
        const struct sheet_cell *cell = &reader->sheet.cells[i];
        if (cell->column >= reader->width) { // what stands in the others may be shifted
            wrong_rows(
                reader, pointer, "columns",
                say(request,
                    "Dòng có ô nằm ngoài %zu cột có tiêu đề; hãy xóa ô đó, hoặc đặt trong ngoặc kép ô có chứa dấu "
                    "phân cách.",
                    "A cell of the row stands outside of the %zu columns with a heading: delete it, or put a cell "
                    "that contains the separator in quotation marks.",
                    reader->width));
            return;
        }
        cells[cell->column] = cell;
    }
    for (size_t column = 0; column < reader->width; column++)
        if (reader->places[column].field)
            take_cell(reader, reader->places[column].field, cells[column], row, object);
    days_in_order(request, reader->fields, object, pointer);
}

// What checking a row takes is given back, unless a fault that is named keeps it.
static void add_row(struct reader *reader, size_t first, size_t end)
{
    struct request *request = reader->request;
    const struct deferred *kept = request->deferred;
    struct arena_mark mark = arena_mark(&request->arena);
    size_t named = request->problem.violations_count, faults = faults_so_far(request);
    json_t *object = json_object();
    take_row(reader, first, end, object);
    if (faults_so_far(request) > faults)
        json_object_set_new(object, "bad", json_true());
    json_object_set_new(object, "row", json_integer((json_int_t)reader->sheet.cells[first].row));
    json_array_append_new(reader->rows, object);
    if (request->problem.violations_count == named) {
        release_deferred(request, kept);
        arena_rewind(&request->arena, mark);
    }
}

static bool check_size(const struct reader *reader)
{
    struct request *request = reader->request;
    if (reader->sheet.rows < 2) {
        wrong_rows(reader, "/rows", "count",
                   say(request, "Tệp không có dòng dữ liệu nào.", "The file has no rows of data."));
        return false;
    }
    if (reader->sheet.cut || reader->sheet.rows > SHEET_ROWS_MAX + 1) {
        wrong_rows(
            reader, "/rows", "count",
            say(request, "Nhiều nhất %d dòng; hãy chia tệp.", "At most %d rows: split the file.", SHEET_ROWS_MAX));
        return false;
    }
    return true;
}

// ---- the file ----

static void release_sheet(void *thing)
{
    sheet_free(thing);
}

// A formula names 'Trang tính 1'!A1 so.
static const char *quoted_name(struct request *request, const char *name)
{
    if (!name[strcspn(name, " !\"#$%&'()*+,-/:;<=>?@[\\]^`{|}~")])
        return arena_text(&request->arena, name);
    const char *text = "'";
    for (; *name; name += *name == '\'') {
        size_t length = strcspn(name, "'");
        text = arena_format(&request->arena, "%s%.*s%s", text, (int)length, name, name[length] ? "''" : "");
        name += length;
    }
    return arena_format(&request->arena, "%s'", text);
}

static bool read_sheet(struct reader *reader)
{
    struct request *request = reader->request;
    struct sheet *sheet = &reader->sheet;
    const char *bytes = request->body ? request->body : "";
    size_t length = request->body ? request->body_length : 0;
    bool workbook = length && media_type_is(request->content_type, XLSX_TYPE);
    defer(request, release_sheet, sheet);
    if (!(workbook ? sheet_read_workbook(sheet, bytes, length)
                   : sheet_read_text(sheet, bytes, length, knows_heading, reader)))
        return refuse_file(request, sheet);
    if (workbook && sheet->count) {
        struct rows_view *view = arena_new(&request->arena, struct rows_view);
        *view = (struct rows_view){quoted_name(request, sheet->name), reader->places, sheet->cells[0].row};
        request->rows_view = view;
    }
    return true;
}

bool read_rows(struct request *request, const struct field *fields, heading_lists headings)
{
    struct reader *reader = arena_new(&request->arena, struct reader);
    *reader = (struct reader){.request = request, .fields = fields, .headings = headings, .rows = json_array()};
    request->rows_view = NULL;
    request->json = defer_json(request, reader->rows);
    if (!read_sheet(reader))
        return false;
    const struct sheet *sheet = &reader->sheet;
    size_t first = read_headings(reader), end;
    if (!check_size(reader) || request->problem.kind != PROBLEM_NONE)
        return false;
    for (; first < sheet->count; first = end) {
        for (end = first; end < sheet->count && sheet->cells[end].row == sheet->cells[first].row; end++)
            ;
        add_row(reader, first, end);
    }
    char *text = json_dumps(reader->rows, JSON_COMPACT);
    defer_free(request, text);
    request->body_json = text;
    return true;
}

// ---- cells of workbooks ----

static const char *cell_of(struct request *request, const struct rows_view *view, const char *pointer)
{
    char *rest;
    if (strncmp(pointer, "/header/", 8) == 0) {
        size_t column = strtoul(pointer + 8, &rest, 10);
        return rest > pointer + 8 && !*rest ? arena_format(&request->arena, "%s!%s%zu", view->sheet,
                                                           column_letters(request, column), view->heading_row)
                                            : NULL;
    }
    if (strncmp(pointer, "/rows/", 6) != 0)
        return NULL;
    size_t row = strtoul(pointer + 6, &rest, 10);
    for (size_t i = 0; i < SHEET_COLUMNS_MAX && *rest == '/'; i++)
        if (view->places[i].field && strcmp(view->places[i].field->name, rest + 1) == 0)
            return arena_format(&request->arena, "%s!%s%zu", view->sheet, column_letters(request, i), row);
    return arena_format(&request->arena, "%s!%zu:%zu", view->sheet, row, row);
}

void name_cells(struct request *request)
{
    struct problem *problem = &request->problem;
    for (size_t i = 0; request->rows_view && i < problem->violations_count; i++)
        problem->violations[i].cell = cell_of(request, request->rows_view, problem->violations[i].pointer);
}
