// The PDF at hand, for those who draw its parts. The only code that knows pango and cairo.
//
// Lengths are points, from the page's upper left corner.
#ifndef THIDUA_PAPER_PDF_H
#define THIDUA_PAPER_PDF_H

#include "paper/model.h"
#include "paper/out.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

struct pdf {
    const struct paper *paper;
    struct out *out;
    cairo_surface_t *surface;
    cairo_t *cairo;
    PangoContext *context;
    double width, height; // of the page
    double y;             // where the next block stands
    unsigned page;        // of the section
    unsigned pages;
    enum paper_fault fault;
};

static inline double pdf_body_width(const struct pdf *pdf)
{
    return pdf->width - MARGIN_LEFT - MARGIN_RIGHT;
}

static inline double pdf_body_height(const struct pdf *pdf)
{
    return pdf->height - MARGIN_TOP - MARGIN_BOTTOM;
}

// How much of the page is left.
static inline double pdf_room(const struct pdf *pdf)
{
    return pdf->height - MARGIN_BOTTOM - pdf->y;
}

static inline bool pdf_page_is_new(const struct pdf *pdf)
{
    return pdf->y <= MARGIN_TOP;
}

// ---- pdf.c ----
// False once something is wrong, or the work has taken what it may: how long texts take is up to who wrote them.
bool pdf_goes_on(struct pdf *pdf);
// The same, for who only measures.
bool pdf_may_go_on(const struct pdf *pdf);
void pdf_next_page(struct pdf *pdf);
// A page that begins to count anew.
void pdf_section(struct pdf *pdf, bool landscape);

// ---- pdf_text.c ----
struct pdf_look {
    double size;
    bool bold, italic, justified;
    enum paper_align align;
    double first_line, spacing; // 0: none, single
};
// Of nothing, once the work has taken what it may: to break a text into lines takes most of the time of a paper.
PangoLayout *pdf_layout(const struct pdf *pdf, const char *text, double width, const struct pdf_look *look);
// The same with `lead` before the text, in bold.
PangoLayout *pdf_layout_led(const struct pdf *pdf, const char *lead, const char *text, double width,
                            const struct pdf_look *look);
double pdf_layout_height(PangoLayout *layout);
// Of its longest line.
double pdf_layout_width(PangoLayout *layout);
// Draws it at a place, whole, and gives it back. Returns its height.
double pdf_put(struct pdf *pdf, PangoLayout *layout, double x, double y, const char *tag);
// Draws it from `y` down, on as many pages as it takes, and gives it back; on the last one so much room is left under
// it. No page begins or ends with a single line of several.
void pdf_flow(struct pdf *pdf, PangoLayout *layout, double x, const char *tag, double tail);
// The height of those of its first lines that stand on one page, and whether they are all. Gives it back.
double pdf_flow_begin(PangoLayout *layout, bool *ret_whole);
// A line in the middle under `width` at `x`.
void pdf_rule(struct pdf *pdf, double x, double width, double length, double y);

// ---- pdf_head.c ----
void pdf_head(struct pdf *pdf, const struct paper_block *block);
void pdf_title(struct pdf *pdf, const struct paper_block *block);
void pdf_addressees(struct pdf *pdf, const struct paper_block *block);
void pdf_annex(struct pdf *pdf, const struct paper_block *block);
void pdf_signing(struct pdf *pdf, const struct paper_block *block);
double pdf_signing_height(const struct pdf *pdf, const struct paper_block *block);

// ---- pdf_table.c ----
enum { AFTER_TABLE = 10 };
// The room that its heading and first row need.
double pdf_table_begin(const struct pdf *pdf, const struct paper_table *table);
void pdf_table(struct pdf *pdf, const struct paper_table *table, double tail);

#endif
