// Files as spreadsheets write them, taken apart into cells. Nothing here knows a request: the readers are pure.
//
// A file is read to its end before anything is said of a cell, so that what is wrong with the file itself is the only
// thing that is said.
#ifndef THIDUA_HTTP_SHEET_H
#define THIDUA_HTTP_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHEET_ROWS_MAX = 10000, // rows that hold something, beside the heading
    SHEET_COLUMNS_MAX = 64, // in which something may stand
    SHEET_NAME_SIZE = 31 * 4 + 1,
};

// What is wrong with the file as a whole. The sentences about it are in http/input/rows_words.c.
enum sheet_fault {
    SHEET_FINE,
    SHEET_EXHAUSTED, // there was no memory
    // It is something else than it was said to be.
    SHEET_IS_ZIP,
    SHEET_IS_OLD_WORKBOOK,
    SHEET_IS_MARKUP,
    SHEET_IS_PDF,
    SHEET_IS_COMPRESSED,
    SHEET_IS_TEXT,
    SHEET_IS_OPEN_DOCUMENT,
    // How its characters are written.
    SHEET_UTF16_UNMARKED,
    SHEET_UTF32,
    SHEET_UTF16_BROKEN,
    SHEET_NOT_UTF8,
    SHEET_SYNTAX, // of CSV
    // Of workbooks.
    SHEET_BROKEN,
    SHEET_LOCKED,   // encrypted
    SHEET_TOO_MUCH, // it unpacks to more than is taken
    SHEET_SEVERAL,  // sheets that hold something
};

enum sheet_kind {
    SHEET_TEXT,    // as a person typed it
    SHEET_NUMBER,  // "64.35", as the spreadsheet shows it
    SHEET_DATE,    // "2024-12-31", with " 08:00:00" where it has a time of day
    SHEET_BOOLEAN, // "TRUE", "FALSE"
    SHEET_ERROR,   // "#N/A", "" for a formula whose value is not stored
};

// A cell that holds something. Cells stand in the order of rows, and of columns in a row.
struct sheet_cell {
    uint32_t row; // as the spreadsheet shows it, the first being 1
    uint32_t length;
    size_t text;     // in `texts`, followed by a NUL
    uint16_t column; // the first is 0
    uint8_t kind;
};

struct sheet {
    struct sheet_cell *cells;
    size_t count, cells_room;
    char *texts;
    size_t length, texts_room;
    size_t rows;                // that hold something
    bool cut;                   // there are more rows, which were not read
    char name[SHEET_NAME_SIZE]; // "" for CSV
    enum sheet_fault fault;
    size_t fault_row; // of SHEET_SYNTAX and SHEET_NOT_UTF8
};

// Does the heading exist? Says which of several characters separates cells.
typedef bool sheet_knows(void *context, const char *heading, size_t length);

// CSV (RFC 4180) with commas, semicolons or tabs, in UTF-8 or in UTF-16 with a byte order mark. False with `fault` set.
// In either case the sheet is to be freed.
bool sheet_read_text(struct sheet *sheet, const char *bytes, size_t length, sheet_knows *knows, void *context);
// The one sheet of an XLSX workbook that holds something and is not hidden.
bool sheet_read_workbook(struct sheet *sheet, const char *bytes, size_t length);
void sheet_free(struct sheet *sheet);

static inline const char *sheet_text(const struct sheet *sheet, const struct sheet_cell *cell)
{
    return sheet->texts + cell->text;
}

// ---- for the readers ----

bool sheet_fail(struct sheet *sheet, enum sheet_fault fault);
// Keeps a text and says where; false where there is no memory.
bool sheet_keep(struct sheet *sheet, const char *text, size_t length, size_t *ret_place);
// Adds a cell whose text was kept. One in which nothing stands but blanks is none.
bool sheet_add_kept(struct sheet *sheet, enum sheet_kind kind, size_t row, size_t column, size_t place, size_t length);
bool sheet_add(struct sheet *sheet, enum sheet_kind kind, size_t row, size_t column, const char *text, size_t length);
// What the first bytes say the file is, if it is no text.
enum sheet_fault sheet_signature(const char *bytes, size_t length);

#endif
