// CSV as an import: taken apart into cells, its headings recognised, every cell read against the field of its column.
#include "http.h"

static bool knows_name(void *context, const char *heading, size_t length)
{
    (void)context;
    return length == 4 && memcmp(heading, "name", 4) == 0;
}

static void examine_sheet(const uint8_t *data, size_t size)
{
    struct sheet sheet;
    bool good = sheet_read_text(&sheet, (const char *)data, size, knows_name, NULL);
    if (good != (sheet.fault == SHEET_FINE) || sheet.rows > SHEET_ROWS_MAX + 2)
        abort();
    for (size_t i = 0; i < sheet.count; i++) {
        const struct sheet_cell *cell = &sheet.cells[i], *before = i ? cell - 1 : NULL;
        if (cell->text + cell->length >= sheet.texts_room || sheet.texts[cell->text + cell->length] || cell->row == 0 ||
            cell->column > SHEET_COLUMNS_MAX)
            abort();
        if (before && (cell->row < before->row || (cell->row == before->row && cell->column <= before->column)))
            abort();
    }
    sheet_free(&sheet);
}

// A row is named with what is wrong with it, or has what it must have.
static void examine_rows(const json_t *rows)
{
    size_t i;
    const json_t *row;
    json_array_foreach(rows, i, row) if (!json_is_integer(json_object_get(row, "row")) ||
                                         (!json_object_get(row, "bad") && !json_object_get(row, "name"))) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    examine_sheet(data, size);
    begin(&request, &table[5]);
    request.content_type = "text/csv";
    request.body = arena_copy(&request.arena, (const char *)data, size);
    request.body_length = size;
    if (read_rows(&request, scalar_fields, headings))
        examine_rows(request.json);
    else
        examine_outcome(&request, false);
    end(&request);
    return 0;
}
