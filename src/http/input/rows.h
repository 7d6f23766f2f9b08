// Files of rows as const tables: the columns are fields (field.h), so a cell passes the same checks as a member of a
// JSON body. CSV and XLSX go one way once their cells are known (http/sheet/sheet.h).
#ifndef THIDUA_HTTP_INPUT_ROWS_H
#define THIDUA_HTTP_INPUT_ROWS_H

#include "http/input/body.h"
#include "http/sheet/sheet.h"
#include "thidua/plain_text.h"

#include <string.h>

struct column;

// What the columns of a file may be called beside the names of the fields: the headings of lists, in both languages.
// Lists ended by NULL, of tables that end with an empty row. A column of a list that is no field is known and passed
// over, so that an exported file can be sent as it is.
typedef const struct column *const *heading_lists;

// Reads the body against `fields` (ended by an empty row), whose names or headings stand in the first row that holds
// something, in any order. Fills the request's `json` and `body_json` with a list of objects: the cells that are not
// empty and "row", the number of the row as a spreadsheet shows it. Bad cells are recorded in one problem,
// "/rows/17/name", left out, and their rows hold "bad": true, so that the caller can go on to what is wrong with the
// others. False where there is no going on: what is wrong with the file or with its headings is said alone.
bool read_rows(struct request *request, const struct field *fields, heading_lists headings);
// Says of each fault so far in which cell of the workbook it is. Nothing, where the file is no workbook.
void name_cells(struct request *request);

// What a spreadsheet would run as a formula begins so (OWASP, CSV injection), in some languages also by a wide sign:
// U+FF1D, U+FF0B, U+FF0D, U+FF20. Some take blanks, a byte order mark and the like away first. Tables that go out guard
// it by an apostrophe, and files that come in lose that one again. `text` must be valid UTF-8.
static inline bool is_formula(const char *text)
{
    const char *seen = text_seen(text);
    bool wide = strncmp(seen, "\xEF\xBC", 2) == 0 && seen[2] && strchr("\x9D\x8B\x8D\xA0", seen[2]);
    return wide || (*seen && strchr("=+-@", *seen)) || (*text && strchr("\t\r\n", *text));
}

#endif
