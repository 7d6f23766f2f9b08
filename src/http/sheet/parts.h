// The parts of a workbook: a ZIP archive of XML, as ECMA-376 part 2 describes it. The only code that unpacks one, and
// that knows expat. What a workbook unpacks to is bounded, and no document type is read: there are no entities but
// XML's own.
#ifndef THIDUA_HTTP_SHEET_PARTS_H
#define THIDUA_HTTP_SHEET_PARTS_H

#include "http/sheet/sheet.h"

#include <expat.h>

enum {
    PARTS_MAX = 1000,
    PARTS_BYTES_MAX = 64 * 1024 * 1024, // of all parts that are read, unpacked
    PARTS_RATIO_MAX = 300,              // of a part that unpacks to more than a MiB
    PARTS_DEPTH_MAX = 64,               // of elements in elements
    PART_NAME_SIZE = 256,
};

struct parts;

// NULL with the sheet's fault.
struct parts *parts_open(struct sheet *sheet, const char *bytes, size_t length);
void parts_close(struct parts *parts);
bool parts_has(struct parts *parts, const char *name);

// What is made of a part's XML. Names of elements are without their namespace; attributes as expat gives them.
struct part_reader {
    void *context;
    void (*start)(struct part_reader *reader, const char *element, const char **attributes);
    void (*end)(struct part_reader *reader, const char *element);
    void (*text)(struct part_reader *reader, const char *text, int length);
    struct sheet *sheet;
    XML_Parser parser;
    unsigned depth;
};

// False with the sheet's fault: the part is not there, is no XML, or is too much.
bool parts_read(struct parts *parts, const char *name, struct part_reader *reader);
// Nothing more of this part is needed.
void part_stop(struct part_reader *reader);
// The value of an attribute, whatever its namespace; NULL: there is none.
const char *part_attribute(const char **attributes, const char *name);

#endif
