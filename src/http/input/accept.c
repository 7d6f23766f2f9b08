#include "http/input/accept.h"

#include <stdbool.h>
#include <string.h>

struct fit {
    int exactness; // 0: */*, 1: type/*, 2: the type itself; -1: none
    int quality;   // thousandths
    size_t place;
};

static size_t trimmed(const char *text, size_t length)
{
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    return length;
}

static int exactness(const char *range, size_t length, const char *offer)
{
    size_t type = strcspn(offer, "/") + 1;
    if (length == strlen(offer) && strncasecmp(range, offer, length) == 0)
        return 2;
    if (length == type + 1 && range[type] == '*' && strncasecmp(range, offer, type) == 0)
        return 1;
    return length == 3 && memcmp(range, "*/*", 3) == 0 ? 0 : -1;
}

static bool is_quality_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

// "0.8" in thousandths: at most three decimals (section 12.4.2).
static int thousandths(const char *text, const char *end)
{
    int value = text < end && *text == '1' ? 1000 : 0, unit = 100;
    if (value || end - text < 2 || text[1] != '.')
        return value;
    for (text += 2; text < end && is_quality_digit(*text); text++, unit /= 10)
        value += unit * (*text - '0');
    return value;
}

size_t unquoted_span(const char *text, const char *end, const char *stops)
{
    const char *at = text;
    for (bool quoted = false; at < end && (quoted || !strchr(stops, *at)); at++) {
        quoted ^= *at == '"';
        at += quoted && *at == '\\' && at + 1 < end;
    }
    return (size_t)(at - text);
}

// ";q=0.8" among the parameters of a range; without it 1.
int accept_weight(const char *parameters, size_t length)
{
    const char *end = parameters + length;
    for (const char *at = parameters; at < end; at += unquoted_span(at, end, ";")) {
        at += strspn(at, "; \t");
        if (end - at > 2 && (at[0] | 0x20) == 'q' && at[1] == '=')
            return thousandths(at + 2, end);
    }
    return 1000;
}

// The most exact range that the offer fits says how much it is wanted.
static struct fit fit_of(const char *accept, const char *offer)
{
    struct fit best = {.exactness = -1};
    for (const char *range = accept, *end = accept + strlen(accept); *range;) {
        range += strspn(range, " \t,");
        size_t whole = unquoted_span(range, end, ","), type = unquoted_span(range, range + whole, ";");
        int exact = exactness(range, trimmed(range, type), offer);
        if (exact > best.exactness)
            best = (struct fit){exact, accept_weight(range + type, whole - type), (size_t)(range - accept)};
        range += whole;
    }
    return best;
}

static bool better(struct fit one, struct fit other)
{
    if (one.quality != other.quality)
        return one.quality > other.quality;
    if (one.exactness != other.exactness)
        return one.exactness > other.exactness;
    return one.place < other.place;
}

// Ranges that are all weighted 0 only say what is not wanted: the rest is.
static bool only_excludes(const char *accept)
{
    for (const char *range = accept, *end = accept + strlen(accept); *(range += strspn(range, " \t,"));) {
        size_t whole = unquoted_span(range, end, ","), type = unquoted_span(range, range + whole, ";");
        if (accept_weight(range + type, whole - type) > 0)
            return false;
        range += whole;
    }
    return true;
}

size_t accept_best(const char *accept, const char *const offers[], size_t count)
{
    size_t best = count;
    struct fit found = {.exactness = -1};
    if (!accept)
        return 0;
    bool rest = only_excludes(accept); // of an empty list too, which asks for nothing
    for (size_t i = 0; i < count; i++) {
        struct fit fit = fit_of(accept, offers[i]);
        bool fits = fit.exactness >= 0 ? fit.quality > 0 : rest;
        if (fits && (best == count || better(fit, found))) {
            best = i;
            found = fit;
        }
    }
    return best;
}
