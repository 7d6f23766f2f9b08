// What a spreadsheet shows for the numbers that it stores.
#ifndef THIDUA_HTTP_SHEET_NUMBER_H
#define THIDUA_HTTP_SHEET_NUMBER_H

#include "http/sheet/sheet.h"

// How the number in a cell is meant, by its number format.
struct number_form {
    bool date;
    unsigned digits; // of a whole number, filled up by zeros: the format "00000"
};

enum { NUMBER_TEXT_SIZE = 64 };

// The form of a built-in format (ECMA-376 part 1, 18.8.30), and of one that the workbook defines.
struct number_form number_form_known(unsigned id);
struct number_form number_form_read(const char *code);

// 64.349999999999994 is "64.35": a spreadsheet stores a double and shows at most 15 digits of it. A date is a number of
// days since the end of 1899, or since 1904-01-01. False where the text is no number.
bool number_shown(const char *stored, struct number_form form, bool since_1904, char shown[static NUMBER_TEXT_SIZE],
                  enum sheet_kind *ret_kind);

#endif
