// A paragraph as Word writes it. What is in w:pPr and w:rPr stands in the order of the schema.
#include "paper/docx.h"

#include "thidua/arena.h"

#include <string.h>

static void write_borders(struct docx *docx)
{
    docx_open(docx, "w:pBdr");
    docx_border(docx, "w:bottom");
    docx_close(docx);
}

void docx_spacing(struct docx *docx, const struct docx_shape *shape)
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
    docx_spacing(docx, shape);
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

void docx_led(struct docx *docx, const struct docx_shape *shape, const char *lead, const char *text)
{
    docx_open(docx, "w:p");
    write_shape(docx, shape);
    if (lead)
        write_run(docx, shape, *text ? arena_format(docx->paper->arena, "%s ", lead) : lead, true);
    if (*text)
        write_run(docx, shape, text, shape->bold);
    docx_close(docx);
}

void docx_line(struct docx *docx, const struct docx_shape *shape, const char *text)
{
    if (text)
        docx_led(docx, shape, NULL, text);
}
