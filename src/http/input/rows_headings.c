// The first row of a file: which column is which field.
#include "http/input/private.h"
#include "http/route.h"

#include <string.h>

enum heading { HEADING_UNKNOWN, HEADING_NAME, HEADING_VIETNAMESE, HEADING_ENGLISH };

static const struct field *named_field(const struct field *fields, const char *name)
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
            *ret_field = named_field(fields, column->member);
            return vietnamese ? HEADING_VIETNAMESE : HEADING_ENGLISH;
        }
    return HEADING_UNKNOWN;
}

bool knows_heading(void *context, const char *text, size_t length)
{
    const struct rows_reader *reader = context;
    const struct field *field;
    char heading[256];
    if (length == 0 || length >= sizeof heading || memchr(text, '\0', length))
        return false;
    memcpy(heading, text, length);
    heading[length] = '\0';
    return heading_read(reader->fields, reader->headings, heading, &field) != HEADING_UNKNOWN;
}

// As the list that shows it heads it, in the language of the request; NULL: no list does.
static const char *listed_heading(const struct rows_reader *reader, const char *member)
{
    for (heading_lists lists = reader->headings; lists && *lists; lists++)
        for (const struct column *column = *lists; column->member; column++)
            if (strcmp(column->member, member) == 0)
                return reader->request->language == ENGLISH ? column->en : column->vi;
    return NULL;
}

// "\"cluster\" (Cụm, khối)": by either it is known.
static const char *known_columns(const struct rows_reader *reader)
{
    const char *text = "";
    struct arena *arena = &reader->request->arena;
    for (const struct field *field = reader->fields; field->name; field++) {
        const char *heading = listed_heading(reader, field->name);
        text = arena_format(arena, "%s%s\"%s\"%s%s%s", text, *text ? ", " : "", field->name, heading ? " (" : "",
                            heading ? heading : "", heading ? ")" : "");
    }
    return text;
}

static bool already_there(const struct rows_reader *reader, const struct field *field)
{
    for (size_t i = 0; i < reader->width; i++)
        if (reader->columns[i].field == field)
            return true;
    return false;
}

static void take_heading(struct rows_reader *reader, const struct sheet_cell *cell)
{
    struct request *request = reader->request;
    const struct field *field;
    const char *pointer = arena_format(&request->arena, "/header/%u", (unsigned)cell->column);
    enum heading heading = heading_read(reader->fields, reader->headings, sheet_text(&reader->sheet, cell), &field);
    bool fits = cell->column < SHEET_COLUMNS_MAX;
    if (fits) {
        reader->columns[cell->column] = (struct rows_column){.headed = true};
        reader->width = cell->column + 1;
    }
    if (heading == HEADING_UNKNOWN || !fits) {
        violate(request, PROBLEM_INVALID, pointer, "unknown",
                say(request,
                    "Tiêu đề ở cột %s không phải của cột nào. Các cột: %s; cách nhau bằng dấu phẩy, chấm phẩy hoặc tab "
                    "trong CSV.",
                    "The heading in column %s is of no column. The columns: %s; separated by commas, semicolons or "
                    "tabs in CSV.",
                    column_letters(request, cell->column), known_columns(reader)));
        return;
    }
    reader->vietnamese |= heading == HEADING_VIETNAMESE;
    if (field && already_there(reader, field))
        violate(request, PROBLEM_INVALID, pointer, "repeated",
                say(request, "Cột xuất hiện hai lần.", "The column appears twice."));
    reader->columns[cell->column].field = field;
}

// Data under no heading would be lost.
static void find_unheaded(struct rows_reader *reader, size_t first)
{
    bool named[SHEET_COLUMNS_MAX] = {false};
    struct request *request = reader->request;
    for (size_t i = first; i < reader->sheet.count; i++) {
        size_t column = reader->sheet.cells[i].column;
        if (column >= reader->width || reader->columns[column].headed || named[column])
            continue;
        named[column] = true;
        violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/header/%zu", column), "unnamed",
                say(request, "Cột %s có dữ liệu mà không có tiêu đề; hãy đặt tiêu đề hoặc xóa cột.",
                    "Column %s holds something and has no heading: name it, or delete it.",
                    column_letters(request, column)));
    }
}

size_t read_headings(struct rows_reader *reader)
{
    const struct sheet *sheet = &reader->sheet;
    size_t count = 0;
    for (; count < sheet->count && sheet->cells[count].row == sheet->cells[0].row; count++)
        take_heading(reader, &sheet->cells[count]);
    for (const struct field *field = reader->fields; field->name && count; field++)
        if (field->required && !already_there(reader, field))
            violate(reader->request, PROBLEM_INVALID, arena_format(&reader->request->arena, "/header/%s", field->name),
                    "required", say(reader->request, "Thiếu cột bắt buộc.", "This column is required."));
    find_unheaded(reader, count);
    return count;
}
