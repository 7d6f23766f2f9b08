// How papers write numbers, days and names: Phụ lục I and II of NĐ 30/2020/NĐ-CP.
#include "paper/paper.h"
#include "thidua/arena.h"
#include "thidua/civil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { AMOUNT_TEXT_SIZE = 32 };

// Of a number below 10 alone, so that "5" and "5/QĐ-UBND" both get their 0.
static const char *zero_before(const char *number)
{
    bool one_digit = number[0] >= '1' && number[0] <= '9' && (number[1] < '0' || number[1] > '9');
    return one_digit ? "0" : "";
}

const char *paper_number(struct arena *arena, const char *number, const char *symbol)
{
    if (!number)
        return arena_format(arena, "Số:        /%s", symbol ? symbol : "");
    bool whole = strchr(number, '/') || !symbol;
    return arena_format(arena, "Số: %s%s%s%s", zero_before(number), number, whole ? "" : "/", whole ? "" : symbol);
}

const char *paper_number_of(struct arena *arena, const char *number)
{
    return number ? arena_format(arena, "%s%s", zero_before(number), number) : "";
}

static bool day_of(const char *day, struct civil_date *ret_civil)
{
    int32_t date;
    int64_t instant;
    if (!day)
        return false;
    if (!date_parse(day, strlen(day), &date)) {
        if (!instant_parse(day, strlen(day), &instant))
            return false;
        date = instant_local_date(instant);
    }
    *ret_civil = date_to_civil(date);
    return true;
}

// "với những số thể hiện ngày nhỏ hơn 10 và tháng 1, 2 phải ghi thêm số 0 phía trước"
const char *paper_day(struct arena *arena, const char *day)
{
    struct civil_date civil;
    if (!day_of(day, &civil))
        return "ngày      tháng      năm        ";
    return arena_format(arena, "ngày %02d tháng %s%d năm %d", civil.day, civil.month < 3 ? "0" : "", civil.month,
                        civil.year);
}

const char *paper_place(struct arena *arena, const char *place, const char *day)
{
    return arena_format(arena, "%s, %s", place, paper_day(arena, day));
}

const char *paper_count(struct arena *arena, long long count)
{
    return arena_format(arena, count ? "%02lld" : "%lld", count);
}

const char *paper_amount(struct arena *arena, long long amount)
{
    char digits[AMOUNT_TEXT_SIZE], parted[2 * AMOUNT_TEXT_SIZE], *end = parted;
    int length = snprintf(digits, sizeof digits, "%llu",
                          amount < 0 ? 0ULL - (unsigned long long)amount : (unsigned long long)amount);
    if (amount < 0)
        *end++ = '-';
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            *end++ = '.';
        *end++ = digits[i];
    }
    return arena_copy(arena, parted, (size_t)(end - parted));
}

const char *paper_decimal(struct arena *arena, const char *decimal)
{
    char *text = arena_text(arena, decimal ? decimal : ""), *point = strchr(text, '.');
    if (point)
        *point = ',';
    return text;
}

// The first `most` characters of a text in another case. A character may get longer by it, never by more than 4 bytes.
static const char *in_case(struct arena *arena, const char *text, size_t most,
                           utf8proc_int32_t (*turn)(utf8proc_int32_t))
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    char *turned = arena_allocate(arena, 4 * strlen(text) + 1), *end = turned;
    utf8proc_int32_t character;
    utf8proc_ssize_t length;
    while (*at && (length = utf8proc_iterate(at, -1, &character)) > 0) {
        if (most) {
            most--;
            character = turn(character);
        }
        end += utf8proc_encode_char(character, (utf8proc_uint8_t *)end);
        at += length;
    }
    *end = '\0';
    return turned;
}

const char *paper_capitals(struct arena *arena, const char *text)
{
    return in_case(arena, text, SIZE_MAX, utf8proc_toupper);
}

const char *paper_inside(struct arena *arena, const char *text)
{
    return in_case(arena, text, 1, utf8proc_tolower);
}

// ---- names of files ----

enum { FILE_NAME_MOST = 240 }; // bytes: file systems take 255, and an ending follows

// What is longer cannot be saved at all; it ends with a whole character.
static char *cut_to_file_name(char *name)
{
    size_t length = strlen(name);
    if (length > FILE_NAME_MOST) {
        for (length = FILE_NAME_MOST; length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80; length--)
            ;
        name[length] = '\0';
    }
    return name;
}

// Signs that some system does not take in a name, or that end a quoted string.
static bool is_taken_by_systems(char c)
{
    return !strchr("/\\:*?\"<>|\n", c);
}

const char *paper_file_name(struct arena *arena, const char *name)
{
    char *kept = arena_text(arena, name);
    for (char *c = kept; *c; c++)
        if (!is_taken_by_systems(*c))
            *c = '-';
    return cut_to_file_name(kept);
}

// Đ has no decomposition. What has no letter in ASCII is left out. One character may become many (㎯ is rad∕s2), and
// signs among them (＂ is ").
const char *paper_ascii(struct arena *arena, const char *name)
{
    utf8proc_uint8_t *parted = utf8proc_NFKD((const utf8proc_uint8_t *)name);
    const char *from = parted ? (const char *)parted : "";
    char *plain = arena_allocate(arena, strlen(from) + 1), *end = plain;
    for (const char *c = from; *c; c++)
        if (*c >= 0x20 && *c < 0x7f)
            *end++ = is_taken_by_systems(*c) ? *c : '-';
        else if (strncmp(c, "Đ", 2) == 0 || strncmp(c, "đ", 2) == 0)
            *end++ = strncmp(c, "Đ", 2) == 0 ? 'D' : 'd';
    *end = '\0';
    free(parted);
    return cut_to_file_name(plain);
}
