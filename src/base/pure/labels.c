#include "base/pure/labels.h"

#include <string.h>

const struct label labels[] = {
#define LABEL(vocabulary, code, vi, en) {vocabulary, code, vi, en},
#include "base/pure/label.def"
#undef LABEL
    {0},
};

// Nearly all codes differ in their first letter from the one that is looked for.
static bool is_code(const struct label *label, const char *code)
{
    return label->code[0] == code[0] && strcmp(label->code, code) == 0;
}

static const struct label *find_label(const char *vocabulary, const char *code)
{
    for (const struct label *label = labels; label->code; label++)
        if (is_code(label, code) && strcmp(label->vocabulary, vocabulary) == 0)
            return label;
    return NULL;
}

// Types of events carry the service's name outside of the journal.
static const char *without_prefix(const char *code)
{
    static const char prefix[] = "thidua.";
    return strncmp(code, prefix, sizeof prefix - 1) == 0 ? code + sizeof prefix - 1 : code;
}

const char *label_of(const char *vocabulary, const char *code, bool english)
{
    const struct label *label = find_label(vocabulary, without_prefix(code));
    if (!label)
        return code;
    return english ? label->en : label->vi;
}

const char *label_of_any(const char *code, bool english)
{
    for (const struct label *label = labels; label->code; label++)
        if (is_code(label, code))
            return english ? label->en : label->vi;
    return code;
}

static bool has_all(const char *vocabulary, const char *const *codes)
{
    while (*codes && find_label(vocabulary, *codes))
        codes++;
    return !*codes;
}

const char *label_vocabulary(const char *const *codes)
{
    for (const struct label *label = labels; label->code; label++)
        if (is_code(label, codes[0]) && has_all(label->vocabulary, codes))
            return label->vocabulary;
    return NULL;
}
