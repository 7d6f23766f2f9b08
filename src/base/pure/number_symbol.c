#include "thidua/number_symbol.h"

#include "thidua/identifier.h"
#include "thidua/plain_text.h"

#include <stdint.h>
#include <string.h>

// Characters that a reader takes for another one, and how we write that one. Blanks do not count.
static const struct {
    uint32_t first, last;
    const char *written;
} look_alikes[] = {
    {'\t', '\t', ""},      {' ', ' ', ""},        {0xA0, 0xA0, ""},      {0x2000, 0x200A, ""},
    {0x202F, 0x202F, ""},  {0x205F, 0x205F, ""},  {0x3000, 0x3000, ""},  {0x2010, 0x2015, "-"}, // hyphens and dashes
    {0x2212, 0x2212, "-"},                                                                      // the minus sign
    {0xFE58, 0xFE58, "-"}, {0xFE63, 0xFE63, "-"}, {0x2044, 0x2044, "/"}, // the slash of fractions
    {0x2215, 0x2215, "/"},                                               // the slash of division
    {0xD0, 0xD0, "Đ"},                                                   // the Icelandic eth
    {0xF0, 0xF0, "đ"},     {0x189, 0x189, "Đ"},                          // the African D
    {0x256, 0x256, "đ"},
};

// The letters of Vietnamese beside A to Z. No other letter is part of a symbol: the Cyrillic A looks like ours.
static const struct {
    uint32_t first, last;
} vietnamese[] = {
    {0xC0, 0xC3},   {0xC8, 0xCA},   {0xCC, 0xCD},   {0xD2, 0xD5},   {0xD9, 0xDA},     {0xDD, 0xDD},   {0xE0, 0xE3},
    {0xE8, 0xEA},   {0xEC, 0xED},   {0xF2, 0xF5},   {0xF9, 0xFA},   {0xFD, 0xFD},     {0x102, 0x103}, {0x110, 0x111},
    {0x128, 0x129}, {0x168, 0x169}, {0x1A0, 0x1A1}, {0x1AF, 0x1B0}, {0x1EA0, 0x1EF9},
};

// A sign of full width, as East Asian keyboards write it, lies this far behind its ASCII sign.
enum { FULL_WIDTH = 0xFEE0 };

static bool is_separator(uint32_t character)
{
    return character == '/' || character == '-' || character == '.';
}

static bool is_digit(uint32_t character)
{
    return character >= '0' && character <= '9';
}

static bool is_ascii_part(uint32_t character)
{
    return is_digit(character) || (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           is_separator(character);
}

static bool is_vietnamese(uint32_t character)
{
    for (size_t i = 0; i < sizeof vietnamese / sizeof *vietnamese; i++)
        if (character >= vietnamese[i].first && character <= vietnamese[i].last)
            return true;
    return false;
}

static const char *look_alike(uint32_t character)
{
    for (size_t i = 0; i < sizeof look_alikes / sizeof *look_alikes; i++)
        if (character >= look_alikes[i].first && character <= look_alikes[i].last)
            return look_alikes[i].written;
    return NULL;
}

struct writer {
    char *text;
    size_t length;
};

static bool put(struct writer *writer, const void *bytes, size_t length)
{
    if (writer->length + length > NUMBER_SYMBOL_MOST_BYTES)
        return false;
    memcpy(writer->text + writer->length, bytes, length);
    writer->length += length;
    return true;
}

// Writes one character, whose UTF-8 is `bytes`, as its canonical form. False if it is no part of a number-symbol.
static bool put_canonical(struct writer *writer, uint32_t character, const unsigned char *bytes, size_t length)
{
    const char *written = look_alike(character);
    if (written)
        return put(writer, written, strlen(written));
    if (character > FULL_WIDTH && is_ascii_part(character - FULL_WIDTH)) {
        char narrow = (char)(character - FULL_WIDTH);
        return put(writer, &narrow, 1);
    }
    return (is_ascii_part(character) || is_vietnamese(character)) && put(writer, bytes, length);
}

// It begins with a digit and holds a '/'. No separator comes last or twice in a row.
static bool is_well_formed(const char *text, size_t length)
{
    bool has_slash = false, after_separator = false;
    if (length == 0 || !is_digit((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < length; i++) {
        bool separator = is_separator((unsigned char)text[i]);
        if (separator && after_separator)
            return false;
        has_slash |= text[i] == '/';
        after_separator = separator;
    }
    return has_slash && !after_separator;
}

bool number_symbol_read(const char *text, size_t length, char ret_written[static NUMBER_SYMBOL_SIZE])
{
    struct writer writer = {ret_written, 0};
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    if (!utf8_is_valid(text, length))
        return false;
    while (at < end) {
        const unsigned char *start = at;
        uint32_t character = text_next_character(&at);
        if (!put_canonical(&writer, character, start, (size_t)(at - start)))
            return false;
    }
    ret_written[writer.length] = '\0';
    return is_well_formed(ret_written, writer.length);
}

// As we would write it, as far as separators and blanks go: 0 is a blank.
static uint32_t separator_or_blank(uint32_t character)
{
    const char *written = look_alike(character);
    if (written)
        return (unsigned char)*written;
    return character > FULL_WIDTH && is_separator(character - FULL_WIDTH) ? character - FULL_WIDTH : character;
}

bool number_symbol_stands_alone(const char *text, size_t length, char ret_written[static NUMBER_SYMBOL_SIZE])
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    bool joins = true, after_blank = false;
    if (!utf8_is_valid(text, length))
        return false;
    while (at < end) {
        uint32_t character = separator_or_blank(text_next_character(&at));
        if (character == 0) {
            after_blank = true;
            continue;
        }
        if (after_blank && !joins && !is_separator(character))
            return false;
        joins = is_separator(character);
        after_blank = false;
    }
    return number_symbol_read(text, length, ret_written);
}
