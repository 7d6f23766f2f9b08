// What the readers of a workbook's parts share.
#ifndef THIDUA_HTTP_SHEET_WORKBOOK_H
#define THIDUA_HTTP_SHEET_WORKBOOK_H

#include "http/sheet/number.h"
#include "http/sheet/parts.h"

enum { SHEETS_MAX = 64, STYLES_MAX = 4096, STRINGS_MAX = 1 << 20, TEXTS_BYTES_MAX = 32 * 1024 * 1024 };

// A text that is being gathered.
struct words {
    char *bytes;
    size_t length, room;
};
// False with the fault of the sheet.
bool words_add(struct sheet *sheet, struct words *words, const char *text, size_t length);
// "_x0041_" is "A", so that a text may hold what XML cannot (ECMA-376 part 1, 22.9.2.19).
void words_unescape(struct words *words);

struct kept_text {
    size_t place, length;
};

struct workbook {
    struct sheet *sheet;
    struct parts *parts;
    bool since_1904;
    struct number_form *styles; // by the number that cells name them by
    size_t styles_count;
    struct kept_text *strings; // in the sheet's texts
    size_t strings_count, strings_room;
    size_t shown; // bytes of these texts, each as often as a cell shows it
};

bool workbook_read_styles(struct workbook *book, const char *part);
bool workbook_read_strings(struct workbook *book, const char *part);
// Adds the cells of a worksheet to the sheet.
bool workbook_read_cells(struct workbook *book, const char *part);

#endif
