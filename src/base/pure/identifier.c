#include "thidua/identifier.h"

#include <string.h>

static bool is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

// The length in bytes of the UTF-8 sequence at `bytes`. 0 if it is not valid. The ranges are those of RFC 3629,
// section 4.
static size_t utf8_sequence(const unsigned char *bytes, size_t length)
{
    static const struct {
        unsigned char first, last, second_low, second_high, size;
    } forms[] = {
        {0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (bytes[0] < forms[i].first || bytes[0] > forms[i].last)
            continue;
        size_t size = forms[i].size;
        if (size > length || (size > 1 && (bytes[1] < forms[i].second_low || bytes[1] > forms[i].second_high)))
            return 0;
        for (size_t k = 2; k < size; k++)
            if ((bytes[k] & 0xC0) != 0x80)
                return 0;
        return size;
    }
    return 0;
}

bool utf8_is_valid(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        size_t size = utf8_sequence(bytes + i, length - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

// Compares with a pattern in which x stands for a hex digit in lower case and X for one of either case.
static bool matches_pattern(const char *text, size_t length, const char *pattern)
{
    if (length != strlen(pattern))
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool lower_hex = is_ascii_digit(c) || (c >= 'a' && c <= 'f');
        bool good = pattern[i] == 'x'   ? lower_hex
                    : pattern[i] == 'X' ? lower_hex || (c >= 'A' && c <= 'F')
                                        : c == pattern[i];
        if (!good)
            return false;
    }
    return true;
}

bool uuid_text_is_valid(const char *text, size_t length)
{
    return matches_pattern(text, length, "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX");
}

void uuid_text_lower(char *uuid)
{
    for (; *uuid; uuid++)
        if (*uuid >= 'A' && *uuid <= 'F')
            *uuid = (char)(*uuid | 0x20);
}

void uuid_segments_lower(char *path)
{
    for (char *segment = path, *end; *segment; segment = end + (*end != '\0')) {
        end = segment + strcspn(segment, "/");
        char after = *end;
        *end = '\0';
        if (uuid_text_is_valid(segment, (size_t)(end - segment)))
            uuid_text_lower(segment);
        *end = after;
    }
}

bool sha256_hex_is_valid(const char *text, size_t length)
{
    return matches_pattern(text, length, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}
