// A list as the sheet of a workbook: its columns, and rows of cells below them.
#ifndef THIDUA_HANDLER_TABLE_SHEET_H
#define THIDUA_HANDLER_TABLE_SHEET_H

#include "handler/table/table.h"

struct book;

void sheet_begin(struct request *request, struct book *book);
void sheet_row(struct request *request, struct book *book, unsigned row, const struct cell cells[]);

#endif
