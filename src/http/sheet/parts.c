#include "http/sheet/parts.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { CHUNK = 16 * 1024, FREE_OF_RATIO = 1 << 20 };
static const char between = '|'; // a namespace and a name, as expat gives them

struct parts {
    struct sheet *sheet;
    zip_t *archive;
    uint64_t read;
};

// ---- the archive ----

struct parts *parts_open(struct sheet *sheet, const char *bytes, size_t length)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, length, 0, &error);
    zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) : NULL;
    bool exhausted = zip_error_code_zip(&error) == ZIP_ER_MEMORY;
    zip_error_fini(&error);
    struct parts *parts = archive ? malloc(sizeof *parts) : NULL;
    if (!archive && source)
        zip_source_free(source);
    if (!parts) {
        if (archive)
            zip_discard(archive);
        sheet_fail(sheet, exhausted || archive ? SHEET_EXHAUSTED : SHEET_BROKEN);
        return NULL;
    }
    *parts = (struct parts){.sheet = sheet, .archive = archive};
    if (zip_get_num_entries(archive, 0) <= PARTS_MAX)
        return parts;
    sheet_fail(sheet, SHEET_TOO_MUCH);
    parts_close(parts);
    return NULL;
}

void parts_close(struct parts *parts)
{
    zip_discard(parts->archive);
    free(parts);
}

bool parts_has(struct parts *parts, const char *name)
{
    return zip_name_locate(parts->archive, name, ZIP_FL_ENC_RAW) >= 0;
}

// ---- XML ----

static const char *local_name(const char *name)
{
    const char *mark = strrchr(name, between);
    return mark ? mark + 1 : name;
}

const char *part_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2)
        if (strcmp(local_name(*attributes), name) == 0)
            return attributes[1];
    return NULL;
}

void part_stop(struct part_reader *reader)
{
    XML_StopParser(reader->parser, XML_FALSE);
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes)
{
    struct part_reader *reader = context;
    if (++reader->depth > PARTS_DEPTH_MAX) {
        sheet_fail(reader->sheet, SHEET_TOO_MUCH);
        part_stop(reader);
        return;
    }
    reader->start(reader, local_name(name), attributes);
}

static void XMLCALL on_end(void *context, const char *name)
{
    struct part_reader *reader = context;
    reader->depth--;
    if (reader->end)
        reader->end(reader, local_name(name));
}

static void XMLCALL on_text(void *context, const char *text, int length)
{
    struct part_reader *reader = context;
    if (reader->text)
        reader->text(reader, text, length);
}

// No workbook has one, and entities are only declared there.
static void XMLCALL on_document_type(void *context, const char *name, const char *system, const char *public,
                                     int subset)
{
    struct part_reader *reader = context;
    (void)name;
    (void)system;
    (void)public;
    (void)subset;
    sheet_fail(reader->sheet, SHEET_BROKEN);
    part_stop(reader);
}

static bool start_parser(struct part_reader *reader)
{
    reader->parser = XML_ParserCreateNS(NULL, between);
    reader->depth = 0;
    if (!reader->parser)
        return sheet_fail(reader->sheet, SHEET_EXHAUSTED);
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_document_type);
    return true;
}

// The next piece to the parser. False at the end, or where something is wrong.
static bool feed(struct parts *parts, struct part_reader *reader, zip_file_t *file, uint64_t *left)
{
    char piece[CHUNK];
    zip_int64_t size = zip_fread(file, piece, sizeof piece);
    if (size < 0)
        return sheet_fail(parts->sheet, SHEET_BROKEN);
    parts->read += (uint64_t)size;
    if (parts->read > PARTS_BYTES_MAX || (uint64_t)size > *left)
        return sheet_fail(parts->sheet, SHEET_TOO_MUCH);
    *left -= (uint64_t)size;
    if (XML_Parse(reader->parser, piece, (int)size, size == 0) == XML_STATUS_OK)
        return size > 0;
    enum XML_Error error = XML_GetErrorCode(reader->parser);
    if (error != XML_ERROR_ABORTED)
        sheet_fail(parts->sheet, error == XML_ERROR_NO_MEMORY ? SHEET_EXHAUSTED : SHEET_BROKEN);
    return false;
}

bool parts_read(struct parts *parts, const char *name, struct part_reader *reader)
{
    zip_stat_t entry;
    zip_file_t *file;
    reader->sheet = parts->sheet;
    if (zip_stat(parts->archive, name, ZIP_FL_ENC_RAW, &entry) != 0)
        return sheet_fail(parts->sheet, SHEET_BROKEN);
    if ((entry.valid & ZIP_STAT_ENCRYPTION_METHOD) && entry.encryption_method != ZIP_EM_NONE)
        return sheet_fail(parts->sheet, SHEET_LOCKED);
    if (entry.size > PARTS_BYTES_MAX - parts->read ||
        (entry.size > FREE_OF_RATIO && entry.size / PARTS_RATIO_MAX > entry.comp_size))
        return sheet_fail(parts->sheet, SHEET_TOO_MUCH);
    if (!(file = zip_fopen(parts->archive, name, ZIP_FL_ENC_RAW)))
        return sheet_fail(parts->sheet, SHEET_BROKEN);
    uint64_t left = entry.size; // what the archive says of itself is held to
    if (start_parser(reader)) {
        while (feed(parts, reader, file, &left))
            ;
        XML_ParserFree(reader->parser);
        reader->parser = NULL;
    }
    zip_fclose(file);
    return parts->sheet->fault == SHEET_FINE;
}
