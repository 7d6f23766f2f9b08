#include "paper/pdf.h"

enum { FIRST_LINES = 48 };
#define HAIR 0.01 // sums of lengths are as exact

static const struct pdf_look heading_look = {.size = SIZE_TABLE, .bold = true, .align = PAPER_CENTRE};
static const struct pdf_look part_look = {.size = SIZE_TABLE, .bold = true, .align = PAPER_LEFT};

// A row that is being drawn. A row that no page can hold goes on over the page, line by line.
struct drawn {
    size_t count;
    double width[PAPER_COLUMNS_MAX];
    PangoLayout *cells[PAPER_COLUMNS_MAX];
    double above[PAPER_COLUMNS_MAX]; // what of the cell stands on pages before
    const char *tag;
};

static double share_of(const struct pdf *pdf, const struct paper_table *table, size_t column)
{
    double all = 0;
    for (size_t i = 0; i < table->count; i++)
        all += table->columns[i].share;
    return pdf_body_width(pdf) * table->columns[column].share / all;
}

static void lay_cell(const struct pdf *pdf, struct drawn *row, size_t column, const char *text,
                     const struct pdf_look *look)
{
    row->cells[column] = pdf_layout(pdf, text, row->width[column] - 2 * CELL_PADDING, look);
}

static struct drawn lay_heading(const struct pdf *pdf, const struct paper_table *table)
{
    struct drawn row = {.count = table->count, .tag = "TH"};
    for (size_t i = 0; i < table->count; i++) {
        row.width[i] = share_of(pdf, table, i);
        lay_cell(pdf, &row, i, table->columns[i].heading, &heading_look);
    }
    return row;
}

static struct drawn lay_row(const struct pdf *pdf, const struct paper_table *table, const struct paper_row *from)
{
    struct drawn row = {.count = from->cells ? table->count : 1, .tag = "TD"};
    if (!from->cells) {
        row.width[0] = pdf_body_width(pdf);
        lay_cell(pdf, &row, 0, from->part, &part_look);
        return row;
    }
    for (size_t i = 0; i < table->count; i++) {
        struct pdf_look look = {.size = SIZE_TABLE, .align = table->columns[i].align};
        row.width[i] = share_of(pdf, table, i);
        lay_cell(pdf, &row, i, from->cells[i], &look);
    }
    return row;
}

static void free_row(struct drawn *row)
{
    for (size_t i = 0; i < row->count; i++)
        g_object_unref(row->cells[i]);
}

// Of what is still to be drawn.
static double height_of_row(const struct drawn *row)
{
    double most = 0;
    for (size_t i = 0; i < row->count; i++) {
        double height = pdf_layout_height(row->cells[i]) - row->above[i];
        most = height > most ? height : most;
    }
    return most + 2 * CELL_PADDING;
}

// Draws the lines of a cell that fit; says how high they are.
static double draw_cell(const struct pdf *pdf, PangoLayout *cell, double *above, double x, double y, double most)
{
    double drawn = 0;
    PangoLayoutIter *iter = pango_layout_get_iter(cell);
    double start = *above;
    do {
        int top, bottom;
        pango_layout_iter_get_line_yrange(iter, &top, &bottom);
        if ((double)top / PANGO_SCALE + HAIR < start)
            continue;
        if ((double)bottom / PANGO_SCALE - start > most)
            break;
        PangoRectangle logical;
        pango_layout_iter_get_line_extents(iter, NULL, &logical);
        cairo_move_to(pdf->cairo, x + (double)logical.x / PANGO_SCALE,
                      y - start + (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE);
        pango_cairo_show_layout_line(pdf->cairo, pango_layout_iter_get_line_readonly(iter));
        drawn = (double)bottom / PANGO_SCALE - start;
    } while (pango_layout_iter_next_line(iter) && pdf_may_go_on(pdf));
    pango_layout_iter_free(iter);
    *above = start + drawn;
    return drawn;
}

static void draw_borders(struct pdf *pdf, const struct drawn *row, double height)
{
    double x = MARGIN_LEFT;
    cairo_set_line_width(pdf->cairo, RULE_WIDTH);
    for (size_t i = 0; i < row->count; i++) {
        cairo_rectangle(pdf->cairo, x, pdf->y, row->width[i], height);
        x += row->width[i];
    }
    cairo_stroke(pdf->cairo);
}

static void draw_slice(struct pdf *pdf, struct drawn *row, double most)
{
    double x = MARGIN_LEFT, height = 0;
    cairo_tag_begin(pdf->cairo, "TR", NULL);
    for (size_t i = 0; i < row->count; i++) {
        cairo_tag_begin(pdf->cairo, row->tag, NULL);
        double drawn = draw_cell(pdf, row->cells[i], &row->above[i], x + CELL_PADDING, pdf->y + CELL_PADDING, most);
        cairo_tag_end(pdf->cairo, row->tag);
        height = drawn > height ? drawn : height;
        x += row->width[i];
    }
    cairo_tag_end(pdf->cairo, "TR");
    draw_borders(pdf, row, height + 2 * CELL_PADDING);
    pdf->y += height + 2 * CELL_PADDING;
}

static void draw_heading(struct pdf *pdf, const struct paper_table *table)
{
    struct drawn heading = lay_heading(pdf, table);
    draw_slice(pdf, &heading, pdf_body_height(pdf));
    free_row(&heading);
}

static void turn_page(struct pdf *pdf, const struct paper_table *table)
{
    pdf_next_page(pdf);
    draw_heading(pdf, table);
}

// `tail`: what must stand on its page below it, if a page can hold both.
static void draw_row(struct pdf *pdf, const struct paper_table *table, struct drawn *row, double tail, double heading)
{
    double height = height_of_row(row), page = pdf_body_height(pdf) - heading;
    double need = height > page ? FIRST_LINES : height + tail > page ? height : height + tail;
    if (need > pdf_room(pdf) + HAIR)
        turn_page(pdf, table);
    while (height > pdf_room(pdf) + HAIR && pdf_goes_on(pdf)) { // a page full of it
        draw_slice(pdf, row, pdf_room(pdf) - 2 * CELL_PADDING);
        turn_page(pdf, table);
        height = height_of_row(row);
    }
    draw_slice(pdf, row, height - 2 * CELL_PADDING + HAIR);
}

static double heading_height(const struct pdf *pdf, const struct paper_table *table)
{
    struct drawn heading = lay_heading(pdf, table);
    double height = height_of_row(&heading);
    free_row(&heading);
    return height;
}

// What must stand on one page from a row on: itself, and under the name of a part its first row. Of a row that no page
// can hold, its first lines.
static double room_from(const struct pdf *pdf, const struct paper_table *table, const struct paper_row *at,
                        double heading)
{
    double room = 0, page = pdf_body_height(pdf) - heading;
    for (bool more = at; more; at = at->next) {
        struct drawn row = lay_row(pdf, table, at);
        double height = height_of_row(&row);
        room += height > page ? FIRST_LINES : height;
        more = !at->cells && at->next;
        free_row(&row);
    }
    return room < page ? room : page;
}

double pdf_table_begin(const struct pdf *pdf, const struct paper_table *table)
{
    double heading = heading_height(pdf, table);
    return heading + (pdf_may_go_on(pdf) ? room_from(pdf, table, table->first, heading) : 0);
}

// No heading stands at the end of a page without a row.
static void find_room(struct pdf *pdf, const struct paper_table *table, double heading, double tail)
{
    double need = heading + room_from(pdf, table, table->first, heading);
    if (table->first == table->last && need + tail <= pdf_body_height(pdf))
        need += tail;
    if (need > pdf_room(pdf) && !pdf_page_is_new(pdf))
        pdf_next_page(pdf);
}

void pdf_table(struct pdf *pdf, const struct paper_table *table, double tail)
{
    double height = heading_height(pdf, table);
    find_room(pdf, table, height, tail);
    if (!pdf_goes_on(pdf))
        return;
    cairo_tag_begin(pdf->cairo, "Table", NULL);
    draw_heading(pdf, table);
    for (const struct paper_row *at = table->first; at && pdf_goes_on(pdf); at = at->next) {
        struct drawn row = lay_row(pdf, table, at);
        draw_row(pdf, table, &row, !at->next ? tail : at->cells ? 0 : room_from(pdf, table, at->next, height), height);
        free_row(&row);
    }
    cairo_tag_end(pdf->cairo, "Table");
    pdf->y += AFTER_TABLE;
}
