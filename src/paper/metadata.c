#include "paper/metadata.h"

#include "thidua/arena.h"

#include <libxml/xmlwriter.h>
#include <stdbool.h>
#include <string.h>

void paper_fields(const struct paper_metadata *metadata, struct paper_field ret_fields[static PAPER_FIELDS])
{
    const struct paper_field fields[PAPER_FIELDS] = {
        {"FileCode", metadata->file_code, NULL},
        {"TypeName", metadata->type_name, NULL},
        {"CodeNumber", metadata->code_number, NULL},
        {"CodeNotation", metadata->code_notation, NULL},
        {"IssuedDate", metadata->issued_date, NULL},
        {"OrganName", metadata->organ_name, NULL},
        {"Subject", metadata->subject, NULL},
        {"Language", "Tiếng Việt", NULL},
        {"Position", metadata->signer_position, "SignerInfo"},
        {"FullName", metadata->signer_name, "SignerInfo"},
    };
    memcpy(ret_fields, fields, sizeof fields);
}

static bool write_fields(xmlTextWriterPtr writer, const struct paper_field fields[static PAPER_FIELDS])
{
    const char *group = NULL;
    bool good = xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL) >= 0 &&
                xmlTextWriterStartElement(writer, (const xmlChar *)"Document") >= 0;
    for (size_t i = 0; good && i < PAPER_FIELDS; i++) {
        if (fields[i].group && !group)
            good = xmlTextWriterStartElement(writer, (const xmlChar *)fields[i].group) >= 0;
        group = fields[i].group;
        if (fields[i].value)
            good = good && xmlTextWriterWriteElement(writer, (const xmlChar *)fields[i].name,
                                                     (const xmlChar *)fields[i].value) >= 0;
    }
    return good && xmlTextWriterEndDocument(writer) >= 0;
}

const char *paper_metadata_xml(struct arena *arena, const struct paper_metadata *metadata)
{
    struct paper_field fields[PAPER_FIELDS];
    const char *text = NULL;
    paper_fields(metadata, fields);
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    bool good = writer && write_fields(writer, fields);
    if (writer)
        xmlFreeTextWriter(writer);
    if (good)
        text = arena_copy(arena, (const char *)xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer));
    if (buffer)
        xmlBufferFree(buffer);
    return text;
}
