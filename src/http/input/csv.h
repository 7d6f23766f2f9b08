// CSV bodies as const tables: the columns are fields (body.h), so a cell passes the same checks as a member of a JSON
// body.
#ifndef THIDUA_HTTP_INPUT_CSV_H
#define THIDUA_HTTP_INPUT_CSV_H

#include "http/input/body.h"

enum { CSV_ROWS_MAX = 10000 };

// Reads the CSV body (RFC 4180, UTF-8, a byte order mark accepted, line ends CRLF or LF) against `columns` (ended by an
// empty row; at most 32), whose names stand in the header in any order. Fills the request's `json` and `body_json` with
// a list of objects: the cells that are not empty and "row", the number of the row as a spreadsheet shows it: the
// header is row 1. Bad cells are recorded in one problem, "/rows/17/name", left out, and their rows hold "bad": true,
// so that the caller can go on to what is wrong with the others. False where there is no going on: the header is bad,
// the file ends in the middle of something, is too long, or more is wrong than is named.
bool read_csv(struct request *request, const struct field *columns);

#endif
