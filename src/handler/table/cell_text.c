#include "handler/table/cell_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { CHARACTERS_MAX = 32767 };

static bool is_escape(const char *text)
{
    return text[0] == '_' && text[1] == 'x' && strspn(text + 2, "0123456789abcdefABCDEF") >= 4 && text[6] == '_';
}

// A reader takes "_x0041_" for "A" (ECMA-376 part 1, 22.9.2.19, ST_Xstring): "_x005F_" stands for that underscore.
char *cell_text(const char *text)
{
    static const char escape[] = "_x005F_", more[] = " […]";
    size_t characters = 0;
    char *bytes = NULL;
    size_t length;
    FILE *out = open_memstream(&bytes, &length);
    for (; out && *text; text++) {
        unsigned char byte = (unsigned char)*text;
        characters += byte >= 0xf0 ? 2 : (byte & 0xc0) != 0x80;
        if (characters > CHARACTERS_MAX - 16) {
            fputs(more, out);
            break;
        }
        if (is_escape(text)) {
            fputs(escape, out);
            characters += sizeof escape - 2;
        } else {
            fputc(*text, out);
        }
    }
    return out && fclose(out) == 0 ? bytes : NULL;
}

// A letter of 13 points is a little wider than the digit that widths are counted in.
unsigned cell_lines(const char *text, double width)
{
    size_t most = width > 3 ? (size_t)(width * 0.88) : 2, used = 0;
    unsigned lines = 1;
    while (*text) {
        size_t bytes = strcspn(text, " \n"), letters = 0;
        for (size_t i = 0; i < bytes; i++)
            letters += ((unsigned char)text[i] & 0xc0) != 0x80;
        if (used && used + 1 + letters > most) {
            lines++;
            used = 0;
        }
        lines += (unsigned)(letters ? (letters - 1) / most : 0);
        used += letters + (used > 0);
        if (text[bytes] == '\n') {
            lines++;
            used = 0;
        }
        text += bytes + (text[bytes] != '\0');
    }
    return lines;
}
