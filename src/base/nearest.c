#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

enum { WORD_MOST = 63 };

static unsigned least_of(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

static bool is_same(char one, char other)
{
    return tolower((unsigned char)one) == tolower((unsigned char)other);
}

// Levenshtein's distance with one row of his matrix.
unsigned edit_distance(const char *one, const char *other)
{
    size_t height = strnlen(one, WORD_MOST), width = strnlen(other, WORD_MOST);
    unsigned row[WORD_MOST + 1];
    for (size_t x = 0; x <= width; x++)
        row[x] = (unsigned)x;
    for (size_t y = 1; y <= height; y++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)y;
        for (size_t x = 1; x <= width; x++) {
            unsigned above = row[x];
            row[x] = least_of(above + 1, row[x - 1] + 1, diagonal + !is_same(one[y - 1], other[x - 1]));
            diagonal = above;
        }
    }
    return row[width];
}

bool is_near(const char *word, const char *known)
{
    return edit_distance(word, known) <= (strnlen(word, WORD_MOST) + 1) / 3;
}
