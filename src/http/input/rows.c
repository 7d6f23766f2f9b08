#include "http/input/private.h"

#include "http/input/media_type.h"
#include "http/route.h"

// ---- rows ----

static size_t faults_so_far(const struct request *request)
{
    return request->problem.violations_count + request->problem.violations_left_out;
}

static void take_row(struct rows_reader *reader, size_t first, size_t end, json_t *object)
{
    struct request *request = reader->request;
    const struct sheet_cell *cells[SHEET_COLUMNS_MAX] = {NULL};
    size_t row = reader->sheet.cells[first].row;
    const char *pointer = arena_format(&request->arena, "/rows/%zu", row);
    for (size_t i = first; i < end; i++) {
        const struct sheet_cell *cell = &reader->sheet.cells[i];
        if (cell->column >= reader->width) { // what stands in the others may be shifted
            violate(request, PROBLEM_INVALID, pointer, "columns",
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
        if (reader->columns[column].field)
            take_cell(reader, reader->columns[column].field, cells[column], row, object);
    days_in_order(request, reader->fields, object, pointer);
}

// What checking a row takes is given back, unless a fault that is named keeps it.
static void add_row(struct rows_reader *reader, size_t first, size_t end)
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

static bool check_size(const struct rows_reader *reader)
{
    struct request *request = reader->request;
    if (reader->sheet.rows < 2)
        return violate(request, PROBLEM_INVALID, "/rows", "count",
                       say(request, "Tệp không có dòng dữ liệu nào.", "The file has no rows of data."));
    if (reader->sheet.cut || reader->sheet.rows > SHEET_ROWS_MAX + 1)
        return violate(
            request, PROBLEM_INVALID, "/rows", "count",
            say(request, "Nhiều nhất %d dòng; hãy chia tệp.", "At most %d rows: split the file.", SHEET_ROWS_MAX));
    return true;
}

// ---- the file ----

static void release_sheet(void *thing)
{
    sheet_free(thing);
}

static bool read_sheet(struct rows_reader *reader)
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
    if (workbook && sheet->count)
        keep_view(reader);
    return true;
}

bool read_rows(struct request *request, const struct field *fields, heading_lists headings)
{
    struct rows_reader *reader = arena_new(&request->arena, struct rows_reader);
    *reader = (struct rows_reader){.request = request, .fields = fields, .headings = headings, .rows = json_array()};
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
