#include "handler/table/sheet.h"

#include "handler/run.h"
#include "handler/table/book.h"

static double width_of(const struct column *column, const char *heading)
{
    static const double widths[] = {
        [COLUMN_PLAIN] = 24, [COLUMN_DATE] = 13, [COLUMN_INSTANT] = 22, [COLUMN_DECIMAL] = 12, [COLUMN_AMOUNT] = 16};
    size_t characters = 4;
    for (const char *c = heading; *c; c++)
        characters += ((unsigned char)*c & 0xc0) != 0x80;
    double least = (double)characters;
    return widths[column->type] > least ? widths[column->type] : least;
}

void sheet_begin(struct request *request, struct book *book)
{
    unsigned at = 0;
    book_sheet(book, say(request, "Danh sách", "List"), BOOK_ROWS);
    for (const struct column *const *c = request->columns; *c; c++, at++) {
        const char *heading = table_heading(request, *c);
        book_width(book, at, width_of(*c, heading));
        book_text(book, 0, at, heading, LOOK_HEADING);
    }
    book_head_rows(book, 0, 0);
}

static void write_cell(struct request *request, struct book *book, unsigned row, unsigned at,
                       const struct column *column, const struct cell *cell)
{
    if (cell->is_number)
        book_number(book, row, at, cell->number, column->type == COLUMN_AMOUNT ? LOOK_AMOUNT : LOOK_NUMBER);
    else if (cell->text && column->type == COLUMN_DATE)
        book_date(book, row, at, cell->text);
    else if (cell->text && column->type == COLUMN_INSTANT)
        book_instant(book, row, at, cell->text);
    else if (cell->text && column->type == COLUMN_DECIMAL && is_joined(cell->text))
        book_text(book, row, at, decimals_shown(request, cell->text), LOOK_TEXT);
    else if (cell->text && column->type == COLUMN_DECIMAL)
        book_decimal(book, row, at, cell->text);
    else if (cell->text)
        book_text(book, row, at, apostrophes_kept(request, cell->text), LOOK_TEXT);
}

void sheet_row(struct request *request, struct book *book, unsigned row, const struct cell cells[])
{
    for (unsigned at = 0; request->columns[at]; at++)
        write_cell(request, book, row, at, request->columns[at], &cells[at]);
}
