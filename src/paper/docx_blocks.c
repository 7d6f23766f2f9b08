#include "paper/docx.h"

#include "thidua/arena.h"

#include <string.h>

enum { HEAD_GAP = 6, TITLE_GAP = 14, SECTION_END_SIZE = 1 };
// How long a text is, as a share of its size: only lines under it go by it.
#define CAPITAL_WIDTH 0.72
#define SMALL_WIDTH   0.5
#define MOTTO_WIDTH   12.6 // of the motto in bold, as a multiple of its size

#define CENTRE "center"
#define BOTH   "both"

static double body_width(const struct docx *docx)
{
    return (docx->landscape ? PAGE_LONG : PAGE_SHORT) - MARGIN_LEFT - MARGIN_RIGHT;
}

// ---- paragraphs ----

static void write_borders(struct docx *docx)
{
    docx_open(docx, "w:pBdr");
    docx_open(docx, "w:bottom");
    docx_attribute(docx, "w:val", "single");
    docx_number(docx, "w:sz", (long)(RULE_WIDTH * 8));
    docx_number(docx, "w:space", 0);
    docx_attribute(docx, "w:color", "000000");
    docx_close(docx);
    docx_close(docx);
}

static void write_spacing(struct docx *docx, const struct docx_shape *shape)
{
    docx_open(docx, "w:spacing");
    docx_length(docx, "w:before", shape->before);
    docx_length(docx, "w:after", shape->after);
    if (shape->rule > 0) {
        docx_length(docx, "w:line", 2);
        docx_attribute(docx, "w:lineRule", "exact");
    } else {
        docx_number(docx, "w:line", (long)((shape->line > 0 ? shape->line : 1) * 240));
        docx_attribute(docx, "w:lineRule", "auto");
    }
    docx_close(docx);
}

static void write_indents(struct docx *docx, const struct docx_shape *shape)
{
    double beside = shape->rule > 0 ? (shape->width - shape->rule) / 2 : 0;
    docx_open(docx, "w:ind");
    docx_length(docx, "w:left", shape->indent_left + beside);
    docx_length(docx, "w:right", shape->indent_right + beside);
    docx_length(docx, "w:firstLine", shape->first_line);
    docx_close(docx);
}

static void write_looks(struct docx *docx, const struct docx_shape *shape, bool bold);

// In the order of the schema. The end of a paragraph has a size too: where nothing else is in it, that is its height.
static void write_shape(struct docx *docx, const struct docx_shape *shape)
{
    docx_open(docx, "w:pPr");
    if (shape->style)
        docx_value(docx, "w:pStyle", shape->style);
    if (shape->keep_next)
        docx_value(docx, "w:keepNext", NULL);
    docx_value(docx, "w:widowControl", NULL);
    if (shape->rule > 0)
        write_borders(docx);
    write_spacing(docx, shape);
    write_indents(docx, shape);
    if (shape->justified)
        docx_value(docx, "w:jc", shape->justified);
    write_looks(docx, shape, shape->bold);
    docx_close(docx);
}

static void write_looks(struct docx *docx, const struct docx_shape *shape, bool bold)
{
    docx_open(docx, "w:rPr");
    if (bold)
        docx_value(docx, "w:b", NULL);
    if (shape->italic)
        docx_value(docx, "w:i", NULL);
    docx_open(docx, "w:sz");
    docx_number(docx, "w:val", (long)(shape->size * 2));
    docx_close(docx);
    docx_open(docx, "w:szCs");
    docx_number(docx, "w:val", (long)(shape->size * 2));
    docx_close(docx);
    docx_close(docx);
}

static void write_run(struct docx *docx, const struct docx_shape *shape, const char *text, bool bold)
{
    docx_open(docx, "w:r");
    write_looks(docx, shape, bold);
    for (;;) {
        size_t length = strcspn(text, "\n");
        if (length)
            docx_text(docx, text, length);
        text += length;
        if (!*text)
            break;
        text++;
        docx_value(docx, "w:br", NULL);
    }
    docx_close(docx);
}

static void write_led(struct docx *docx, const struct docx_shape *shape, const char *lead, const char *text)
{
    docx_open(docx, "w:p");
    write_shape(docx, shape);
    if (lead)
        write_run(docx, shape, *text ? arena_format(docx->paper->arena, "%s ", lead) : lead, true);
    if (*text)
        write_run(docx, shape, text, shape->bold);
    docx_close(docx);
}

static void write_line(struct docx *docx, const struct docx_shape *shape, const char *text)
{
    if (text)
        write_led(docx, shape, NULL, text);
}

// Of its longest line, at most the width.
static double estimate(const char *text, double size, double width, double share)
{
    size_t most = 0, count = 0;
    for (const char *c = text; *c; c++) {
        count = *c == '\n' ? 0 : count + (((unsigned char)*c & 0xc0) != 0x80);
        most = count > most ? count : most;
    }
    double length = (double)most * size * share;
    return length < width ? length : width;
}

static void write_rule(struct docx *docx, double length, double width)
{
    write_led(docx, &(struct docx_shape){.size = 1, .after = HEAD_GAP / 2.0, .rule = length, .width = width}, NULL, "");
}

// ---- tables without lines ----

static void open_sides(struct docx *docx, const double widths[], size_t count)
{
    docx_open(docx, "w:tbl");
    docx_open(docx, "w:tblPr");
    docx_width(docx, "w:tblW", body_width(docx));
    docx_value(docx, "w:jc", CENTRE);
    docx_open(docx, "w:tblLayout");
    docx_attribute(docx, "w:type", "fixed");
    docx_close(docx);
    docx_open(docx, "w:tblCellMar");
    docx_width(docx, "w:left", 0);
    docx_width(docx, "w:right", 0);
    docx_close(docx);
    docx_close(docx);
    docx_open(docx, "w:tblGrid");
    for (size_t i = 0; i < count; i++) {
        docx_open(docx, "w:gridCol");
        docx_length(docx, "w:w", widths[i]);
        docx_close(docx);
    }
    docx_close(docx);
}

static void open_row(struct docx *docx, bool heading)
{
    docx_open(docx, "w:tr");
    docx_open(docx, "w:trPr");
    docx_value(docx, "w:cantSplit", NULL);
    if (heading)
        docx_value(docx, "w:tblHeader", NULL);
    docx_close(docx);
}

static void open_cell(struct docx *docx, double width, size_t span)
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

// Word wants a paragraph after a table. With `keep_next` the last row stands on the page of what follows.
static void close_table(struct docx *docx, double after, bool keep_next)
{
    docx_close(docx);
    write_led(docx, &(struct docx_shape){.size = SECTION_END_SIZE, .after = after, .keep_next = keep_next}, NULL, "");
}

// ---- the head ----

static void write_issuer(struct docx *docx, const struct paper_head *head, double width)
{
    const struct docx_shape plain = {.size = SIZE_AGENCY, .justified = CENTRE};
    const struct docx_shape bold = {.size = SIZE_AGENCY, .bold = true, .justified = CENTRE};
    write_line(docx, &plain, head->superior);
    write_line(docx, &bold, head->issuer);
    write_rule(docx, estimate(head->issuer, SIZE_AGENCY, width, CAPITAL_WIDTH) * RULE_SHARE, width);
}

static void write_nation(struct docx *docx, double width)
{
    const struct docx_shape nation = {.size = SIZE_NATION, .bold = true, .justified = CENTRE};
    const struct docx_shape motto = {.size = SIZE_MOTTO, .bold = true, .justified = CENTRE};
    write_line(docx, &nation, paper_nation);
    write_line(docx, &motto, paper_motto);
    write_rule(docx, MOTTO_WIDTH * SIZE_MOTTO, width);
}

static void write_head(struct docx *docx, const struct paper_block *block)
{
    const struct docx_shape number = {.size = SIZE_NUMBER, .justified = CENTRE};
    const struct docx_shape place = {.size = SIZE_PLACE, .italic = true, .justified = CENTRE};
    double widths[] = {body_width(docx) * HEAD_LEFT, body_width(docx) * (1 - HEAD_LEFT)};
    open_sides(docx, widths, 2);
    open_row(docx, false);
    open_cell(docx, widths[0], 1);
    write_issuer(docx, &block->head, widths[0]);
    docx_close(docx);
    open_cell(docx, widths[1], 1);
    write_nation(docx, widths[1]);
    docx_close(docx);
    docx_close(docx);
    open_row(docx, false);
    open_cell(docx, widths[0], 1);
    write_line(docx, &number, block->head.number ? block->head.number : "");
    docx_close(docx);
    open_cell(docx, widths[1], 1);
    write_line(docx, &place, block->head.place ? block->head.place : "");
    docx_close(docx);
    docx_close(docx);
    close_table(docx, 0, false);
}

// ---- titles ----

static void write_title(struct docx *docx, const struct paper_block *block)
{
    const struct docx_shape kind = {
        .size = SIZE_TEXT, .bold = true, .justified = CENTRE, .before = TITLE_GAP, .style = "Heading1"};
    const struct docx_shape line = {.size = SIZE_TEXT, .bold = true, .justified = CENTRE};
    const struct docx_shape authority = {
        .size = SIZE_TEXT, .bold = true, .justified = CENTRE, .before = HEAD_GAP, .after = HEAD_GAP};
    write_line(docx, &kind, block->title.kind);
    write_line(docx, &line, block->title.subject);
    if (block->title.subject)
        write_rule(docx, estimate(block->title.subject, SIZE_TEXT, body_width(docx), SMALL_WIDTH) * RULE_SHARE,
                   body_width(docx));
    write_line(docx, &authority, block->title.authority);
}

static void write_addressees(struct docx *docx, const struct paper_block *block)
{
    const struct paper_list *list = &block->addressees;
    struct docx_shape shape = {.size = SIZE_TEXT, .before = HEAD_GAP};
    if (list->count == 1) {
        shape.justified = CENTRE;
        shape.after = 2 * HEAD_GAP;
        write_line(docx, &shape, arena_format(docx->paper->arena, "Kính gửi: %s.", list->items[0]));
        return;
    }
    shape.indent_left = FIRST_LINE * 2;
    write_line(docx, &shape, "Kính gửi:");
    shape.before = 0;
    for (size_t i = 0; i < list->count; i++) {
        shape.after = i + 1 == list->count ? 2 * HEAD_GAP : 0;
        write_line(docx, &shape, paper_recipient(docx->paper, list, i));
    }
}

// ---- text ----

static const struct docx_shape text_shape = {
    .size = SIZE_TEXT, .justified = BOTH, .first_line = FIRST_LINE, .after = BETWEEN_PARAGRAPHS, .line = LINE_SPACING};

static void write_text(struct docx *docx, const struct paper_block *block)
{
    struct docx_shape shape = text_shape;
    shape.italic = block->kind == BLOCK_BASIS;
    if (block->kind == BLOCK_HEADING)
        shape.style = "Heading2";
    shape.keep_next = block->kind == BLOCK_HEADING ||
                      (block->next && (block->next->kind == BLOCK_SIGNING || block->next->kind == BLOCK_TABLE));
    write_led(docx, &shape, block->text.lead, block->text.text);
}

static void write_centred(struct docx *docx, const struct paper_block *block)
{
    const struct docx_shape shape = {.size = SIZE_TEXT,
                                     .bold = true,
                                     .justified = CENTRE,
                                     .before = BETWEEN_PARAGRAPHS,
                                     .after = BETWEEN_PARAGRAPHS,
                                     .keep_next = true};
    write_line(docx, &shape, block->text.text);
}

// A tab over the whole width, filled with dots.
static void write_dots(struct docx *docx, bool keep_next)
{
    docx_open(docx, "w:p");
    docx_open(docx, "w:pPr");
    if (keep_next)
        docx_value(docx, "w:keepNext", NULL);
    docx_open(docx, "w:tabs");
    docx_open(docx, "w:tab");
    docx_attribute(docx, "w:val", "right");
    docx_attribute(docx, "w:leader", "dot");
    docx_length(docx, "w:pos", body_width(docx));
    docx_close(docx);
    docx_close(docx);
    write_spacing(docx, &text_shape);
    docx_close(docx);
    docx_open(docx, "w:r");
    docx_value(docx, "w:tab", NULL);
    docx_close(docx);
    docx_close(docx);
}

static void write_blank(struct docx *docx, const struct paper_block *block)
{
    if (*block->text.text)
        write_led(docx, &text_shape, NULL, block->text.text);
    for (unsigned i = 0; i < block->text.blanks; i++)
        write_dots(docx, block->next && block->next->kind == BLOCK_SIGNING);
}

// ---- tables ----

static void write_lines(struct docx *docx)
{
    static const char *const sides[] = {"w:top", "w:left", "w:bottom", "w:right", "w:insideH", "w:insideV"};
    docx_open(docx, "w:tblBorders");
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        docx_open(docx, sides[i]);
        docx_attribute(docx, "w:val", "single");
        docx_number(docx, "w:sz", (long)(RULE_WIDTH * 8));
        docx_number(docx, "w:space", 0);
        docx_attribute(docx, "w:color", "000000");
        docx_close(docx);
    }
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
    docx_width(docx, "w:tblW", body_width(docx));
    docx_value(docx, "w:jc", CENTRE);
    write_lines(docx);
    docx_open(docx, "w:tblLayout");
    docx_attribute(docx, "w:type", "fixed");
    docx_close(docx);
    write_margins(docx);
    docx_close(docx);
    docx_open(docx, "w:tblGrid");
    for (size_t i = 0; i < count; i++) {
        docx_open(docx, "w:gridCol");
        docx_length(docx, "w:w", widths[i]);
        docx_close(docx);
    }
    docx_close(docx);
}

static void write_cell(struct docx *docx, double width, size_t span, const struct docx_shape *shape, const char *text)
{
    open_cell(docx, width, span);
    write_led(docx, shape, NULL, text);
    docx_close(docx);
}

static void write_headings(struct docx *docx, const struct paper_table *table, const double widths[])
{
    const struct docx_shape shape = {.size = SIZE_TABLE, .bold = true, .justified = CENTRE};
    open_row(docx, true);
    for (size_t i = 0; i < table->count; i++)
        write_cell(docx, widths[i], 1, &shape, table->columns[i].heading);
    docx_close(docx);
}

static void write_row(struct docx *docx, const struct paper_table *table, const struct paper_row *row,
                      const double widths[], bool keep_next)
{
    static const char *const aligns[] = {[PAPER_LEFT] = NULL, [PAPER_CENTRE] = CENTRE, [PAPER_RIGHT] = "right"};
    struct docx_shape shape = {.size = SIZE_TABLE, .bold = !row->cells, .keep_next = keep_next || !row->cells};
    open_row(docx, false);
    if (!row->cells)
        write_cell(docx, body_width(docx), table->count, &shape, row->part);
    for (size_t i = 0; row->cells && i < table->count; i++) {
        shape.justified = aligns[table->columns[i].align];
        write_cell(docx, widths[i], 1, &shape, row->cells[i]);
    }
    docx_close(docx);
}

static void write_table(struct docx *docx, const struct paper_block *block)
{
    const struct paper_table *table = &block->table;
    double widths[PAPER_COLUMNS_MAX], all = 0;
    for (size_t i = 0; i < table->count; i++)
        all += table->columns[i].share;
    for (size_t i = 0; i < table->count; i++)
        widths[i] = body_width(docx) * table->columns[i].share / all;
    bool signed_below = block->next && block->next->kind == BLOCK_SIGNING;
    open_table(docx, widths, table->count);
    write_headings(docx, table, widths);
    for (const struct paper_row *row = table->first; row; row = row->next)
        write_row(docx, table, row, widths, !row->next && signed_below);
    close_table(docx, BETWEEN_PARAGRAPHS, signed_below);
}

// ---- the end ----

static void write_signer(struct docx *docx, const struct paper_signer *signer)
{
    const struct docx_shape capacity = {.size = SIZE_TEXT, .bold = true, .justified = CENTRE, .keep_next = true};
    struct docx_shape name = capacity;
    name.before = SIGNING_SPACE;
    write_line(docx, &capacity, signer->capacity);
    write_line(docx, &name, signer->name ? signer->name : "");
}

static void write_recipients(struct docx *docx, const struct paper_list *list)
{
    const struct docx_shape label = {.size = SIZE_RECIPIENTS_LABEL, .bold = true, .italic = true, .keep_next = true};
    const struct docx_shape item = {.size = SIZE_RECIPIENTS, .keep_next = true};
    write_line(docx, &label, list->count ? "Nơi nhận:" : "");
    for (size_t i = 0; i < list->count; i++)
        write_line(docx, &item, paper_recipient(docx->paper, list, i));
}

static void write_signing(struct docx *docx, const struct paper_block *block)
{
    double widths[] = {body_width(docx) * SIGNING_LEFT, body_width(docx) * (1 - SIGNING_LEFT)};
    write_led(docx, &(struct docx_shape){.size = SECTION_END_SIZE, .before = TITLE_GAP - 2, .keep_next = true}, NULL,
              "");
    open_sides(docx, widths, 2);
    open_row(docx, false);
    open_cell(docx, widths[0], 1);
    if (block->signing.two)
        write_signer(docx, &block->signing.left);
    else
        write_recipients(docx, &block->signing.recipients);
    docx_close(docx);
    open_cell(docx, widths[1], 1);
    write_signer(docx, &block->signing.right);
    docx_close(docx);
    docx_close(docx);
    close_table(docx, 0, true); // what ends a section must not begin a page
}

// ---- sections ----

static void write_section(struct docx *docx)
{
    double width = docx->landscape ? PAGE_LONG : PAGE_SHORT, height = docx->landscape ? PAGE_SHORT : PAGE_LONG;
    docx_open(docx, "w:sectPr");
    docx_open(docx, "w:headerReference");
    docx_attribute(docx, "w:type", "default");
    docx_attribute(docx, "r:id", "rId2");
    docx_close(docx);
    docx_open(docx, "w:pgSz");
    docx_length(docx, "w:w", width);
    docx_length(docx, "w:h", height);
    if (docx->landscape)
        docx_attribute(docx, "w:orient", "landscape");
    docx_close(docx);
    docx_open(docx, "w:pgMar");
    docx_length(docx, "w:top", MARGIN_TOP);
    docx_length(docx, "w:right", MARGIN_RIGHT);
    docx_length(docx, "w:bottom", MARGIN_BOTTOM);
    docx_length(docx, "w:left", MARGIN_LEFT);
    docx_length(docx, "w:header", PAGE_NUMBER_DOWN);
    docx_length(docx, "w:footer", PAGE_NUMBER_DOWN);
    docx_number(docx, "w:gutter", 0);
    docx_close(docx);
    docx_open(docx, "w:pgNumType");
    docx_number(docx, "w:start", 1);
    docx_close(docx);
    docx_value(docx, "w:titlePg", NULL);
    docx_close(docx);
}

// The last paragraph of a section says what its pages are like.
static void end_section(struct docx *docx)
{
    docx_open(docx, "w:p");
    docx_open(docx, "w:pPr");
    docx_open(docx, "w:spacing");
    docx_length(docx, "w:line", 1);
    docx_attribute(docx, "w:lineRule", "exact");
    docx_close(docx);
    write_section(docx);
    docx_close(docx);
    docx_close(docx);
}

static void write_annex(struct docx *docx, const struct paper_block *block)
{
    const struct docx_shape title = {.size = SIZE_TEXT, .bold = true, .justified = CENTRE, .style = "Heading1"};
    const struct docx_shape line = {.size = SIZE_TEXT, .bold = true, .justified = CENTRE};
    const struct docx_shape guide = {.size = SIZE_TEXT, .italic = true, .justified = CENTRE};
    if (block != docx->paper->first)
        end_section(docx);
    docx->landscape = block->annex.landscape;
    write_line(docx, &title, block->annex.title);
    write_line(docx, &line, block->annex.subject);
    write_line(docx, &guide, block->annex.guide);
    write_led(docx, &(struct docx_shape){.size = SECTION_END_SIZE, .after = 2 * HEAD_GAP}, NULL, "");
}

static void write_block(struct docx *docx, const struct paper_block *block)
{
    static void (*const writers[])(struct docx * docx, const struct paper_block *block) = {
        [BLOCK_HEAD] = write_head,       [BLOCK_TITLE] = write_title,     [BLOCK_ADDRESSEES] = write_addressees,
        [BLOCK_BASIS] = write_text,      [BLOCK_CENTRED] = write_centred, [BLOCK_HEADING] = write_text,
        [BLOCK_PARAGRAPH] = write_text,  [BLOCK_BLANK] = write_blank,     [BLOCK_TABLE] = write_table,
        [BLOCK_SIGNING] = write_signing, [BLOCK_ANNEX] = write_annex};
    writers[block->kind](docx, block);
}

void docx_body(struct docx *docx)
{
    for (const struct paper_block *block = docx->paper->first; block; block = block->next)
        write_block(docx, block);
    write_section(docx);
}
