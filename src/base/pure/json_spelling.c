#include "base/pure/json_spelling.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// The length of the text that begins with the quotation mark at `json`, with both of its marks. Most texts have no
// escapes, and the C library finds a mark faster than a loop here would.
static size_t string_length(const char *json, size_t length)
{
    const char *from = json + 1, *end = json + length, *mark = json;
    while (from < end) {
        if (mark < from) // else it is still ahead: nothing is looked at twice
            mark = memchr(from, '"', (size_t)(end - from));
        if (!mark)
            return length;
        const char *escape = memchr(from, '\\', (size_t)(mark - from));
        if (!escape)
            return (size_t)(mark - json) + 1;
        from = escape + 2;
    }
    return length;
}

size_t json_spell(const char *json, size_t length, char *out)
{
    size_t written = 0;
    for (size_t i = 0; i < length;) {
        if (json[i] == '"') {
            size_t whole = string_length(json + i, length - i);
            memcpy(out + written, json + i, whole);
            written += whole;
            i += whole;
            continue;
        }
        if (!is_blank(json[i]))
            out[written++] = json[i];
        i++;
    }
    return written;
}
