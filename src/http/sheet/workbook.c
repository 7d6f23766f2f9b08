// An XLSX workbook (ECMA-376 parts 1 and 2): from its table of contents to the one sheet that holds something.
#include "http/sheet/workbook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RELATION_SIZE = 64 };

struct named_sheet {
    char name[SHEET_NAME_SIZE], relation[RELATION_SIZE], part[PART_NAME_SIZE];
};

struct contents {
    struct part_reader reader; // first
    char base[PART_NAME_SIZE]; // the folder from which targets count
    char main[PART_NAME_SIZE], styles[PART_NAME_SIZE], strings[PART_NAME_SIZE];
    struct named_sheet sheets[SHEETS_MAX];
    size_t count;
    bool since_1904;
};

static void copy_text(char *to, size_t size, const char *from)
{
    size_t length = strlen(from);
    while (length >= size || (length && from[length] && ((unsigned char)from[length] & 0xC0) == 0x80))
        length--;
    memcpy(to, from, length);
    to[length] = '\0';
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static void join_part(char part[static PART_NAME_SIZE], const char *base, const char *target)
{
    if (*target == '/')
        snprintf(part, PART_NAME_SIZE, "%s", target + 1);
    else
        snprintf(part, PART_NAME_SIZE, "%s%s", base, target);
}

// ---- relations ----

static void on_relation(struct part_reader *reader, const char *element, const char **attributes)
{
    struct contents *contents = (struct contents *)reader;
    const char *id = part_attribute(attributes, "Id"), *type = part_attribute(attributes, "Type"),
               *target = part_attribute(attributes, "Target"), *mode = part_attribute(attributes, "TargetMode");
    if (strcmp(element, "Relationship") != 0 || !id || !type || !target || (mode && strcmp(mode, "External") == 0))
        return;
    if (ends_with(type, "/officeDocument"))
        join_part(contents->main, contents->base, target);
    else if (ends_with(type, "/styles"))
        join_part(contents->styles, contents->base, target);
    else if (ends_with(type, "/sharedStrings"))
        join_part(contents->strings, contents->base, target);
    else if (ends_with(type, "/worksheet"))
        for (size_t i = 0; i < contents->count; i++)
            if (strcmp(contents->sheets[i].relation, id) == 0)
                join_part(contents->sheets[i].part, contents->base, target);
}

// ---- the workbook ----

static bool is_true(const char *text)
{
    return text && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static void on_workbook(struct part_reader *reader, const char *element, const char **attributes)
{
    struct contents *contents = (struct contents *)reader;
    if (strcmp(element, "workbookPr") == 0)
        contents->since_1904 = is_true(part_attribute(attributes, "date1904"));
    if (strcmp(element, "sheet") != 0)
        return;
    const char *name = part_attribute(attributes, "name"), *state = part_attribute(attributes, "state"), *id = NULL;
    for (const char **a = attributes; *a; a += 2) // "id" of the namespace of relations, beside sheetId
        if (ends_with(*a, "relationships|id"))
            id = a[1];
    if (!name || !id || (state && strcmp(state, "visible") != 0))
        return;
    if (contents->count == SHEETS_MAX) {
        sheet_fail(reader->sheet, SHEET_TOO_MUCH);
        part_stop(reader);
        return;
    }
    struct named_sheet *sheet = &contents->sheets[contents->count++];
    copy_text(sheet->name, sizeof sheet->name, name);
    copy_text(sheet->relation, sizeof sheet->relation, id);
}

static bool read_contents(struct workbook *book, struct contents *contents)
{
    char relations[PART_NAME_SIZE * 3];
    contents->reader.start = on_relation;
    if (!parts_read(book->parts, "_rels/.rels", &contents->reader))
        return false;
    contents->reader.start = on_workbook;
    if (!*contents->main || !parts_read(book->parts, contents->main, &contents->reader))
        return sheet_fail(book->sheet, SHEET_BROKEN);
    const char *slash = strrchr(contents->main, '/');
    size_t folder = slash ? (size_t)(slash - contents->main) + 1 : 0;
    memcpy(contents->base, contents->main, folder);
    snprintf(relations, sizeof relations, "%s_rels/%s.rels", contents->base, contents->main + folder);
    contents->reader.start = on_relation;
    book->since_1904 = contents->since_1904;
    return parts_read(book->parts, relations, &contents->reader);
}

// ---- sheets ----

static bool read_sheets(struct workbook *book, const struct contents *contents)
{
    struct sheet *sheet = book->sheet;
    for (size_t i = 0; i < contents->count; i++) {
        size_t before = sheet->count;
        if (!*contents->sheets[i].part) // a chart
            continue;
        if (!workbook_read_cells(book, contents->sheets[i].part))
            return false;
        if (sheet->count == before)
            continue;
        if (before)
            return sheet_fail(sheet, SHEET_SEVERAL); // which of them is meant is not guessed
        memcpy(sheet->name, contents->sheets[i].name, sizeof sheet->name);
    }
    return true;
}

static bool read_parts(struct workbook *book)
{
    struct contents *contents = calloc(1, sizeof *contents);
    if (!contents)
        return sheet_fail(book->sheet, SHEET_EXHAUSTED);
    bool good = read_contents(book, contents) && (!*contents->styles || workbook_read_styles(book, contents->styles)) &&
                (!*contents->strings || workbook_read_strings(book, contents->strings)) && read_sheets(book, contents);
    free(contents);
    return good;
}

bool sheet_read_workbook(struct sheet *sheet, const char *bytes, size_t length)
{
    *sheet = (struct sheet){0};
    enum sheet_fault fault = sheet_signature(bytes, length);
    if (fault != SHEET_IS_ZIP)
        return sheet_fail(sheet, fault == SHEET_FINE ? SHEET_IS_TEXT : fault);
    struct workbook book = {.sheet = sheet, .parts = parts_open(sheet, bytes, length)};
    if (!book.parts)
        return false;
    bool good = parts_has(book.parts, "_rels/.rels")
                    ? read_parts(&book)
                    : sheet_fail(sheet, parts_has(book.parts, "content.xml") ? SHEET_IS_OPEN_DOCUMENT : SHEET_BROKEN);
    parts_close(book.parts);
    free(book.styles);
    free(book.strings);
    return good;
}
