#include "paper/docx.h"

#include "thidua/arena.h"

enum { HEAD_GAP = 6, TITLE_GAP = 14 };
// How long a text is, as a share of its size: only lines under it go by it.
#define CAPITAL_WIDTH 0.72
#define SMALL_WIDTH   0.5
#define MOTTO_WIDTH   12.6 // of the motto in bold, as a multiple of its size

// ---- lines under a text ----

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
    docx_led(docx, &(struct docx_shape){.size = 1, .after = HEAD_GAP / 2.0, .rule = length, .width = width}, NULL, "");
}

// ---- the head ----

static void write_issuer(struct docx *docx, const struct paper_head *head, double width)
{
    const struct docx_shape plain = {.size = SIZE_AGENCY, .justified = DOCX_CENTRE};
    const struct docx_shape bold = {.size = SIZE_AGENCY, .bold = true, .justified = DOCX_CENTRE};
    docx_line(docx, &plain, head->superior);
    docx_line(docx, &bold, head->issuer);
    write_rule(docx, estimate(head->issuer, SIZE_AGENCY, width, CAPITAL_WIDTH) * RULE_SHARE, width);
}

static void write_nation(struct docx *docx, double width)
{
    const struct docx_shape nation = {.size = SIZE_NATION, .bold = true, .justified = DOCX_CENTRE};
    const struct docx_shape motto = {.size = SIZE_MOTTO, .bold = true, .justified = DOCX_CENTRE};
    docx_line(docx, &nation, paper_nation);
    docx_line(docx, &motto, paper_motto);
    write_rule(docx, MOTTO_WIDTH * SIZE_MOTTO, width);
}

static void write_head(struct docx *docx, const struct paper_block *block)
{
    const struct docx_shape number = {.size = SIZE_NUMBER, .justified = DOCX_CENTRE};
    const struct docx_shape place = {.size = SIZE_PLACE, .italic = true, .justified = DOCX_CENTRE};
    double widths[] = {docx_body_width(docx) * HEAD_LEFT, docx_body_width(docx) * (1 - HEAD_LEFT)};
    docx_sides_open(docx, widths, 2);
    docx_row_open(docx, false);
    docx_cell_open(docx, widths[0], 1);
    write_issuer(docx, &block->head, widths[0]);
    docx_close(docx);
    docx_cell_open(docx, widths[1], 1);
    write_nation(docx, widths[1]);
    docx_close(docx);
    docx_close(docx);
    docx_row_open(docx, false);
    docx_cell_open(docx, widths[0], 1);
    docx_line(docx, &number, block->head.number ? block->head.number : "");
    docx_close(docx);
    docx_cell_open(docx, widths[1], 1);
    docx_line(docx, &place, block->head.place ? block->head.place : "");
    docx_close(docx);
    docx_close(docx);
    docx_table_close(docx, 0, false);
}

// ---- titles ----

static void write_title(struct docx *docx, const struct paper_block *block)
{
    const struct docx_shape kind = {
        .size = SIZE_TEXT, .bold = true, .justified = DOCX_CENTRE, .before = TITLE_GAP, .style = "Heading1"};
    const struct docx_shape line = {.size = SIZE_TEXT, .bold = true, .justified = DOCX_CENTRE};
    const struct docx_shape authority = {
        .size = SIZE_TEXT, .bold = true, .justified = DOCX_CENTRE, .before = HEAD_GAP, .after = HEAD_GAP};
    docx_line(docx, &kind, block->title.kind);
    docx_line(docx, &line, block->title.subject);
    if (block->title.subject)
        write_rule(docx, estimate(block->title.subject, SIZE_TEXT, docx_body_width(docx), SMALL_WIDTH) * RULE_SHARE,
                   docx_body_width(docx));
    docx_line(docx, &authority, block->title.authority);
}

static void write_addressees(struct docx *docx, const struct paper_block *block)
{
    const struct paper_list *list = &block->addressees;
    struct docx_shape shape = {.size = SIZE_TEXT, .before = HEAD_GAP};
    if (list->count == 1) {
        shape.justified = DOCX_CENTRE;
        shape.after = 2 * HEAD_GAP;
        docx_line(docx, &shape, arena_format(docx->paper->arena, "Kính gửi: %s.", list->items[0]));
        return;
    }
    shape.indent_left = FIRST_LINE * 2;
    docx_line(docx, &shape, "Kính gửi:");
    shape.before = 0;
    for (size_t i = 0; i < list->count; i++) {
        shape.after = i + 1 == list->count ? 2 * HEAD_GAP : 0;
        docx_line(docx, &shape, paper_recipient(docx->paper, list, i));
    }
}

// ---- text ----

static const struct docx_shape text_shape = {.size = SIZE_TEXT,
                                             .justified = "both",
                                             .first_line = FIRST_LINE,
                                             .after = BETWEEN_PARAGRAPHS,
                                             .line = LINE_SPACING};

static void write_text(struct docx *docx, const struct paper_block *block)
{
    struct docx_shape shape = text_shape;
    shape.italic = block->kind == BLOCK_BASIS;
    if (block->kind == BLOCK_HEADING)
        shape.style = "Heading2";
    shape.keep_next = block->kind == BLOCK_HEADING ||
                      (block->next && (block->next->kind == BLOCK_SIGNING || block->next->kind == BLOCK_TABLE));
    docx_led(docx, &shape, block->text.lead, block->text.text);
}

static void write_centred(struct docx *docx, const struct paper_block *block)
{
    const struct docx_shape shape = {.size = SIZE_TEXT,
                                     .bold = true,
                                     .justified = DOCX_CENTRE,
                                     .before = BETWEEN_PARAGRAPHS,
                                     .after = BETWEEN_PARAGRAPHS,
                                     .keep_next = true};
    docx_line(docx, &shape, block->text.text);
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
    docx_length(docx, "w:pos", docx_body_width(docx));
    docx_close(docx);
    docx_close(docx);
    docx_spacing(docx, &text_shape);
    docx_close(docx);
    docx_open(docx, "w:r");
    docx_value(docx, "w:tab", NULL);
    docx_close(docx);
    docx_close(docx);
}

static void write_blank(struct docx *docx, const struct paper_block *block)
{
    if (*block->text.text)
        docx_led(docx, &text_shape, NULL, block->text.text);
    for (unsigned i = 0; i < block->text.blanks; i++)
        write_dots(docx, block->next && block->next->kind == BLOCK_SIGNING);
}

// ---- the end ----

static void write_signer(struct docx *docx, const struct paper_signer *signer)
{
    const struct docx_shape capacity = {.size = SIZE_TEXT, .bold = true, .justified = DOCX_CENTRE, .keep_next = true};
    struct docx_shape name = capacity;
    name.before = SIGNING_SPACE;
    docx_line(docx, &capacity, signer->capacity);
    docx_line(docx, &name, signer->name ? signer->name : "");
}

static void write_recipients(struct docx *docx, const struct paper_list *list)
{
    const struct docx_shape label = {.size = SIZE_RECIPIENTS_LABEL, .bold = true, .italic = true, .keep_next = true};
    const struct docx_shape item = {.size = SIZE_RECIPIENTS, .keep_next = true};
    docx_line(docx, &label, list->count ? "Nơi nhận:" : "");
    for (size_t i = 0; i < list->count; i++)
        docx_line(docx, &item, paper_recipient(docx->paper, list, i));
}

static void write_signing(struct docx *docx, const struct paper_block *block)
{
    double widths[] = {docx_body_width(docx) * SIGNING_LEFT, docx_body_width(docx) * (1 - SIGNING_LEFT)};
    docx_led(docx, &(struct docx_shape){.size = DOCX_SMALLEST, .before = TITLE_GAP - 2, .keep_next = true}, NULL, "");
    docx_sides_open(docx, widths, 2);
    docx_row_open(docx, false);
    docx_cell_open(docx, widths[0], 1);
    if (block->signing.two)
        write_signer(docx, &block->signing.left);
    else
        write_recipients(docx, &block->signing.recipients);
    docx_close(docx);
    docx_cell_open(docx, widths[1], 1);
    write_signer(docx, &block->signing.right);
    docx_close(docx);
    docx_close(docx);
    docx_table_close(docx, 0, true); // what ends a section must not begin a page
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
    const struct docx_shape title = {.size = SIZE_TEXT, .bold = true, .justified = DOCX_CENTRE, .style = "Heading1"};
    const struct docx_shape line = {.size = SIZE_TEXT, .bold = true, .justified = DOCX_CENTRE};
    const struct docx_shape guide = {.size = SIZE_TEXT, .italic = true, .justified = DOCX_CENTRE};
    if (block != docx->paper->first)
        end_section(docx);
    docx->landscape = block->annex.landscape;
    docx_line(docx, &title, block->annex.title);
    docx_line(docx, &line, block->annex.subject);
    docx_line(docx, &guide, block->annex.guide);
    docx_led(docx, &(struct docx_shape){.size = DOCX_SMALLEST, .after = 2 * HEAD_GAP}, NULL, "");
}

static void write_block(struct docx *docx, const struct paper_block *block)
{
    static void (*const writers[])(struct docx * docx, const struct paper_block *block) = {
        [BLOCK_HEAD] = write_head,       [BLOCK_TITLE] = write_title,     [BLOCK_ADDRESSEES] = write_addressees,
        [BLOCK_BASIS] = write_text,      [BLOCK_CENTRED] = write_centred, [BLOCK_HEADING] = write_text,
        [BLOCK_PARAGRAPH] = write_text,  [BLOCK_BLANK] = write_blank,     [BLOCK_TABLE] = docx_table,
        [BLOCK_SIGNING] = write_signing, [BLOCK_ANNEX] = write_annex};
    writers[block->kind](docx, block);
}

void docx_body(struct docx *docx)
{
    for (const struct paper_block *block = docx->paper->first; block; block = block->next)
        write_block(docx, block);
    write_section(docx);
}
