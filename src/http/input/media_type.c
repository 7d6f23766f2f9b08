#include "http/input/media_type.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

bool media_type_is(const char *given, const char *wanted)
{
    size_t length = strlen(wanted);
    return given && strncasecmp(given, wanted, length) == 0 && strchr(";" BLANKS, given[length]);
}

// The end of a parameter's value, a token or a quoted string; NULL where it is neither.
static const char *value_end(const char *value)
{
    if (*value != '"') {
        size_t length = strcspn(value, ";,\"" BLANKS);
        return length ? value + length : NULL;
    }
    for (value++; *value && *value != '"'; value++)
        if (*value == '\\' && !*++value)
            return NULL;
    return *value ? value + 1 : NULL;
}

static bool is_utf8(const char *value, const char *end)
{
    if (*value == '"') {
        value++;
        end--;
    }
    return end - value == 5 && strncasecmp(value, "utf-8", 5) == 0;
}

bool media_type_is_utf8(const char *given)
{
    const char *at = given + strcspn(given, ";");
    while (*(at += strspn(at, ";" BLANKS))) {
        size_t name = strcspn(at, "=;" BLANKS);
        const char *value = at + name + 1, *end = at[name] == '=' ? value_end(value) : NULL;
        if (!end || !strchr(";" BLANKS, *end))
            return false;
        if (name == 7 && strncasecmp(at, "charset", 7) == 0 && !is_utf8(value, end))
            return false;
        at = end;
    }
    return true;
}
