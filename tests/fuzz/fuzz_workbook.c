// XLSX as bytes: whatever comes in, the reader ends, and what it gives is a sheet: cells in order, texts inside of
// their store, within the bounds.
#include <stdint.h>
#include <stdlib.h>

#include "http/sheet/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void examine(const struct sheet *sheet, bool good)
{
    if (good != (sheet->fault == SHEET_FINE) || sheet->rows > SHEET_ROWS_MAX + 2)
        abort();
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_cell *cell = &sheet->cells[i];
        if (cell->text + cell->length >= sheet->texts_room || sheet->texts[cell->text + cell->length] ||
            cell->column > SHEET_COLUMNS_MAX || cell->row == 0)
            abort();
        if (i && good && (cell->row < cell[-1].row || (cell->row == cell[-1].row && cell->column <= cell[-1].column)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sheet sheet;
    bool good = sheet_read_workbook(&sheet, (const char *)data, size);
    examine(&sheet, good);
    sheet_free(&sheet);
    return 0;
}
