// The parts of an XLSX workbook, separated by zeros: packed into an archive here, since chance writes no checksums.
// What comes out is read as an import: cells in order, headings, every cell against the field of its column.
#include "http.h"

#include <zlib.h>

enum { PARTS = 5, ROOM = 1 << 18 };
static const char *const names[PARTS] = {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml",
                                         "xl/workbook.xml", "xl/_rels/workbook.xml.rels"};
static const char root[] =
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r\" "
    "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" "
    "Target=\"xl/workbook.xml\"/></Relationships>";
static const char types[] = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";

struct archive {
    uint8_t bytes[ROOM], directory[4096];
    size_t length, directory_length, count;
};

static size_t put(uint8_t *to, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, number >>= 8)
        to[i] = (uint8_t)number;
    return bytes;
}

// What a file's own head and its entry in the directory share (APPNOTE.TXT, 4.3.7 and 4.3.12), stored as it is.
static size_t put_common(uint8_t *to, const char *name, const uint8_t *data, size_t size)
{
    size_t at = put(to, 20, 2);
    at += put(to + at, 0, 8);
    at += put(to + at, crc32(0, data, (uInt)size), 4);
    at += put(to + at, size, 4);
    at += put(to + at, size, 4);
    at += put(to + at, strlen(name), 2);
    return at + put(to + at, 0, 2);
}

static void add(struct archive *archive, const char *name, const void *data, size_t size)
{
    uint8_t *entry = archive->directory + archive->directory_length, *file = archive->bytes + archive->length;
    size_t at = put(entry, 0x02014b50, 4);
    at += put(entry + at, 20, 2);
    at += put_common(entry + at, name, data, size);
    at += put(entry + at, 0, 10);
    at += put(entry + at, archive->length, 4);
    memcpy(entry + at, name, strlen(name));
    archive->directory_length += at + strlen(name);
    at = put(file, 0x04034b50, 4);
    at += put_common(file + at, name, data, size);
    memcpy(file + at, name, strlen(name));
    at += strlen(name);
    memcpy(file + at, data, size);
    archive->length += at + size;
    archive->count++;
}

static void finish(struct archive *archive)
{
    uint8_t *at = archive->bytes + archive->length + archive->directory_length;
    memcpy(archive->bytes + archive->length, archive->directory, archive->directory_length);
    at += put(at, 0x06054b50, 4);
    at += put(at, 0, 4);
    at += put(at, archive->count, 2);
    at += put(at, archive->count, 2);
    at += put(at, archive->directory_length, 4);
    at += put(at, archive->length, 4);
    at += put(at, 0, 2);
    archive->length = (size_t)(at - archive->bytes);
}

static void pack(struct archive *archive, const uint8_t *data, size_t size)
{
    archive->length = archive->directory_length = archive->count = 0;
    add(archive, "[Content_Types].xml", types, sizeof types - 1);
    add(archive, "_rels/.rels", root, sizeof root - 1);
    for (size_t i = 0; i < PARTS && size; i++) {
        const uint8_t *zero = i + 1 < PARTS ? memchr(data, 0, size) : NULL;
        size_t length = zero ? (size_t)(zero - data) : size, step = length + (zero != NULL);
        if (length)
            add(archive, names[i], data, length);
        data += step;
        size -= step;
    }
    finish(archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct archive archive;
    struct request request;
    if (size > ROOM / 2)
        return 0;
    pack(&archive, data, size);
    begin(&request, &table[5]);
    request.content_type = XLSX_TYPE;
    request.body = arena_copy(&request.arena, (const char *)archive.bytes, archive.length);
    request.body_length = archive.length;
    bool good = read_rows(&request, scalar_fields, headings);
    name_cells(&request);
    if (!good)
        examine_outcome(&request, false);
    end(&request);
    return 0;
}
