// Lists as tables: what stands in a cell, and tables as CSV.
#ifndef THIDUA_HANDLER_TABLE_TABLE_H
#define THIDUA_HANDLER_TABLE_TABLE_H

#include "http/route.h"

#include <jansson.h>
#include <stdio.h>

#define CSV_TYPE "text/csv; charset=utf-8; header=present"

struct cell {
    const char *text; // NULL: nothing stands there, or a number
    json_int_t number;
    bool is_number;
};

// What route->tabulate gives.
struct cell_page {
    const char *const **rows; // of each, a text for each of request->columns; NULL: nothing stands there
    size_t count;
    const char *next; // the cursor of the page to come, or NULL
};

// The cell of an item in a column (struct column, http/route.h). Its text lives in the request's arena or in the item.
struct cell table_cell(struct request *request, const struct column *column, const json_t *item);
// The same where a list gives its cells themselves (tools/embed_statements.py): a text, or of lists their JSON.
struct cell table_cell_read(struct request *request, const struct column *column, const char *text);
const char *table_heading(const struct request *request, const struct column *column);
// Content-Disposition with a name from the last word of the path, such as "contestants.csv".
const char *table_disposition(struct request *request, const char *extension);

// An import takes an apostrophe off that stands before what a spreadsheet would run as a formula. A text that has one
// of its own there gets another, so that it comes back as it was.
const char *apostrophes_kept(struct request *request, const char *text);

// "92.50", or several such: 92,50 where Vietnamese is read.
const char *decimals_shown(struct request *request, const char *text);
bool is_joined(const char *text);

// The rows of items of a list (a new reference): the items, or each of their elements (struct route's rows_of).
json_t *table_rows(const struct request *request, json_t *items);

void csv_heading(struct request *request, FILE *out);
void csv_row(struct request *request, FILE *out, const struct cell cells[]); // one for each of request->columns

#endif
