#include "paper/docx.h"

static void write_grid(struct docx *docx, const double widths[], size_t count)
{
    docx_open(docx, "w:tblGrid");
    for (size_t i = 0; i < count; i++) {
        docx_open(docx, "w:gridCol");
        docx_length(docx, "w:w", widths[i]);
        docx_close(docx);
    }
    docx_close(docx);
}

// ---- tables without lines ----

void docx_sides_open(struct docx *docx, const double widths[], size_t count)
{
    docx_open(docx, "w:tbl");
    docx_open(docx, "w:tblPr");
    docx_width(docx, "w:tblW", docx_body_width(docx));
    docx_value(docx, "w:jc", DOCX_CENTRE);
    docx_open(docx, "w:tblLayout");
    docx_attribute(docx, "w:type", "fixed");
    docx_close(docx);
    docx_open(docx, "w:tblCellMar");
    docx_width(docx, "w:left", 0);
    docx_width(docx, "w:right", 0);
    docx_close(docx);
    docx_close(docx);
    write_grid(docx, widths, count);
}

void docx_row_open(struct docx *docx, bool heading)
{
    docx_open(docx, "w:tr");
    docx_open(docx, "w:trPr");
    docx_value(docx, "w:cantSplit", NULL);
    if (heading)
        docx_value(docx, "w:tblHeader", NULL);
    docx_close(docx);
}

void docx_cell_open(struct docx *docx, double width, size_t span)
{
    docx_open(docx, "w:tc");
    docx_open(docx, "w:tcPr");
    docx_width(docx, "w:tcW", width);
    if (span > 1) {
        docx_open(docx, "w:gridSpan");
        docx_number(docx, "w:val", (long)span);
        docx_close(docx);
    }
    docx_close(docx);
}

// Word wants a paragraph after a table.
void docx_table_close(struct docx *docx, double after, bool keep_next)
{
    docx_close(docx);
    docx_led(docx, &(struct docx_shape){.size = DOCX_SMALLEST, .after = after, .keep_next = keep_next}, NULL, "");
}

// ---- tables ----

static void write_lines(struct docx *docx)
{
    static const char *const sides[] = {"w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"};
    docx_open(docx, "w:tblBorders");
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        docx_border(docx, sides[i]);
    docx_close(docx);
}

static void write_margins(struct docx *docx)
{
    static const char *const sides[] = {"w:top", "w:left", "w:bottom", "w:right"};
    docx_open(docx, "w:tblCellMar");
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        docx_width(docx, sides[i], CELL_PADDING);
    docx_close(docx);
}

static void open_table(struct docx *docx, const double widths[], size_t count)
{
    docx_open(docx, "w:tbl");
    docx_open(docx, "w:tblPr");
    docx_width(docx, "w:tblW", docx_body_width(docx));
    docx_value(docx, "w:jc", DOCX_CENTRE);
    write_lines(docx);
    docx_open(docx, "w:tblLayout");
    docx_attribute(docx, "w:type", "fixed");
    docx_close(docx);
    write_margins(docx);
    docx_close(docx);
    write_grid(docx, widths, count);
}

static void write_cell(struct docx *docx, double width, size_t span, const struct docx_shape *shape, const char *text)
{
    docx_cell_open(docx, width, span);
    docx_led(docx, shape, NULL, text);
    docx_close(docx);
}

static void write_headings(struct docx *docx, const struct paper_table *table, const double widths[])
{
    const struct docx_shape shape = {.size = SIZE_TABLE, .bold = true, .justified = DOCX_CENTRE};
    docx_row_open(docx, true);
    for (size_t i = 0; i < table->count; i++)
        write_cell(docx, widths[i], 1, &shape, table->columns[i].heading);
    docx_close(docx);
}

static void write_row(struct docx *docx, const struct paper_table *table, const struct paper_row *row,
                      const double widths[], bool keep_next)
{
    static const char *const aligns[] = {[PAPER_LEFT] = NULL, [PAPER_CENTRE] = DOCX_CENTRE, [PAPER_RIGHT] = "right"};
    struct docx_shape shape = {.size = SIZE_TABLE, .bold = !row->cells, .keep_next = keep_next || !row->cells};
    docx_row_open(docx, false);
    if (!row->cells)
        write_cell(docx, docx_body_width(docx), table->count, &shape, row->part);
    for (size_t i = 0; row->cells && i < table->count; i++) {
        shape.justified = aligns[table->columns[i].align];
        write_cell(docx, widths[i], 1, &shape, row->cells[i]);
    }
    docx_close(docx);
}

void docx_table(struct docx *docx, const struct paper_block *block)
{
    const struct paper_table *table = &block->table;
    double widths[PAPER_COLUMNS_MAX], all = 0;
    for (size_t i = 0; i < table->count; i++)
        all += table->columns[i].share;
    for (size_t i = 0; i < table->count; i++)
        widths[i] = docx_body_width(docx) * table->columns[i].share / all;
    bool signed_below = block->next && block->next->kind == BLOCK_SIGNING;
    open_table(docx, widths, table->count);
    write_headings(docx, table, widths);
    for (const struct paper_row *row = table->first; row; row = row->next)
        write_row(docx, table, row, widths, !row->next && signed_below);
    docx_table_close(docx, BETWEEN_PARAGRAPHS, signed_below);
}
