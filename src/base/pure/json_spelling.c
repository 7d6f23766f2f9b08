#include "base/pure/json_spelling.h"

#include <stdbool.h>

size_t json_spell(const char *json, size_t length, char *out)
{
    size_t written = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = json[i];
        if (!in_string && (c == ' ' || c == '\n' || c == '\t' || c == '\r'))
            continue;
        out[written++] = c;
        if (c == '"')
            in_string = !in_string;
        else if (c == '\\' && i + 1 < length) // stands in strings alone
            out[written++] = json[++i];
    }
    return written;
}
