// How a part of a Word document is written, by libxml2.
#include "paper/docx.h"

#include "thidua/arena.h"

static void check(struct docx *docx, int written)
{
    docx->failed |= written < 0;
}

static const xmlChar *xml(const char *text)
{
    return (const xmlChar *)text;
}

void docx_open(struct docx *docx, const char *element)
{
    check(docx, xmlTextWriterStartElement(docx->xml, xml(element)));
}

void docx_close(struct docx *docx)
{
    check(docx, xmlTextWriterEndElement(docx->xml));
}

void docx_attribute(struct docx *docx, const char *name, const char *value)
{
    check(docx, xmlTextWriterWriteAttribute(docx->xml, xml(name), xml(value)));
}

void docx_number(struct docx *docx, const char *name, long number)
{
    check(docx, xmlTextWriterWriteFormatAttribute(docx->xml, xml(name), "%ld", number));
}

void docx_length(struct docx *docx, const char *name, double points)
{
    docx_number(docx, name, (long)(points * 20 + 0.5));
}

void docx_text(struct docx *docx, const char *text, size_t length)
{
    docx_open(docx, "w:t");
    docx_attribute(docx, "xml:space", "preserve");
    check(docx, xmlTextWriterWriteString(docx->xml, xml(arena_copy(docx->paper->arena, text, length))));
    docx_close(docx);
}

void docx_value(struct docx *docx, const char *element, const char *value)
{
    docx_open(docx, element);
    if (value)
        docx_attribute(docx, "w:val", value);
    docx_close(docx);
}

void docx_width(struct docx *docx, const char *element, double points)
{
    docx_open(docx, element);
    docx_length(docx, "w:w", points);
    docx_attribute(docx, "w:type", "dxa");
    docx_close(docx);
}

void docx_border(struct docx *docx, const char *side)
{
    docx_open(docx, side);
    docx_attribute(docx, "w:val", "single");
    docx_number(docx, "w:sz", (long)(RULE_WIDTH * 8));
    docx_number(docx, "w:space", 0);
    docx_attribute(docx, "w:color", "000000");
    docx_close(docx);
}

xmlBufferPtr docx_make_part(const struct paper *paper, void (*write)(struct docx *docx))
{
    xmlBufferPtr buffer = xmlBufferCreate();
    struct docx docx = {.paper = paper, .xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL};
    if (docx.xml) {
        check(&docx, xmlTextWriterStartDocument(docx.xml, NULL, "UTF-8", "yes"));
        write(&docx);
        check(&docx, xmlTextWriterEndDocument(docx.xml));
        xmlFreeTextWriter(docx.xml);
    }
    if (buffer && (!docx.xml || docx.failed)) {
        xmlBufferFree(buffer);
        return NULL;
    }
    return buffer;
}
