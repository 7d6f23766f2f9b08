// The Word document at hand, for those who write its parts. The only code that knows libxml2.
#ifndef THIDUA_PAPER_DOCX_H
#define THIDUA_PAPER_DOCX_H

#include "paper/model.h"

#include <libxml/xmlwriter.h>

struct docx {
    const struct paper *paper;
    xmlTextWriterPtr xml;
    bool failed;
    bool landscape; // the section at hand
};

// What a paragraph looks like. Lengths are points.
struct docx_shape {
    double size;
    bool bold, italic;
    const char *justified; // w:jc; NULL: left
    double first_line, indent_left, indent_right;
    double before, after, line; // `line`: how many times a single line; 0: single
    const char *style;
    bool keep_next;
    double rule; // > 0: an empty line so long, in the middle of `width`
    double width;
};

#define DOCX_CENTRE "center"

enum { DOCX_SMALLEST = 1 }; // of a paragraph that is there only because Word wants one

static inline double docx_body_width(const struct docx *docx)
{
    return (docx->landscape ? PAGE_LONG : PAGE_SHORT) - MARGIN_LEFT - MARGIN_RIGHT;
}

// ---- docx_blocks.c ----
// word/document.xml
void docx_body(struct docx *docx);

// ---- docx_text.c ----
// A paragraph; NULL: none. A line feed in it begins a line.
void docx_line(struct docx *docx, const struct docx_shape *shape, const char *text);
// One that begins with `lead` in bold, unless that is NULL. There is one also without a text.
void docx_led(struct docx *docx, const struct docx_shape *shape, const char *lead, const char *text);
void docx_spacing(struct docx *docx, const struct docx_shape *shape);

// ---- docx_table.c ----
void docx_table(struct docx *docx, const struct paper_block *block);
// Sides of a page: a table without lines. What is opened is closed by docx_close(), the table by docx_table_close().
void docx_sides_open(struct docx *docx, const double widths[], size_t count);
void docx_row_open(struct docx *docx, bool heading);
void docx_cell_open(struct docx *docx, double width, size_t span);
// With `keep_next` the last row stands on the page of what follows.
void docx_table_close(struct docx *docx, double after, bool keep_next);

// ---- docx_parts.c ----
// [Content_Types].xml, relations, styles and the page number: the same in every paper.
struct docx_part {
    const char *name, *text;
};
extern const struct docx_part docx_parts[]; // ended by an empty row
// docProps/core.xml
void docx_properties(struct docx *docx);

// ---- docx_xml.c ----
// A part as XML, to be freed; NULL: there was no memory.
xmlBufferPtr docx_make_part(const struct paper *paper, void (*write)(struct docx *docx));
void docx_open(struct docx *docx, const char *element);
void docx_close(struct docx *docx);
void docx_attribute(struct docx *docx, const char *name, const char *value);
void docx_length(struct docx *docx, const char *name, double points); // in twentieths of a point
void docx_number(struct docx *docx, const char *name, long number);
void docx_text(struct docx *docx, const char *text, size_t length);
// An element with one attribute "w:val" (NULL: none), and one with a length in "w:w" of the type dxa.
void docx_value(struct docx *docx, const char *element, const char *value);
void docx_width(struct docx *docx, const char *element, double points);
// A black line on that side of a paragraph or cell.
void docx_border(struct docx *docx, const char *side);

#endif
