// XLSX workbooks (ECMA-376): the only code that knows libxlsxwriter.
//
// A book is written into a file that has no name, so that nothing is left behind when the service dies. It belongs to
// one thread and is released with the request.
#ifndef THIDUA_HANDLER_TABLE_BOOK_H
#define THIDUA_HANDLER_TABLE_BOOK_H

#include "base/temporary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;
struct book;

// What a cell looks like. Every look is Times New Roman, as offices write.
enum look {
    LOOK_TEXT,
    LOOK_CENTRE,
    LOOK_DATE,    // 30/12/2024
    LOOK_INSTANT, // 30/12/2024 23:59:59
    LOOK_NUMBER,
    LOOK_AMOUNT,  // 7.020.000, as the reader's spreadsheet groups digits
    LOOK_DECIMAL, // with the decimals that it has
    LOOK_PART,    // a line that names a part of a table
    LOOK_HEADING, // of a column
    LOOK_TITLE,
    LOOK_SUBTITLE,
    LOOK_NOTE, // a line over the whole width
    LOOK_STRONG,
    LOOKS,
};

enum book_use { BOOK_ROWS, BOOK_PRINT };

// `streamed`: rows go to the disk as they are written, from top to bottom, and cannot be merged.
// NULL with one problem recorded.
struct book *book_new(struct request *request, bool streamed);
// A sheet; later calls write into it. BOOK_PRINT: A4 landscape, pages one sheet wide, bordered cells of 13 points.
void book_sheet(struct book *book, const char *name, enum book_use use);
void book_width(struct book *book, unsigned column, double width);
// Rows 0 … `last` stay in sight, and stand on top of every page from `first` on.
void book_head_rows(struct book *book, unsigned first, unsigned last);
// A sheet of BOOK_PRINT that is so many pages wide; columns 0 … `last` stand on each of them.
void book_side_by_side(struct book *book, unsigned pages, unsigned last);
// The columns' headings in this row filter the rows down to `last`.
void book_filter(struct book *book, unsigned row, unsigned last, unsigned columns);

// Always a string, whatever it begins with: no formula comes from data.
void book_text(struct book *book, unsigned row, unsigned column, const char *text, enum look look);
// "64.35" as a number that is shown with its two decimals; a text where a spreadsheet would not show all its digits.
void book_decimal(struct book *book, unsigned row, unsigned column, const char *decimal);
void book_number(struct book *book, unsigned row, unsigned column, int64_t number, enum look look);
// YYYY-MM-DD; RFC 3339, shown in Vietnam's time. What is neither stays a text.
void book_date(struct book *book, unsigned row, unsigned column, const char *date);
void book_instant(struct book *book, unsigned row, unsigned column, const char *instant);
// A text over several rows and columns of a book that is not streamed.
void book_block(struct book *book, unsigned row, unsigned column, unsigned rows, unsigned columns, const char *text,
                enum look look);
// Makes the row, the last one written, high enough for its texts and for at least so many lines: merged cells do not
// grow by themselves, and not every reader makes other cells grow.
void book_fit(struct book *book, unsigned row, unsigned least);

// Of a streamed book: whether there is room for what was written to it. False with one problem recorded.
bool book_is_kept(struct request *request, struct book *book);
// Completes the file. NULL with one problem recorded.
struct temporary *book_end(struct request *request, struct book *book, const char *title);

#endif
