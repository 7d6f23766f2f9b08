// What a text is in a cell of a workbook.
#ifndef THIDUA_HANDLER_TABLE_CELL_TEXT_H
#define THIDUA_HANDLER_TABLE_CELL_TEXT_H

// As a workbook keeps it: no cell holds more than 32,767 characters, where those beyond U+FFFF count as two; that it
// goes on is shown. NULL without memory; to be freed.
char *cell_text(const char *text);
// The lines that it takes, broken between words, in a column of that width.
unsigned cell_lines(const char *text, double width);

#endif
