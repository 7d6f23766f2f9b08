// A paper as PDF, page by page: text that can be found and copied, fonts embedded, parts tagged for who reads aloud.
#include "paper/pdf.h"

#include "base/pure/budget.h"
#include "thidua/arena.h"

#include <stdlib.h>

static const struct pdf_look page_number_look = {.size = SIZE_PAGE_NUMBER, .align = PAPER_CENTRE};
static const struct pdf_look text_look = {
    .size = SIZE_TEXT, .justified = true, .align = PAPER_LEFT, .first_line = FIRST_LINE, .spacing = LINE_SPACING};
static const struct pdf_look basis_look = {.size = SIZE_TEXT,
                                           .italic = true,
                                           .justified = true,
                                           .align = PAPER_LEFT,
                                           .first_line = FIRST_LINE,
                                           .spacing = LINE_SPACING};
static const struct pdf_look centred_look = {.size = SIZE_TEXT, .bold = true, .align = PAPER_CENTRE};

enum { TWO_LINES = 40 };
// Behind the last line of a paragraph Pango leaves no part of the spacing of its lines, as word processors do.
#define UNDER_LAST_LINE (SIZE_TEXT * 0.215)

bool pdf_may_go_on(const struct pdf *pdf)
{
    return pdf->fault == PAPER_FINE && budget_state() == BUDGET_KEPT;
}

bool pdf_goes_on(struct pdf *pdf)
{
    if (pdf->fault == PAPER_FINE && !pdf_may_go_on(pdf))
        pdf->fault = PAPER_TOO_LARGE;
    return pdf->fault == PAPER_FINE;
}

// ---- pages ----

static void begin_page(struct pdf *pdf)
{
    pdf->page++;
    if (++pdf->pages > PAPER_PAGES_MAX && pdf->fault == PAPER_FINE)
        pdf->fault = PAPER_TOO_LARGE;
    pdf->y = MARGIN_TOP;
    if (pdf->page == 1)
        return;
    const char *number = arena_format(pdf->paper->arena, "%u", pdf->page);
    PangoLayout *layout = pdf_layout(pdf, number, pdf_body_width(pdf), &page_number_look);
    cairo_move_to(pdf->cairo, MARGIN_LEFT, PAGE_NUMBER_DOWN);
    pango_cairo_show_layout(pdf->cairo, layout);
    g_object_unref(layout);
}

void pdf_next_page(struct pdf *pdf)
{
    cairo_show_page(pdf->cairo);
    begin_page(pdf);
}

void pdf_section(struct pdf *pdf, bool landscape)
{
    if (pdf->pages)
        cairo_show_page(pdf->cairo);
    pdf->width = landscape ? PAGE_LONG : PAGE_SHORT;
    pdf->height = landscape ? PAGE_SHORT : PAGE_LONG;
    cairo_pdf_surface_set_size(pdf->surface, pdf->width, pdf->height);
    pdf->page = 0;
    begin_page(pdf);
}

// ---- blocks ----

static double tail_of(const struct pdf *pdf, const struct paper_block *block);

static const struct pdf_look *look_of(const struct paper_block *block)
{
    return block->kind == BLOCK_CENTRED ? &centred_look : block->kind == BLOCK_BASIS ? &basis_look : &text_look;
}

static double gap_behind(const struct paper_block *block)
{
    if (block->kind == BLOCK_TABLE)
        return AFTER_TABLE;
    return look_of(block)->spacing > 0 ? BETWEEN_PARAGRAPHS + UNDER_LAST_LINE : BETWEEN_PARAGRAPHS;
}

static PangoLayout *lay_text(const struct pdf *pdf, const struct paper_block *block)
{
    return pdf_layout_led(pdf, block->text.lead, block->text.text, pdf_body_width(pdf), look_of(block));
}

// What of a block cannot stand on another page than its beginning.
static double begin_of(const struct pdf *pdf, const struct paper_block *block)
{
    if (block->kind == BLOCK_SIGNING)
        return pdf_signing_height(pdf, block);
    if (block->kind == BLOCK_TABLE)
        return pdf_table_begin(pdf, &block->table);
    if (block->kind < BLOCK_BASIS || block->kind > BLOCK_BLANK) // an annex begins a page; others are no text of a body
        return 0;
    bool whole;
    double height = pdf_flow_begin(lay_text(pdf, block), &whole);
    return height + (whole ? tail_of(pdf, block) : 0);
}

// How much room what follows takes on the page of this block: 0 where no page can hold both.
static double tail_of(const struct pdf *pdf, const struct paper_block *block)
{
    const struct paper_block *next = block->next;
    bool leads = block->kind == BLOCK_HEADING || block->kind == BLOCK_CENTRED;
    if (!next || (next->kind != BLOCK_SIGNING && (next->kind != BLOCK_TABLE || block->kind == BLOCK_TABLE) && !leads))
        return 0;
    double tail = gap_behind(block) + begin_of(pdf, next);
    return tail + TWO_LINES > pdf_body_height(pdf) ? 0 : tail;
}

static void draw_text(struct pdf *pdf, const struct paper_block *block, const char *tag)
{
    pdf_flow(pdf, lay_text(pdf, block), MARGIN_LEFT, tag, tail_of(pdf, block));
    pdf->y += gap_behind(block);
}

static void draw_blank(struct pdf *pdf, const struct paper_block *block)
{
    static const double dots[] = {0, 3};
    struct paper_block empty = {.next = block->next, .kind = BLOCK_PARAGRAPH, .text = {NULL, " ", 0}};
    if (*block->text.text)
        draw_text(pdf, block, "P");
    for (unsigned i = 0; i < block->text.blanks; i++) {
        draw_text(pdf, &empty, "P");
        cairo_save(pdf->cairo);
        cairo_set_line_cap(pdf->cairo, CAIRO_LINE_CAP_ROUND);
        cairo_set_dash(pdf->cairo, dots, 2, 0);
        pdf_rule(pdf, MARGIN_LEFT, pdf_body_width(pdf), pdf_body_width(pdf), pdf->y - gap_behind(&empty) - 3);
        cairo_restore(pdf->cairo);
    }
}

static void draw_block(struct pdf *pdf, const struct paper_block *block)
{
    switch (block->kind) {
    case BLOCK_HEAD:
        pdf_head(pdf, block);
        break;
    case BLOCK_TITLE:
        pdf_title(pdf, block);
        break;
    case BLOCK_ADDRESSEES:
        pdf_addressees(pdf, block);
        break;
    case BLOCK_BASIS:
        draw_text(pdf, block, "P");
        break;
    case BLOCK_CENTRED:
        pdf->y += BETWEEN_PARAGRAPHS;
        draw_text(pdf, block, "P");
        break;
    case BLOCK_HEADING:
        draw_text(pdf, block, "H2");
        break;
    case BLOCK_BLANK:
        draw_blank(pdf, block);
        break;
    case BLOCK_TABLE:
        pdf_table(pdf, &block->table, tail_of(pdf, block));
        break;
    case BLOCK_SIGNING:
        pdf_signing(pdf, block);
        break;
    case BLOCK_ANNEX:
        pdf_annex(pdf, block);
        break;
    case BLOCK_PARAGRAPH:
    default:
        draw_text(pdf, block, "P");
    }
}

// ---- the file ----

static cairo_status_t take_bytes(void *context, const unsigned char *bytes, unsigned length)
{
    return out_write(context, bytes, length) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void use_pango(struct pdf *pdf)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    PangoFontMap *fonts = pango_cairo_font_map_new();
    pdf->context = pango_font_map_create_context(fonts);
    g_object_unref(fonts); // the context holds it
    pango_cairo_update_context(pdf->cairo, pdf->context);
    pango_cairo_context_set_font_options(pdf->context, options);
    pango_cairo_context_set_resolution(pdf->context, 72);
    pango_context_set_round_glyph_positions(pdf->context, FALSE);
    pango_context_set_language(pdf->context, pango_language_from_string("vi"));
    cairo_font_options_destroy(options);
}

// The time at which a file is made would make another file of the same paper.
static void say_what_it_is(struct pdf *pdf)
{
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_TITLE, pdf->paper->title);
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATOR, "thidua");
    cairo_pdf_surface_set_metadata(pdf->surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
}

static void draw_paper(struct pdf *pdf)
{
    say_what_it_is(pdf);
    if (!pdf->paper->first || pdf->paper->first->kind != BLOCK_ANNEX) // which begins with a page of its own
        pdf_section(pdf, false);
    for (const struct paper_block *block = pdf->paper->first; block && pdf_goes_on(pdf); block = block->next)
        draw_block(pdf, block);
    pdf_goes_on(pdf); // the last block may have been left half drawn
    cairo_surface_finish(pdf->surface);
    bool bad =
        cairo_status(pdf->cairo) != CAIRO_STATUS_SUCCESS || cairo_surface_status(pdf->surface) != CAIRO_STATUS_SUCCESS;
    if (pdf->fault == PAPER_FINE && bad)
        pdf->fault = pdf->out->fault ? pdf->out->fault : PAPER_FAILED;
}

enum paper_fault paper_write_pdf(const struct paper *paper, struct temporary *file)
{
    if (paper->too_large)
        return PAPER_TOO_LARGE;
    struct out *out = arena_new(paper->arena, struct out);
    out->file = file;
    struct pdf pdf = {.paper = paper, .out = out};
    pdf.surface = cairo_pdf_surface_create_for_stream(take_bytes, out, PAGE_SHORT, PAGE_LONG);
    pdf.cairo = cairo_create(pdf.surface);
    use_pango(&pdf);
    draw_paper(&pdf);
    g_object_unref(pdf.context);
    cairo_destroy(pdf.cairo);
    cairo_surface_destroy(pdf.surface);
    out_flush(out);
    return pdf.fault ? pdf.fault : out->fault;
}
