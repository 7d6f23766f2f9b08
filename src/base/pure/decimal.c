#include "thidua/decimal.h"

#include <string.h>

#include "base/pure/wide.h"

static bool is_decimal_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Appends a digit to a magnitude that is kept negative, so that INT64_MIN can be read too.
static bool append_digit(int64_t *negative, char digit)
{
    return !__builtin_mul_overflow(*negative, 10, negative) &&
           !__builtin_sub_overflow(*negative, digit - '0', negative);
}

// The places of the four parts of a decimal: digits before the point, digits after it.
struct decimal_shape {
    size_t whole, whole_length;
    size_t fraction, fraction_length;
};

static bool find_shape(const char *text, size_t length, size_t start, struct decimal_shape *ret_shape)
{
    size_t i = start;
    while (i < length && is_decimal_digit(text[i]))
        i++;
    *ret_shape = (struct decimal_shape){.whole = start, .whole_length = i - start, .fraction = i};
    if (i == start || (text[start] == '0' && i - start > 1))
        return false;
    if (i == length)
        return true;
    if (text[i] != '.')
        return false;
    size_t fraction = ++i;
    while (i < length && is_decimal_digit(text[i]))
        i++;
    ret_shape->fraction = fraction;
    ret_shape->fraction_length = i - fraction;
    return i == length && i > fraction;
}

enum decimal_error decimal_parse(const char *text, size_t length, unsigned places, int64_t *ret_scaled)
{
    bool minus = length > 0 && text[0] == '-';
    struct decimal_shape shape;
    if (!find_shape(text, length, minus, &shape))
        return DECIMAL_MALFORMED;
    if (shape.fraction_length > places)
        return DECIMAL_TOO_PRECISE;
    int64_t negative = 0;
    for (size_t i = 0; i < shape.whole_length; i++)
        if (!append_digit(&negative, text[shape.whole + i]))
            return DECIMAL_OUT_OF_RANGE;
    for (size_t i = 0; i < places; i++)
        if (!append_digit(&negative, i < shape.fraction_length ? text[shape.fraction + i] : '0'))
            return DECIMAL_OUT_OF_RANGE;
    if (!minus && negative == INT64_MIN)
        return DECIMAL_OUT_OF_RANGE;
    *ret_scaled = minus ? negative : -negative;
    return DECIMAL_OK;
}

static size_t format_with(int64_t scaled, unsigned places, char separator, char *text)
{
    char backwards[DECIMAL_TEXT_SIZE];
    size_t length = 0;
    uint64_t magnitude = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled;
    for (unsigned digits = 0; digits <= places || magnitude; digits++, magnitude /= 10) {
        if (places && digits == places)
            backwards[length++] = separator;
        backwards[length++] = (char)('0' + magnitude % 10);
    }
    if (scaled < 0)
        backwards[length++] = '-';
    for (size_t i = 0; i < length; i++)
        text[i] = backwards[length - 1 - i];
    text[length] = '\0';
    return length;
}

size_t decimal_format(int64_t scaled, unsigned places, char text[static DECIMAL_TEXT_SIZE])
{
    return format_with(scaled, places, '.', text);
}

size_t decimal_format_vi(int64_t scaled, unsigned places, char text[static DECIMAL_TEXT_SIZE])
{
    return format_with(scaled, places, ',', text);
}

int ratio_compare(int64_t part, int64_t whole, int64_t p, int64_t q)
{
    wide left = (wide)part * q;
    wide right = (wide)whole * p;
    return (left > right) - (left < right);
}

static bool narrow(wide value, int64_t *ret_value)
{
    if (value > INT64_MAX || value < INT64_MIN)
        return false;
    *ret_value = (int64_t)value;
    return true;
}

static wide divide_down_wide(wide numerator, wide positive)
{
    wide quotient = numerator / positive;
    return numerator % positive < 0 ? quotient - 1 : quotient;
}

bool percent_parse(const char *text, size_t length, int64_t *ret_hundredths)
{
    if (length == 0 || text[length - 1] != '%')
        return false;
    length -= length > 1 && text[length - 2] == ' ' ? 2 : 1;
    return decimal_parse(text, length, 2, ret_hundredths) == DECIMAL_OK;
}

static bool part_parse(const char *text, size_t length, int64_t *ret_part)
{
    return decimal_parse(text, length, 0, ret_part) == DECIMAL_OK && *ret_part > 0 && *ret_part <= SHARE_MOST;
}

bool share_parse(const char *text, size_t length, struct fraction *ret_share)
{
    const char *slash = memchr(text, '/', length);
    struct fraction share = {0, SHARE_OF_PERCENT};
    if (slash ? !part_parse(text, (size_t)(slash - text), &share.p) ||
                    !part_parse(slash + 1, length - (size_t)(slash - text) - 1, &share.q)
              : !percent_parse(text, length, &share.p))
        return false;
    *ret_share = share;
    return share.p > 0 && share.p <= share.q;
}

bool ratio_percent(int64_t part, int64_t whole, int64_t *ret_hundredths)
{
    if (whole <= 0)
        return false;
    wide doubled = (wide)(part < 0 ? -(wide)part : part) * 20000 + whole;
    wide magnitude = doubled / (2 * (wide)whole);
    return narrow(part < 0 ? -magnitude : magnitude, ret_hundredths);
}

bool ratio_margin(int64_t part, int64_t whole, int64_t p, int64_t q, int64_t *ret_hundredths)
{
    wide denominator = (wide)whole * q;
    wide numerator;
    if (whole <= 0 || q <= 0 || __builtin_mul_overflow((wide)part * q - (wide)whole * p, (wide)10000, &numerator))
        return false;
    return narrow(divide_down_wide(numerator, denominator), ret_hundredths);
}
