#include "base/pure/labels.h"

#include <stdint.h>
#include <string.h>

const struct label labels[] = {
#define LABEL(vocabulary, code, vi, en) {vocabulary, code, vi, en},
#include "base/pure/label.def"
#undef LABEL
    {0},
};

enum { LABEL_COUNT = sizeof labels / sizeof *labels - 1 };

// Rows of `labels` in the order of their codes; of one code, in that of the table.
static const uint16_t by_code[] = {
#include "base/label_order.h"
};
_Static_assert(sizeof by_code / sizeof *by_code == LABEL_COUNT, "tools/order_labels.py counts other rows");

// The place in `by_code` of the first label of the code, or of the next code.
static size_t first_of(const char *code)
{
    size_t low = 0, high = LABEL_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(labels[by_code[middle]].code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The label of the code at that place; NULL where the labels of the code are over.
static const struct label *label_at(size_t place, const char *code)
{
    const struct label *label = place < LABEL_COUNT ? &labels[by_code[place]] : NULL;
    return label && strcmp(label->code, code) == 0 ? label : NULL;
}

static const struct label *find_label(const char *vocabulary, const char *code)
{
    const struct label *label;
    for (size_t place = first_of(code); (label = label_at(place, code)); place++)
        if (strcmp(label->vocabulary, vocabulary) == 0)
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
    const struct label *label = label_at(first_of(code), code);
    if (!label)
        return code;
    return english ? label->en : label->vi;
}

static bool has_all(const char *vocabulary, const char *const *codes)
{
    while (*codes && find_label(vocabulary, *codes))
        codes++;
    return !*codes;
}

const char *label_vocabulary(const char *const *codes)
{
    const struct label *label;
    for (size_t place = first_of(codes[0]); (label = label_at(place, codes[0])); place++)
        if (has_all(label->vocabulary, codes))
            return label->vocabulary;
    return NULL;
}
