// The parts that cells refer to: their number formats and their texts.
#include "http/sheet/workbook.h"

#include <stdlib.h>
#include <string.h>

// ---- texts ----

bool words_add(struct sheet *sheet, struct words *words, const char *text, size_t length)
{
    if (words->length + length > TEXTS_BYTES_MAX)
        return sheet_fail(sheet, SHEET_TOO_MUCH);
    if (words->length + length + 1 > words->room) {
        size_t room = (words->length + length + 1) * 2;
        char *larger = realloc(words->bytes, room);
        if (!larger)
            return sheet_fail(sheet, SHEET_EXHAUSTED);
        words->bytes = larger;
        words->room = room;
    }
    memcpy(words->bytes + words->length, text, length);
    words->length += length;
    words->bytes[words->length] = '\0';
    return true;
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

// One UTF-16 unit; what is half of a character, or NUL, stays as it is written.
static size_t unescape_one(const char *text, char out[static 3])
{
    unsigned code = 0;
    if (text[0] != '_' || text[1] != 'x' || strspn(text + 2, "0123456789abcdefABCDEF") < 4 || text[6] != '_')
        return 0;
    for (size_t i = 2; i < 6; i++)
        code = code << 4 | hex_digit(text[i]);
    if (code == 0 || (code >= 0xD800 && code < 0xE000))
        return 0;
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    out[0] = (char)(length == 1 ? code : length == 2 ? 0xC0 | code >> 6 : 0xE0 | code >> 12);
    out[length - 1] = length > 1 ? (char)(0x80 | (code & 0x3F)) : out[0];
    if (length == 3)
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    return length;
}

void words_unescape(struct words *words)
{
    if (!words->bytes || !memmem(words->bytes, words->length, "_x", 2))
        return;
    char *out = words->bytes;
    for (size_t i = 0; i < words->length;) {
        char one[3];
        size_t length = i + 7 <= words->length ? unescape_one(words->bytes + i, one) : 0;
        if (length) {
            memcpy(out, one, length);
            out += length;
            i += 7;
        } else {
            *out++ = words->bytes[i++];
        }
    }
    words->length = (size_t)(out - words->bytes);
    *out = '\0';
}

struct strings_reader {
    struct part_reader reader; // first
    struct workbook *book;
    struct words words;
    unsigned phonetic; // inside of how it is read aloud, which is shown nowhere
    bool taking;
};

static void strings_start(struct part_reader *reader, const char *element, const char **attributes)
{
    struct strings_reader *strings = (struct strings_reader *)reader;
    (void)attributes;
    if (strcmp(element, "si") == 0)
        strings->words.length = 0;
    strings->phonetic += strcmp(element, "rPh") == 0;
    strings->taking = strcmp(element, "t") == 0 && !strings->phonetic;
}

static bool keep_string(struct strings_reader *strings)
{
    struct workbook *book = strings->book;
    struct kept_text kept = {.length = strings->words.length};
    if (book->strings_count == book->strings_room) {
        size_t room = book->strings_room ? book->strings_room * 2 : 256;
        if (room > STRINGS_MAX)
            return sheet_fail(book->sheet, SHEET_TOO_MUCH);
        struct kept_text *larger = realloc(book->strings, room * sizeof *larger);
        if (!larger)
            return sheet_fail(book->sheet, SHEET_EXHAUSTED);
        book->strings = larger;
        book->strings_room = room;
    }
    if (book->sheet->length > TEXTS_BYTES_MAX)
        return sheet_fail(book->sheet, SHEET_TOO_MUCH);
    if (!sheet_keep(book->sheet, kept.length ? strings->words.bytes : "", kept.length, &kept.place))
        return false;
    book->strings[book->strings_count++] = kept;
    return true;
}

static void strings_end(struct part_reader *reader, const char *element)
{
    struct strings_reader *strings = (struct strings_reader *)reader;
    strings->taking = false;
    strings->phonetic -= strcmp(element, "rPh") == 0;
    if (strcmp(element, "si") != 0)
        return;
    words_unescape(&strings->words);
    if (!keep_string(strings))
        part_stop(reader);
}

static void strings_text(struct part_reader *reader, const char *text, int length)
{
    struct strings_reader *strings = (struct strings_reader *)reader;
    if (strings->taking && !words_add(reader->sheet, &strings->words, text, (size_t)length))
        part_stop(reader);
}

bool workbook_read_strings(struct workbook *book, const char *part)
{
    struct strings_reader strings = {.reader = {.start = strings_start, .end = strings_end, .text = strings_text},
                                     .book = book};
    bool good = parts_read(book->parts, part, &strings.reader);
    free(strings.words.bytes);
    return good;
}

// ---- number formats ----

enum { FORMATS_MAX = 1024 };

struct styles_reader {
    struct part_reader reader; // first
    struct workbook *book;
    struct {
        unsigned id;
        struct number_form form;
    } formats[FORMATS_MAX];
    size_t count;
    bool of_cells;
};

static struct number_form form_of(const struct styles_reader *styles, unsigned id)
{
    for (size_t i = 0; i < styles->count; i++)
        if (styles->formats[i].id == id)
            return styles->formats[i].form;
    return number_form_known(id);
}

static unsigned number_attribute(const char **attributes, const char *name)
{
    const char *text = part_attribute(attributes, name);
    return text ? (unsigned)strtoul(text, NULL, 10) : 0;
}

static void styles_start(struct part_reader *reader, const char *element, const char **attributes)
{
    struct styles_reader *styles = (struct styles_reader *)reader;
    struct workbook *book = styles->book;
    const char *code = part_attribute(attributes, "formatCode");
    if (strcmp(element, "numFmt") == 0 && code && styles->count < FORMATS_MAX) {
        styles->formats[styles->count].id = number_attribute(attributes, "numFmtId");
        styles->formats[styles->count++].form = number_form_read(code);
    } else if (strcmp(element, "cellXfs") == 0) {
        styles->of_cells = true;
    } else if (strcmp(element, "xf") == 0 && styles->of_cells && book->styles_count < STYLES_MAX) {
        book->styles[book->styles_count++] = form_of(styles, number_attribute(attributes, "numFmtId"));
    }
}

static void styles_end(struct part_reader *reader, const char *element)
{
    struct styles_reader *styles = (struct styles_reader *)reader;
    if (strcmp(element, "cellXfs") == 0)
        styles->of_cells = false;
}

bool workbook_read_styles(struct workbook *book, const char *part)
{
    struct styles_reader *styles = calloc(1, sizeof *styles);
    book->styles = calloc(STYLES_MAX, sizeof *book->styles);
    bool good = false;
    if (styles && book->styles) {
        styles->reader = (struct part_reader){.start = styles_start, .end = styles_end};
        styles->book = book;
        good = parts_read(book->parts, part, &styles->reader);
    } else {
        sheet_fail(book->sheet, SHEET_EXHAUSTED);
    }
    free(styles);
    return good;
}
