// How the files of rows_*.c read a body of rows together.
#ifndef THIDUA_HTTP_INPUT_PRIVATE_H
#define THIDUA_HTTP_INPUT_PRIVATE_H

#include "http/input/rows.h"
#include "http/request.h"

struct rows_column {
    const struct field *field; // NULL: unknown, passed over, or without a heading
    bool headed;
};

// Where the cells of a workbook stand; lives as long as the request.
struct rows_view {
    const char *sheet;                 // as a formula names it
    const struct rows_column *columns; // SHEET_COLUMNS_MAX
    size_t heading_row;
};

struct rows_reader {
    struct request *request;
    const struct field *fields;
    heading_lists headings;
    struct sheet sheet;
    struct rows_column columns[SHEET_COLUMNS_MAX];
    size_t width;    // the columns with a heading, and those between them
    bool vietnamese; // some heading is Vietnamese
    json_t *rows;
};

// ---- rows_headings.c ----

// For sheet_read_text(): whether the text is a heading that `context`, a reader, knows.
bool knows_heading(void *context, const char *text, size_t length);
// Returns the number of its cells: the first row that holds something is the heading. What is wrong with it is a
// violation each.
size_t read_headings(struct rows_reader *reader);

// ---- rows_cells.c ----

// Puts the value of a cell into the object of its row. `cell` NULL: it is empty. What is wrong is a violation, and then
// there is no value.
void take_cell(const struct rows_reader *reader, const struct field *field, const struct sheet_cell *cell, size_t row,
               json_t *object);

// ---- rows_forms.c ----

// Decimals, days, instants and yes and no as people write them → as check_text() reads them; another text stays as it
// is. NULL with a violation where it could mean two things. `day_first`: 03/04/2024 is the third of April.
const char *cell_form(struct request *request, const struct field *field, bool day_first, const char *text,
                      const char *pointer);
// A date that a spreadsheet knows as such, with its time of day, as an instant.
const char *instant_of_cell(struct request *request, const char *text);
// Adds to the last violation what may be written in a file.
void tell_forms(struct request *request, const struct field *field);

// ---- rows_words.c ----

// Records what is wrong with the file.
bool refuse_file(struct request *request, const struct sheet *sheet);

// ---- rows_places.c ----

// "AB" for the column 27, counted from 0.
const char *column_letters(struct request *request, size_t column);
// Keeps where the cells of the workbook stand, for name_cells().
void keep_view(struct rows_reader *reader);

#endif
