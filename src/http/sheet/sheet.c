#include "http/sheet/sheet.h"

#include <stdlib.h>
#include <string.h>

bool sheet_fail(struct sheet *sheet, enum sheet_fault fault)
{
    if (sheet->fault == SHEET_FINE)
        sheet->fault = fault;
    return false;
}

// Makes room for `more` items of `size` bytes beside those that are there.
static bool make_room(void **items, size_t *room, size_t count, size_t more, size_t size)
{
    size_t wanted = *room ? *room : 1024 / size + 1;
    while (wanted - count < more)
        wanted *= 2;
    if (wanted == *room)
        return true;
    void *larger = realloc(*items, wanted * size);
    if (!larger)
        return false;
    *items = larger;
    *room = wanted;
    return true;
}

bool sheet_keep(struct sheet *sheet, const char *text, size_t length, size_t *ret_place)
{
    void *texts = sheet->texts;
    bool good = make_room(&texts, &sheet->texts_room, sheet->length, length + 1, 1);
    sheet->texts = texts;
    if (!good)
        return sheet_fail(sheet, SHEET_EXHAUSTED);
    *ret_place = sheet->length;
    memcpy(sheet->texts + sheet->length, text, length);
    sheet->texts[sheet->length + length] = '\0';
    sheet->length += length + 1;
    return true;
}

// Blanks, tabs, line ends, and the no-break blank with which spreadsheets pad.
static bool is_empty_sheet(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (i + 1 < length && memcmp(text + i, "\xC2\xA0", 2) == 0)
            i++;
        else if (!text[i] || !strchr(" \t\r\n", text[i]))
            return false;
    }
    return true;
}

bool sheet_add_kept(struct sheet *sheet, enum sheet_kind kind, size_t row, size_t column, size_t place, size_t length)
{
    if (kind != SHEET_ERROR && is_empty_sheet(sheet->texts + place, length))
        return true;
    if (sheet->count == 0 || sheet->cells[sheet->count - 1].row != row) {
        if (sheet->rows > SHEET_ROWS_MAX + 1) {
            sheet->cut = true;
            return true;
        }
        sheet->rows++;
    }
    void *cells = sheet->cells;
    bool good = make_room(&cells, &sheet->cells_room, sheet->count, 1, sizeof *sheet->cells);
    sheet->cells = cells;
    if (!good)
        return sheet_fail(sheet, SHEET_EXHAUSTED);
    // Those far to the right are known by one number: they stand beside the table in any case.
    uint16_t beside = (uint16_t)(column < SHEET_COLUMNS_MAX ? column : SHEET_COLUMNS_MAX);
    if (sheet->count && beside == SHEET_COLUMNS_MAX && sheet->cells[sheet->count - 1].row == row &&
        sheet->cells[sheet->count - 1].column == beside)
        return true;
    sheet->cells[sheet->count++] = (struct sheet_cell){
        .row = (uint32_t)row, .length = (uint32_t)length, .text = place, .column = beside, .kind = (uint8_t)kind};
    return true;
}

bool sheet_add(struct sheet *sheet, enum sheet_kind kind, size_t row, size_t column, const char *text, size_t length)
{
    size_t place;
    if (kind != SHEET_ERROR && is_empty_sheet(text, length))
        return true;
    return sheet_keep(sheet, text, length, &place) && sheet_add_kept(sheet, kind, row, column, place, length);
}

void sheet_free(struct sheet *sheet)
{
    free(sheet->cells);
    free(sheet->texts);
    *sheet = (struct sheet){0};
}

static bool begins(const char *bytes, size_t length, const char *mark, size_t mark_length)
{
    return length >= mark_length && memcmp(bytes, mark, mark_length) == 0;
}

// No heading begins with "<": it is HTML or XML, which some programs give the name of a spreadsheet.
static bool is_markup(const char *bytes, size_t length)
{
    size_t i = begins(bytes, length, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (i < length && bytes[i] && strchr(" \t\r\n", bytes[i]))
        i++;
    if (i < length && bytes[i] == '<')
        return true;
    return begins(bytes, length, "\xFF\xFE<\0", 4) || begins(bytes, length, "\xFE\xFF\0<", 4);
}

enum sheet_fault sheet_signature(const char *bytes, size_t length)
{
    static const struct {
        const char *mark;
        size_t length;
        enum sheet_fault fault;
    } signatures[] = {
        {"PK\3\4", 4, SHEET_IS_ZIP},
        {"PK\5\6", 4, SHEET_IS_ZIP},
        {"\xD0\xCF\x11\xE0", 4, SHEET_IS_OLD_WORKBOOK},
        {"\x09\x08\x10\0", 4, SHEET_IS_OLD_WORKBOOK}, // BIFF without its container
        {"ID;P", 4, SHEET_IS_OLD_WORKBOOK},           // SYLK
        {"%PDF", 4, SHEET_IS_PDF},
        {"\x1F\x8B", 2, SHEET_IS_COMPRESSED},
        {"Rar!", 4, SHEET_IS_COMPRESSED},
        {"7z\xBC\xAF", 4, SHEET_IS_COMPRESSED},
        {"\xFF\xFE\0\0", 4, SHEET_UTF32},
        {"\0\0\xFE\xFF", 4, SHEET_UTF32},
    };
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (begins(bytes, length, signatures[i].mark, signatures[i].length))
            return signatures[i].fault;
    return is_markup(bytes, length) ? SHEET_IS_MARKUP : SHEET_FINE;
}
