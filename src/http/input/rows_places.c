// Where in a workbook a fault is, as its formulas name cells.
#include "http/input/private.h"

#include <stdlib.h>
#include <string.h>

const char *column_letters(struct request *request, size_t column)
{
    const char *text = "";
    for (column++; column; column = (column - 1) / 26)
        text = arena_format(&request->arena, "%c%s", (char)('A' + (column - 1) % 26), text);
    return text;
}

// A formula names 'Trang tính 1'!A1 so.
static const char *quoted_name(struct request *request, const char *name)
{
    if (!name[strcspn(name, " !\"#$%&'()*+,-/:;<=>?@[\\]^`{|}~")])
        return arena_text(&request->arena, name);
    const char *text = "'";
    for (; *name; name += *name == '\'') {
        size_t length = strcspn(name, "'");
        text = arena_format(&request->arena, "%s%.*s%s", text, (int)length, name, name[length] ? "''" : "");
        name += length;
    }
    return arena_format(&request->arena, "%s'", text);
}

void keep_view(struct rows_reader *reader)
{
    struct request *request = reader->request;
    struct rows_view *view = arena_new(&request->arena, struct rows_view);
    *view = (struct rows_view){quoted_name(request, reader->sheet.name), reader->columns, reader->sheet.cells[0].row};
    request->rows_view = view;
}

static const char *cell_of(struct request *request, const struct rows_view *view, const char *pointer)
{
    char *rest;
    if (strncmp(pointer, "/header/", 8) == 0) {
        size_t column = strtoul(pointer + 8, &rest, 10);
        return rest > pointer + 8 && !*rest ? arena_format(&request->arena, "%s!%s%zu", view->sheet,
                                                           column_letters(request, column), view->heading_row)
                                            : NULL;
    }
    if (strncmp(pointer, "/rows/", 6) != 0)
        return NULL;
    size_t row = strtoul(pointer + 6, &rest, 10);
    for (size_t i = 0; i < SHEET_COLUMNS_MAX && *rest == '/'; i++)
        if (view->columns[i].field && strcmp(view->columns[i].field->name, rest + 1) == 0)
            return arena_format(&request->arena, "%s!%s%zu", view->sheet, column_letters(request, i), row);
    return arena_format(&request->arena, "%s!%zu:%zu", view->sheet, row, row);
}

void name_cells(struct request *request)
{
    struct problem *problem = &request->problem;
    for (size_t i = 0; request->rows_view && i < problem->violations_count; i++)
        problem->violations[i].cell = cell_of(request, request->rows_view, problem->violations[i].pointer);
}
