// The cells of a worksheet.
#include "http/sheet/workbook.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_COUNTED = 1048576, COLUMNS_COUNTED = 16384, CELLS_MAX = SHEET_ROWS_MAX * (SHEET_COLUMNS_MAX + 1) };

struct cells_reader {
    struct part_reader reader; // first
    struct workbook *book;
    size_t row, column; // at hand; the column counts from 1
    char type;          // as type_of() names it
    struct number_form form;
    struct words words;
    unsigned phonetic;
    bool in_cell, taking, formula, filled;
};

// n number, s shared text, i text in place, t text of a formula, b boolean, e error, d day
static char type_of(const char *text)
{
    static const struct {
        const char *text;
        char type;
    } types[] = {{"s", 's'}, {"inlineStr", 'i'}, {"str", 't'}, {"b", 'b'}, {"e", 'e'}, {"d", 'd'}};
    for (size_t i = 0; text && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].text, text) == 0)
            return types[i].type;
    return 'n';
}

static void fail_cells(struct cells_reader *cells, enum sheet_fault fault)
{
    sheet_fail(cells->book->sheet, fault);
    part_stop(&cells->reader);
}

// "C7" → 3; 0 where it is none.
static size_t column_of(const char *reference)
{
    size_t column = 0;
    for (; *reference >= 'A' && *reference <= 'Z' && column <= COLUMNS_COUNTED; reference++)
        column = column * 26 + (size_t)(*reference - 'A' + 1);
    return column <= COLUMNS_COUNTED ? column : 0;
}

// Rows and cells come in their order (18.3.1.73, 18.3.1.4), with their places or right behind one another.
static void start_row_cells(struct cells_reader *cells, const char **attributes)
{
    const char *number = part_attribute(attributes, "r");
    size_t row = number ? strtoul(number, NULL, 10) : cells->row + 1;
    if (row <= cells->row || row > ROWS_COUNTED) {
        fail_cells(cells, SHEET_BROKEN);
        return;
    }
    cells->row = row;
    cells->column = 0;
}

static void start_cell(struct cells_reader *cells, const char **attributes)
{
    const char *place = part_attribute(attributes, "r"), *style = part_attribute(attributes, "s");
    size_t column = place ? column_of(place) : cells->column + 1, index = style ? strtoul(style, NULL, 10) : 0;
    if (cells->row == 0 || column <= cells->column || column > COLUMNS_COUNTED) {
        fail_cells(cells, SHEET_BROKEN);
        return;
    }
    cells->column = column;
    cells->type = type_of(part_attribute(attributes, "t"));
    cells->form = index < cells->book->styles_count ? cells->book->styles[index] : (struct number_form){0};
    cells->words.length = 0;
    cells->in_cell = true;
    cells->formula = cells->filled = false;
}

static void cells_start(struct part_reader *reader, const char *element, const char **attributes)
{
    struct cells_reader *cells = (struct cells_reader *)reader;
    if (strcmp(element, "row") == 0)
        start_row_cells(cells, attributes);
    else if (strcmp(element, "c") == 0)
        start_cell(cells, attributes);
    else if (cells->in_cell) {
        cells->phonetic += strcmp(element, "rPh") == 0;
        cells->formula |= strcmp(element, "f") == 0;
        cells->taking = cells->type == 'i' ? strcmp(element, "t") == 0 && !cells->phonetic : strcmp(element, "v") == 0;
        cells->filled |= cells->taking;
    }
}

static void cells_text(struct part_reader *reader, const char *text, int length)
{
    struct cells_reader *cells = (struct cells_reader *)reader;
    if (cells->taking && !words_add(reader->sheet, &cells->words, text, (size_t)length))
        part_stop(reader);
}

static bool add_as(struct cells_reader *cells, enum sheet_kind kind, const char *text, size_t length)
{
    struct sheet *sheet = cells->book->sheet;
    if (sheet->count >= CELLS_MAX || sheet->length > TEXTS_BYTES_MAX)
        return sheet_fail(sheet, SHEET_TOO_MUCH);
    return sheet_add(sheet, kind, cells->row, cells->column - 1, text, length);
}

static bool add_shared(struct cells_reader *cells)
{
    struct workbook *book = cells->book;
    char *end;
    unsigned long index = strtoul(cells->words.bytes, &end, 10);
    if (*end || index >= book->strings_count)
        return sheet_fail(book->sheet, SHEET_BROKEN);
    // A text stands in the file once, but is read for each cell: a file of 5 KB would be work for minutes.
    const struct kept_text *text = &book->strings[index];
    book->shown += text->length;
    if (book->sheet->count >= CELLS_MAX || book->shown > TEXTS_BYTES_MAX)
        return sheet_fail(book->sheet, SHEET_TOO_MUCH);
    return sheet_add_kept(book->sheet, SHEET_TEXT, cells->row, cells->column - 1, text->place, text->length);
}

static bool add_number(struct cells_reader *cells)
{
    char shown[NUMBER_TEXT_SIZE];
    enum sheet_kind kind;
    return number_shown(cells->words.bytes, cells->form, cells->book->since_1904, shown, &kind)
               ? add_as(cells, kind, shown, strlen(shown))
               : sheet_fail(cells->book->sheet, SHEET_BROKEN);
}

// "2024-12-31T00:00:00" as a date, with a time of day where there is one.
static bool add_day(struct cells_reader *cells)
{
    char *time = strchr(cells->words.bytes, 'T');
    if (time)
        *time = strncmp(time, "T00:00:00", 9) == 0 || !time[1] ? '\0' : ' ';
    return add_as(cells, SHEET_DATE, cells->words.bytes, strlen(cells->words.bytes));
}

static bool add_cell(struct cells_reader *cells)
{
    const char *text = cells->words.bytes;
    size_t length = cells->words.length;
    if (!cells->filled || length == 0) // a formula that no spreadsheet has worked out yet has no value
        return !cells->formula || cells->type == 't' ? true : add_as(cells, SHEET_ERROR, "", 0);
    switch (cells->type) {
    case 's':
        return add_shared(cells);
    case 'i':
    case 't':
        words_unescape(&cells->words);
        return add_as(cells, SHEET_TEXT, cells->words.bytes, cells->words.length);
    case 'b':
        return add_as(cells, SHEET_BOOLEAN, *text == '1' ? "TRUE" : "FALSE", *text == '1' ? 4 : 5);
    case 'e':
        return add_as(cells, SHEET_ERROR, text, length);
    case 'd':
        return add_day(cells);
    default:
        return add_number(cells);
    }
}

static void cells_end(struct part_reader *reader, const char *element)
{
    struct cells_reader *cells = (struct cells_reader *)reader;
    cells->taking = false;
    cells->phonetic -= cells->in_cell && cells->phonetic && strcmp(element, "rPh") == 0;
    if (!cells->in_cell || strcmp(element, "c") != 0)
        return;
    cells->in_cell = false;
    if (!add_cell(cells) || cells->book->sheet->cut)
        part_stop(reader);
}

bool workbook_read_cells(struct workbook *book, const char *part)
{
    struct cells_reader cells = {.reader = {.start = cells_start, .end = cells_end, .text = cells_text}, .book = book};
    bool good = parts_read(book->parts, part, &cells.reader);
    free(cells.words.bytes);
    return good;
}
