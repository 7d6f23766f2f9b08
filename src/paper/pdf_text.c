#include "paper/pdf.h"

#include "thidua/arena.h"

#include <string.h>

static const char family[] = "Liberation Serif"; // as wide as Times New Roman, letter by letter

static void set_font(PangoLayout *layout, const struct pdf_look *look)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, family);
    pango_font_description_set_absolute_size(font, look->size * PANGO_SCALE);
    pango_font_description_set_weight(font, look->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_style(font, look->italic ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
}

// A text that is broken within a word bears no hyphen that is not in it.
static PangoAttrList *plain_list(void)
{
    PangoAttrList *list = pango_attr_list_new();
    pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE));
    return list;
}

static void set_attributes(PangoLayout *layout, PangoAttrList *list)
{
    pango_layout_set_attributes(layout, list);
    pango_attr_list_unref(list);
}

PangoLayout *pdf_layout(const struct pdf *pdf, const char *text, double width, const struct pdf_look *look)
{
    static const PangoAlignment aligns[] = {
        [PAPER_LEFT] = PANGO_ALIGN_LEFT, [PAPER_CENTRE] = PANGO_ALIGN_CENTER, [PAPER_RIGHT] = PANGO_ALIGN_RIGHT};
    PangoLayout *layout = pango_layout_new(pdf->context);
    set_font(layout, look);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, aligns[look->align]);
    pango_layout_set_justify(layout, look->justified);
    pango_layout_set_indent(layout, (int)(look->first_line * PANGO_SCALE));
    if (look->spacing > 0)
        pango_layout_set_line_spacing(layout, (float)look->spacing);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_text(layout, pdf_may_go_on(pdf) ? text : "", -1);
    set_attributes(layout, plain_list());
    return layout;
}

PangoLayout *pdf_layout_led(const struct pdf *pdf, const char *lead, const char *text, double width,
                            const struct pdf_look *look)
{
    if (!lead)
        return pdf_layout(pdf, text, width, look);
    const char *whole = arena_format(pdf->paper->arena, "%s%s%s", lead, *text ? " " : "", text);
    PangoLayout *layout = pdf_layout(pdf, whole, width, look);
    PangoAttrList *list = plain_list();
    PangoAttribute *bold = pango_attr_weight_new(PANGO_WEIGHT_BOLD);
    bold->start_index = 0;
    bold->end_index = (guint)strlen(lead);
    pango_attr_list_insert(list, bold);
    set_attributes(layout, list);
    return layout;
}

double pdf_layout_height(PangoLayout *layout)
{
    int height;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

double pdf_layout_width(PangoLayout *layout)
{
    int width;
    pango_layout_get_size(layout, &width, NULL);
    return (double)width / PANGO_SCALE;
}

void pdf_rule(struct pdf *pdf, double x, double width, double length, double y)
{
    cairo_set_line_width(pdf->cairo, RULE_WIDTH);
    cairo_move_to(pdf->cairo, x + (width - length) / 2, y);
    cairo_line_to(pdf->cairo, x + (width + length) / 2, y);
    cairo_stroke(pdf->cairo);
}

double pdf_put(struct pdf *pdf, PangoLayout *layout, double x, double y, const char *tag)
{
    double height = pdf_layout_height(layout);
    cairo_tag_begin(pdf->cairo, tag, NULL);
    cairo_move_to(pdf->cairo, x, y);
    pango_cairo_show_layout(pdf->cairo, layout);
    cairo_tag_end(pdf->cairo, tag);
    g_object_unref(layout);
    return height;
}

// ---- over pages ----

// The last of the lines that must stand on one page with this one.
static int last_of_group(int line, int count)
{
    if (line == 0 && count > 3)
        return 1;
    return line == 0 || line >= count - 2 ? count - 1 : line;
}

static void line_range(PangoLayoutIter *iter, double *ret_top, double *ret_bottom)
{
    int top, bottom;
    pango_layout_iter_get_line_yrange(iter, &top, &bottom);
    *ret_top = (double)top / PANGO_SCALE;
    *ret_bottom = (double)bottom / PANGO_SCALE;
}

static double bottom_of_group(const PangoLayoutIter *iter, int lines)
{
    double top, bottom;
    PangoLayoutIter *ahead = pango_layout_iter_copy((PangoLayoutIter *)(uintptr_t)iter);
    while (lines-- > 0)
        pango_layout_iter_next_line(ahead);
    line_range(ahead, &top, &bottom);
    pango_layout_iter_free(ahead);
    return bottom;
}

static void draw_line(const struct pdf *pdf, PangoLayoutIter *iter, double x, double y)
{
    PangoRectangle logical;
    pango_layout_iter_get_line_extents(iter, NULL, &logical);
    cairo_move_to(pdf->cairo, x + (double)logical.x / PANGO_SCALE,
                  y + (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE);
    pango_cairo_show_layout_line(pdf->cairo, pango_layout_iter_get_line_readonly(iter));
}

double pdf_flow_begin(PangoLayout *layout, bool *ret_whole)
{
    int count = pango_layout_get_line_count(layout), last = last_of_group(0, count);
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    double height = bottom_of_group(iter, last);
    pango_layout_iter_free(iter);
    g_object_unref(layout);
    *ret_whole = last == count - 1;
    return height;
}

void pdf_flow(struct pdf *pdf, PangoLayout *layout, double x, const char *tag, double tail)
{
    int count = pango_layout_get_line_count(layout), line = 0;
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    double top, bottom, above = 0; // what of the layout stands on pages before
    cairo_tag_begin(pdf->cairo, tag, NULL);
    do {
        int last = last_of_group(line, count);
        line_range(iter, &top, &bottom);
        double need = bottom_of_group(iter, last - line) - above + (last == count - 1 ? tail : 0);
        if (need > pdf_room(pdf) && (top > above || !pdf_page_is_new(pdf))) {
            cairo_tag_end(pdf->cairo, tag);
            pdf_next_page(pdf);
            cairo_tag_begin(pdf->cairo, tag, NULL);
            above = top;
        }
        draw_line(pdf, iter, x, pdf->y - above);
        line++;
    } while (pango_layout_iter_next_line(iter) && pdf_goes_on(pdf));
    cairo_tag_end(pdf->cairo, tag);
    pdf->y += bottom - above;
    pango_layout_iter_free(iter);
    g_object_unref(layout);
}
