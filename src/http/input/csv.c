#include "http/input/csv.h"

#include "http/request.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { COLUMNS_MAX = 32, BLOCK_SIZE = 4096 };

struct reader {
    struct request *request;
    const struct field *columns;
    const struct field *order[COLUMNS_MAX]; // as the header has them; NULL: unknown, and already refused
    size_t width;                           // of the header; 0: not read yet
    size_t column, row;                     // at hand
    size_t faults;                          // before the row at hand
    bool broken;                            // what the rows mean is not known
    json_t *rows, *object;
};

// Enough is wrong, or too much was sent. The rest is not read, so that a refusal has a bounded cost.
static bool stopped(const struct reader *reader)
{
    return reader->request->problem.violations_count == VIOLATIONS_MAX || json_array_size(reader->rows) > CSV_ROWS_MAX;
}

static const char *place(const struct reader *reader, const char *column)
{
    struct arena *arena = &reader->request->arena;
    return column ? arena_format(arena, "/rows/%zu/%s", reader->row, column)
                  : arena_format(arena, "/rows/%zu", reader->row);
}

static void wrong(const struct reader *reader, const char *pointer, const char *code, const char *words)
{
    violate(reader->request, PROBLEM_INVALID, pointer, code, words);
}

// ---- the header ----

static const char *known_columns(const struct reader *reader)
{
    const char *text = "";
    for (const struct field *field = reader->columns; field->name; field++)
        text = arena_format(&reader->request->arena, "%s%s%s", text, *text ? ", " : "", field->name);
    return text;
}

static bool already_there(const struct reader *reader, const struct field *field)
{
    for (size_t i = 0; i < reader->column && i < COLUMNS_MAX; i++)
        if (reader->order[i] == field)
            return true;
    return false;
}

static void take_name(struct reader *reader, const char *text, size_t length)
{
    struct request *request = reader->request;
    const struct field *field = reader->columns;
    while (field->name && (strlen(field->name) != length || memcmp(field->name, text, length) != 0))
        field++;
    const char *pointer = arena_format(&request->arena, "/header/%zu", reader->column);
    if (!field->name || reader->column >= COLUMNS_MAX)
        wrong(reader, pointer, "unknown",
              say(request, "Không có cột này. Các cột: %s, cách nhau bằng dấu phẩy.",
                  "There is no such column. The columns: %s, separated by commas.", known_columns(reader)));
    else if (already_there(reader, field))
        wrong(reader, pointer, "repeated", say(request, "Cột xuất hiện hai lần.", "The column appears twice."));
    else
        reader->order[reader->column] = field;
}

static void end_header(struct reader *reader)
{
    struct request *request = reader->request;
    reader->width = reader->column;
    for (const struct field *field = reader->columns; field->name; field++)
        if (field->required && !already_there(reader, field))
            wrong(reader, arena_format(&request->arena, "/header/%s", field->name), "required",
                  say(request, "Thiếu cột bắt buộc.", "This column is required."));
    reader->faults = request->problem.violations_count;
    reader->broken = reader->faults > 0;
}

// ---- rows ----

// A spreadsheet writes TRUE where true was read; our own tables say it in Vietnamese (handler/table/table.h).
static const char *truth(const char *text, size_t *length)
{
    static const char *const words[][2] = {{"true", "true"}, {"có", "true"}, {"false", "false"}, {"không", "false"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i][0]) == *length && strncasecmp(words[i][0], text, *length) == 0) {
            *length = strlen(words[i][1]);
            return words[i][1];
        }
    return text;
}

// As a JSON body would hold it.
static json_t *value_of(const struct field *field, const char *clean)
{
    if (field->type == FIELD_BOOLEAN)
        return json_boolean(strcmp(clean, "true") == 0);
    if (field->type == FIELD_INTEGER)
        return json_integer(strtoll(clean, NULL, 10));
    return json_string(clean);
}

static void take_cell(struct reader *reader, const char *text, size_t length)
{
    struct request *request = reader->request;
    const struct field *field = reader->column < COLUMNS_MAX ? reader->order[reader->column] : NULL;
    if (!field || reader->column >= reader->width)
        return;
    if (length == 0) {
        if (field->required)
            wrong(reader, place(reader, field->name), "required",
                  say(request, "Thiếu giá trị bắt buộc.", "This value is required."));
        return;
    }
    if (field->type == FIELD_BOOLEAN)
        text = truth(text, &length);
    const char *clean = check_text(request, field, text, length, place(reader, field->name), PROBLEM_INVALID);
    if (clean)
        json_object_set_new(reader->object, field->name, value_of(field, clean));
}

static void end_row(struct reader *reader)
{
    struct request *request = reader->request;
    if (reader->column != reader->width)
        wrong(reader, place(reader, NULL), "columns",
              say(request, "Dòng có %zu ô, dòng tiêu đề có %zu cột.",
                  "The row has %zu cells, the header has %zu columns.", reader->column, reader->width));
    days_in_order(request, reader->columns, reader->object, place(reader, NULL));
    if (request->problem.violations_count > reader->faults)
        json_object_set_new(reader->object, "bad", json_true());
    reader->faults = request->problem.violations_count;
    json_object_set_new(reader->object, "row", json_integer((json_int_t)reader->row));
    json_array_append_new(reader->rows, reader->object);
    reader->object = json_object();
}

// ---- libcsv ----

static void on_field(void *text, size_t length, void *context)
{
    struct reader *reader = context;
    if (!stopped(reader)) {
        if (reader->width)
            take_cell(reader, text, length);
        else
            take_name(reader, text, length);
    }
    reader->column++;
}

static void on_row(int end, void *context)
{
    struct reader *reader = context;
    (void)end;
    if (!stopped(reader) && reader->column) { // else a blank line: it holds no row, but counts as one
        if (reader->width)
            end_row(reader);
        else
            end_header(reader);
    }
    reader->column = 0;
    reader->row++;
}

// RFC 4180 section 2: blanks are part of a field, and libcsv strips what it takes for blanks. The carriage return of a
// line end alone is left to it; one inside a field is refused as a control character.
static int is_csv_blank(unsigned char byte)
{
    return byte == CSV_CR;
}

static int is_line_end(unsigned char byte)
{
    return byte == CSV_LF;
}

static bool parse(struct reader *reader)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    struct request *request = reader->request;
    const char *text = request->body ? request->body : "";
    size_t length = request->body ? request->body_length : 0;
    size_t skipped = length >= 3 && memcmp(text, byte_order_mark, 3) == 0 ? 3 : 0;
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_REPALL_NL) != 0)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    csv_set_space_func(&parser, is_csv_blank);
    csv_set_term_func(&parser, is_line_end);
    csv_set_blk_size(&parser, BLOCK_SIZE);
    length -= skipped;
    bool good = csv_parse(&parser, text + skipped, length, on_field, on_row, reader) == length &&
                csv_fini(&parser, on_field, on_row, reader) == 0;
    bool exhausted = csv_error(&parser) == CSV_ENOMEM;
    csv_free(&parser);
    if (exhausted)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    if (!good)
        wrong(reader, place(reader, NULL), "syntax",
              say(request,
                  "Sai RFC 4180: ô có dấu ngoặc kép phải nằm trong ngoặc kép, mỗi dấu viết hai lần, và được đóng.",
                  "Not RFC 4180: a cell with quotation marks must be closed in quotation marks, and those inside it "
                  "written twice."));
    return good;
}

// Whether its rows can be looked at further.
static bool check_size(struct reader *reader)
{
    struct request *request = reader->request;
    size_t count = json_array_size(reader->rows);
    if (count == 0 && request->problem.kind == PROBLEM_NONE)
        wrong(reader, "/rows", "count",
              say(request, "Tệp không có dòng dữ liệu nào.", "The file has no rows of data."));
    if (count > CSV_ROWS_MAX)
        wrong(reader, "/rows", "count",
              say(request, "Nhiều nhất %d dòng; hãy chia tệp.", "At most %d rows: split the file.", CSV_ROWS_MAX));
    if (request->problem.violations_count == VIOLATIONS_MAX)
        request->problem.detail =
            say(request, "Chỉ nêu %d lỗi đầu tiên.", "Only the first %d faults are named.", VIOLATIONS_MAX);
    return count > 0 && !reader->broken && !stopped(reader);
}

bool read_csv(struct request *request, const struct field *columns)
{
    struct reader reader = {.request = request, .columns = columns, .row = 1};
    reader.rows = request->json = json_array();
    reader.object = json_object();
    defer_json(request, reader.rows);
    bool good = parse(&reader) && check_size(&reader);
    json_decref(reader.object);
    if (!good)
        return false;
    char *text = json_dumps(reader.rows, JSON_COMPACT);
    defer_free(request, text);
    request->body_json = text;
    return true;
}
