#include "app/command/line/roff.h"

#include <ctype.h>
#include <stdbool.h>

void roff_begin(FILE *out, const char *name, unsigned section, const char *about)
{
    fputs(".TH ", out);
    for (const char *letter = name; *letter; letter++)
        fputc(toupper((unsigned char)*letter), out);
    fprintf(out, " %u \"\" \"thidua " THIDUA_VERSION "\" \"thidua\"\n.SH NAME\n", section);
    roff_text(out, name);
    fputs(" \\- ", out);
    roff_text(out, about);
    fputc('\n', out);
}

static void print_letter(FILE *out, char letter)
{
    if (letter == '\\')
        fputs("\\e", out);
    else if (letter == '-')
        fputs("\\-", out);
    else
        fputc(letter, out);
}

void roff_text(FILE *out, const char *text)
{
    bool bold = false;
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '`')
            fputs((bold = !bold) ? "\\fB" : "\\fR", out);
        else
            print_letter(out, *text);
    }
}
