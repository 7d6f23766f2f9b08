// A paper as a Word document: WordprocessingML (ECMA-376 part 1, section 17) in a ZIP archive (part 2).
#include "paper/docx.h"

#include "base/sha256.h"
#include "paper/out.h"
#include "thidua/arena.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { DOCX_FILES_MAX = 16, DOS_TIME = 0, DOS_DATE = 0x21 }; // 1980-01-01: the same paper is the same file
static const char writing[] = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
static const char relations[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

// ---- parts ----

static void write_document(struct docx *docx)
{
    docx_open(docx, "w:document");
    docx_attribute(docx, "xmlns:w", writing);
    docx_attribute(docx, "xmlns:r", relations);
    docx_open(docx, "w:body");
    docx_body(docx);
    docx_close(docx);
    docx_close(docx);
}

const char *paper_fingerprint(const struct paper *paper)
{
    char *hex = arena_allocate(paper->arena, SHA256_HEX_LENGTH + 1);
    xmlBufferPtr document = docx_make_part(paper, write_document);
    if (!document)
        return NULL;
    sha256_hex(xmlBufferContent(document), (size_t)xmlBufferLength(document), hex);
    xmlBufferFree(document);
    return hex;
}

// ---- the archive ----

static bool add_part(zip_t *archive, const char *name, const void *bytes, size_t length)
{
    zip_source_t *source = zip_source_buffer(archive, bytes, length, 0);
    zip_int64_t number = source ? zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (source && number < 0)
        zip_source_free(source);
    return number >= 0 && zip_file_set_dostime(archive, (zip_uint64_t)number, DOS_TIME, DOS_DATE, 0) == 0;
}

static bool fill_archive(zip_t *archive, const xmlBuffer *properties, const xmlBuffer *document)
{
    bool good = true;
    for (const struct docx_part *part = docx_parts; part->name; part++)
        good = good && add_part(archive, part->name, part->text, strlen(part->text));
    return good &&
           add_part(archive, "docProps/core.xml", xmlBufferContent(properties), (size_t)xmlBufferLength(properties)) &&
           add_part(archive, "word/document.xml", xmlBufferContent(document), (size_t)xmlBufferLength(document));
}

// libzip writes at the end of the work, into memory: what it holds is some hundred kilobytes.
static bool pack(zip_source_t *packed, const xmlBuffer *properties, const xmlBuffer *document)
{
    zip_t *archive = zip_open_from_source(packed, ZIP_TRUNCATE, NULL);
    if (!archive)
        return false;
    zip_source_keep(packed); // closing the archive gives it up
    if (fill_archive(archive, properties, document) && zip_close(archive) == 0)
        return true;
    zip_discard(archive);
    return false;
}

static bool copy_out(zip_source_t *packed, struct out *out)
{
    char piece[16 * 1024];
    zip_int64_t length = 0;
    if (zip_source_open(packed) < 0)
        return false;
    while ((length = zip_source_read(packed, piece, sizeof piece)) > 0)
        if (!out_write(out, piece, (size_t)length))
            break;
    zip_source_close(packed);
    return length == 0 && out_flush(out);
}

static bool write_archive(const xmlBuffer *properties, const xmlBuffer *document, struct out *out)
{
    zip_source_t *packed = zip_source_buffer_create(NULL, 0, 0, NULL);
    bool good = packed && pack(packed, properties, document) && copy_out(packed, out);
    if (packed)
        zip_source_free(packed);
    return good;
}

enum paper_fault paper_write_docx(const struct paper *paper, struct temporary *file)
{
    if (paper->too_large)
        return PAPER_TOO_LARGE;
    struct out *out = arena_new(paper->arena, struct out);
    out->file = file;
    xmlBufferPtr properties = docx_make_part(paper, docx_properties), document = docx_make_part(paper, write_document);
    bool good = properties && document && write_archive(properties, document, out);
    if (properties)
        xmlBufferFree(properties);
    if (document)
        xmlBufferFree(document);
    return good ? PAPER_FINE : out->fault ? out->fault : PAPER_FAILED;
}
