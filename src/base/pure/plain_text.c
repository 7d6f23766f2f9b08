#include "thidua/plain_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct range {
    uint32_t first, last;
};

// White_Space and Default_Ignorable_Code_Point of Unicode 15, interlinear annotation marks and the braille blank.
// Format characters that are visible (U+0600…) do not belong here, nor do control characters.
static const struct range unseen[] = {
    {0x20, 0x20},     {0xA0, 0xA0},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},   {0x115F, 0x1160},
    {0x1680, 0x1680}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x2000, 0x200F},   {0x2028, 0x202F}, {0x205F, 0x206F},
    {0x2800, 0x2800}, {0x3000, 0x3000},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

static bool is_unseen(uint32_t character)
{
    if (character == '\n' || character == '\t')
        return true;
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen && unseen[i].first <= character; i++)
        if (character <= unseen[i].last)
            return true;
    return false;
}

static bool is_control(uint32_t character)
{
    return (character < 0x20 && character != '\n' && character != '\t') || (character >= 0x7F && character < 0xA0);
}

static bool turns_direction(uint32_t character)
{
    return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

static bool is_broken(uint32_t character)
{
    return character == 0xFFFD || (character >= 0xFDD0 && character <= 0xFDEF) || (character & 0xFFFE) == 0xFFFE;
}

// Zs of Unicode.
static bool is_blank(uint32_t character)
{
    return character == ' ' || character == 0xA0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200A) || character == 0x202F || character == 0x205F ||
           character == 0x3000;
}

static bool breaks_line(uint32_t character)
{
    return character == '\n' || character == '\t' || character == 0x2028 || character == 0x2029;
}

uint32_t text_next_character(const unsigned char **at)
{
    uint32_t lead = *(*at)++;
    unsigned more = lead < 0xC0 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    uint32_t character = more ? lead & (0x3FU >> more) : lead;
    for (; more; more--)
        character = character << 6 | (*(*at)++ & 0x3FU);
    return character;
}

const char *text_seen(const char *text)
{
    const unsigned char *at = (const unsigned char *)text, *next = at;
    while (*at && is_unseen(text_next_character(&next)))
        at = next;
    return (const char *)at;
}

enum text_fault text_examine(const char *text, size_t length, size_t *ret_characters)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    bool seen = false, turned = false, broken = false;
    size_t count = 0;
    for (; at < end; count++) {
        uint32_t character = text_next_character(&at);
        if (is_control(character))
            return TEXT_CONTROL;
        turned |= turns_direction(character);
        broken |= is_broken(character);
        seen = seen || !is_unseen(character);
    }
    *ret_characters = count;
    return turned ? TEXT_BIDI : broken ? TEXT_BROKEN : count && !seen ? TEXT_UNSEEN : TEXT_FINE;
}

bool text_make_line(char *text)
{
    const unsigned char *at = (const unsigned char *)text, *blank = at;
    char *written = text;
    size_t blanks = 0, blank_length = 0;
    while (*at) {
        const unsigned char *start = at;
        uint32_t character = text_next_character(&at);
        size_t length = (size_t)(at - start);
        if (breaks_line(character))
            return false;
        if (is_blank(character)) {
            blanks++;
            blank = start;
            blank_length = length;
            continue;
        }
        if (blanks == 1 && written != text) {
            memmove(written, blank, blank_length);
            written += blank_length;
        } else if (blanks && written != text) {
            *written++ = ' ';
        }
        blanks = 0;
        memmove(written, start, length);
        written += length;
    }
    *written = '\0';
    return true;
}
