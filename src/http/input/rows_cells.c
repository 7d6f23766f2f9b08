// One cell of a file as the member of a JSON body that it stands for.
#include "http/input/private.h"

#include "thidua/identifier.h"

#include <stdlib.h>
#include <string.h>

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
    bool valid = guards && utf8_is_valid(text, strlen(text)); // else check_text() refuses it
    return valid && is_formula(text + guards) ? text + 1 : text;
}

static bool is_text(const struct field *field)
{
    return field->type == FIELD_TEXT || field->type == FIELD_LINE || field->type == FIELD_NUMBER_SYMBOL;
}

// What the spreadsheet knows of the cell already. False with a violation.
static bool kind_fits(const struct rows_reader *reader, const struct field *field, const struct sheet_cell *cell,
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

static const char *read_cell(const struct rows_reader *reader, const struct field *field, const struct sheet_cell *cell,
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
static json_t *read_list_cell(const struct rows_reader *reader, const struct field *field,
                              const struct sheet_cell *cell, const char *pointer)
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
    int64_t count = 0;
    for (; *text && count <= field->most; text += text[0] != '\0') { // a cell may hold a million of them
        size_t length = strcspn(text, ";\n"), blank = strspn(text, " \t\r");
        const char *part = text;
        text += length;
        if (blank >= length || ++count > field->most)
            continue;
        part = arena_copy(&request->arena, part, length);
        const char *clean = check_text(request, field->item, part, length, pointer, PROBLEM_INVALID);
        if (clean)
            json_array_append_new(values, json_string(clean));
    }
    if (count > field->most)
        violate(request, PROBLEM_INVALID, pointer, "count",
                say(request, "Nhiều nhất %lld giá trị, cách nhau bằng dấu chấm phẩy.",
                    "At most %lld values, separated by semicolons.", (long long)field->most));
    return values;
}

void take_cell(const struct rows_reader *reader, const struct field *field, const struct sheet_cell *cell, size_t row,
               json_t *object)
{
    struct request *request = reader->request;
    const char *pointer = arena_format(&request->arena, "/rows/%zu/%s", row, field->name);
    if (!cell && field->required)
        violate(request, PROBLEM_INVALID, pointer, "required",
                say(request, "Thiếu giá trị bắt buộc.", "This value is required."));
    if (cell && field->type == FIELD_LIST) {
        json_object_set_new(object, field->name, read_list_cell(reader, field, cell, pointer));
        return;
    }
    const char *clean = cell ? read_cell(reader, field, cell, pointer) : NULL;
    if (clean)
        json_object_set_new(object, field->name, value_of(field, clean));
}
