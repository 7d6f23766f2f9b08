// CSV as spreadsheets write it. libcsv takes the lines apart; what comes before is ours: how characters are written,
// and which of them separates cells. That is read from the heading line alone and never guessed from the data.
#include "http/sheet/sheet.h"
#include "thidua/identifier.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BLOCK_SIZE = 4096, LOOKED_AT = 256 };

struct text_reader {
    struct sheet *sheet;
    size_t row, column;
};

// ---- characters ----

static unsigned unit_at(const unsigned char *bytes, bool big)
{
    return big ? (unsigned)bytes[0] << 8 | bytes[1] : (unsigned)bytes[1] << 8 | bytes[0];
}

static char *put(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char heads[] = {0, 0xC0, 0xE0, 0xF0};
    *out++ = (char)(heads[more] | code >> (6 * more));
    while (more--)
        *out++ = (char)(0x80 | (code >> (6 * more) & 0x3F));
    return out;
}

// UTF-16 behind its mark as UTF-8; NULL with the fault.
static char *recoded(struct sheet *sheet, const char *bytes, size_t length, size_t *ret_length)
{
    const unsigned char *units = (const unsigned char *)bytes;
    bool big = units[0] == 0xFE;
    char *text = calloc(length * 3 / 2 + 4, 1), *out = text;
    if (!text) {
        sheet_fail(sheet, SHEET_EXHAUSTED);
        return NULL;
    }
    bool good = length % 2 == 0;
    for (size_t i = 2; good && i + 1 < length; i += 2) {
        uint32_t code = unit_at(units + i, big);
        if (code >= 0xD800 && code < 0xE000) {
            uint32_t low = i + 3 < length ? unit_at(units + i + 2, big) : 0;
            good = code < 0xDC00 && low >= 0xDC00 && low < 0xE000;
            code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
            i += 2;
        }
        out = good ? put(out, code) : out;
    }
    *ret_length = (size_t)(out - text);
    if (good)
        return text;
    free(text);
    sheet_fail(sheet, SHEET_UTF16_BROKEN);
    return NULL;
}

// Of UTF-16, every second byte of the Latin letters in a heading is 0.
static bool is_unmarked_utf16(const char *bytes, size_t length)
{
    size_t looked = length < LOOKED_AT ? length : LOOKED_AT, zeros[2] = {0, 0};
    for (size_t i = 0; i < looked; i++)
        zeros[i % 2] += bytes[i] == '\0';
    size_t most = zeros[0] > zeros[1] ? zeros[0] : zeros[1], least = zeros[0] + zeros[1] - most;
    return most > 2 && most * 4 > looked && least * 8 < most;
}

static size_t line_of(const char *text, size_t place)
{
    size_t line = 1;
    for (size_t i = 0; i < place; i++)
        line += text[i] == '\n';
    return line;
}

// The first byte that is no part of UTF-8, or the length.
static size_t valid_length(const char *text, size_t length)
{
    size_t low = 0, line;
    for (; low < length; low += line) {
        const char *end = memchr(text + low, '\n', length - low);
        line = end ? (size_t)(end - text) - low + 1 : length - low;
        if (!utf8_is_valid(text + low, line))
            return low;
    }
    return length;
}

// Excel for Mac once ended lines by CR alone.
static void mend_line_ends(char *text, size_t length)
{
    if (memchr(text, '\n', length))
        return;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\r')
            text[i] = '\n';
}

// The file as UTF-8 without a mark, to be freed; NULL with the fault.
static char *characters(struct sheet *sheet, const char *bytes, size_t length, size_t *ret_length)
{
    bool marked = length >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
    enum sheet_fault fault = sheet_signature(bytes, length);
    if (fault == SHEET_FINE && !marked && is_unmarked_utf16(bytes, length))
        fault = SHEET_UTF16_UNMARKED;
    if (fault != SHEET_FINE) {
        sheet_fail(sheet, fault);
        return NULL;
    }
    if (marked)
        return recoded(sheet, bytes, length, ret_length);
    size_t skipped = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, good;
    *ret_length = length - skipped;
    if ((good = valid_length(bytes + skipped, *ret_length)) < *ret_length) {
        sheet->fault_row = line_of(bytes + skipped, good);
        sheet_fail(sheet, SHEET_NOT_UTF8);
        return NULL;
    }
    char *text = calloc(*ret_length + 1, 1);
    if (text)
        memcpy(text, bytes + skipped, *ret_length);
    else
        sheet_fail(sheet, SHEET_EXHAUSTED);
    return text;
}

// ---- what separates cells ----

// "sep=;", in quotation marks or not: spreadsheets do not count this line as a row.
static size_t stated_separator(const char *text, size_t length, unsigned char *ret_separator)
{
    size_t quoted = length > 0 && text[0] == '"', at = quoted + 4;
    if (length <= at || strncasecmp(text + quoted, "sep=", 4) != 0 || text[at] == '\n')
        return 0;
    *ret_separator = (unsigned char)text[at++];
    at += quoted && at < length && text[at] == '"';
    at += at < length && text[at] == '\r';
    return at == length ? at : text[at] == '\n' ? at + 1 : 0;
}

// Where the heading line, the first in which something stands, begins and ends. Quotation marks are respected.
static void find_heading(const char *text, size_t length, size_t *ret_start, size_t *ret_end)
{
    size_t start = 0, end;
    for (;;) {
        bool quoted = false, filled = false;
        for (end = start; end < length && (quoted || text[end] != '\n'); end++) {
            quoted ^= text[end] == '"';
            filled |= !text[end] || !strchr("\t ;,\r\"", text[end]);
        }
        if (filled || end == length)
            break;
        start = end + 1;
    }
    *ret_start = start;
    *ret_end = end;
}

// How many headings the line has that exist, where this character separates them; and how often it does, in *ret_times.
static size_t known_headings(const char *line, size_t length, char separator, sheet_knows *knows, void *context,
                             size_t *ret_times)
{
    size_t known = 0, start = 0;
    bool quoted = false;
    *ret_times = 0;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && line[i] == '"')
            quoted = !quoted;
        if (i < length && (quoted || line[i] != separator))
            continue;
        size_t from = start, to = i;
        to -= to > from && line[to - 1] == '\r';
        if (to - from >= 2 && line[from] == '"' && line[to - 1] == '"') {
            from++;
            to--;
        }
        known += knows(context, line + from, to - from);
        *ret_times += i < length;
        start = i + 1;
    }
    return known;
}

static unsigned char found_separator(const char *text, size_t length, sheet_knows *knows, void *context)
{
    static const char candidates[] = ",;\t";
    size_t start, end, most_known = 0, most_times = 0;
    char best = ',';
    find_heading(text, length, &start, &end);
    for (const char *c = candidates; *c; c++) {
        size_t times, known = known_headings(text + start, end - start, *c, knows, context, &times);
        if (times && (known > most_known || (known == most_known && times > most_times))) {
            best = *c;
            most_known = known;
            most_times = times;
        }
    }
    return (unsigned char)best;
}

// ---- libcsv ----

static void on_field(void *text, size_t length, void *context)
{
    struct text_reader *reader = context;
    if (reader->sheet->fault == SHEET_FINE && !reader->sheet->cut)
        sheet_add(reader->sheet, SHEET_TEXT, reader->row, reader->column, text, length);
    reader->column++;
}

static void on_row(int end, void *context)
{
    struct text_reader *reader = context;
    (void)end;
    reader->column = 0;
    reader->row++;
}

// RFC 4180 section 2: blanks are part of a field, and libcsv strips what it takes for blanks. The carriage return of a
// line end alone is left to it; one inside a field is refused as a control character.
static int is_blank_csv(unsigned char byte)
{
    return byte == CSV_CR;
}

static int is_line_end(unsigned char byte)
{
    return byte == CSV_LF;
}

static bool take_apart(struct sheet *sheet, const char *text, size_t length, unsigned char separator)
{
    struct text_reader reader = {.sheet = sheet, .row = 1};
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL | CSV_REPALL_NL) != 0)
        return sheet_fail(sheet, SHEET_EXHAUSTED);
    csv_set_delim(&parser, separator);
    csv_set_space_func(&parser, is_blank_csv);
    csv_set_term_func(&parser, is_line_end);
    csv_set_blk_size(&parser, BLOCK_SIZE);
    bool good = csv_parse(&parser, text, length, on_field, on_row, &reader) == length &&
                csv_fini(&parser, on_field, on_row, &reader) == 0;
    bool exhausted = csv_error(&parser) == CSV_ENOMEM;
    csv_free(&parser);
    sheet->fault_row = good ? 0 : reader.row;
    return good ? sheet->fault == SHEET_FINE : sheet_fail(sheet, exhausted ? SHEET_EXHAUSTED : SHEET_SYNTAX);
}

bool sheet_read_text(struct sheet *sheet, const char *bytes, size_t length, sheet_knows *knows, void *context)
{
    *sheet = (struct sheet){0};
    size_t size = 0;
    char *text = characters(sheet, bytes, length, &size);
    if (!text)
        return false;
    unsigned char separator = ',';
    mend_line_ends(text, size);
    const char *line_end = memchr(text, '\n', size);
    size_t stated = stated_separator(text, line_end ? (size_t)(line_end - text) + 1 : size, &separator);
    if (!stated)
        separator = found_separator(text, size, knows, context);
    bool good = take_apart(sheet, text + stated, size - stated, separator);
    free(text);
    return good;
}
