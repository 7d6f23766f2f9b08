// Writes and reads bytes piece by piece. Numbers are LEB128, signed ones zigzag. Texts end with NUL.
#ifndef THIDUA_BASE_PURE_PACKING_H
#define THIDUA_BASE_PURE_PACKING_H

#include "thidua/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packer {
    struct arena *arena;
    unsigned char *bytes;
    size_t length, room;
};

void pack_byte(struct packer *packer, unsigned value);
void pack_number(struct packer *packer, uint64_t value);
void pack_signed(struct packer *packer, int64_t value);
void pack_text(struct packer *packer, const char *text); // not NULL
void pack_value(struct packer *packer, struct value value);

// After the first error `good` stays false, and everything that is read is zero or "".
struct unpacker {
    const unsigned char *next, *end;
    bool good;
};

unsigned unpack_byte(struct unpacker *unpacker);
uint64_t unpack_long_number(struct unpacker *unpacker); // of any length
// Most have one byte.
static inline uint64_t unpack_number(struct unpacker *unpacker)
{
    return unpacker->next < unpacker->end && *unpacker->next < 0x80 ? *unpacker->next++ : unpack_long_number(unpacker);
}
int64_t unpack_signed(struct unpacker *unpacker);
// The next number, which must be less than `bound`.
size_t unpack_below(struct unpacker *unpacker, size_t bound);
// A number of things that follow. Each takes at least `least` bytes, so more than fit in the bytes left is an error.
size_t unpack_count(struct unpacker *unpacker, size_t least);
// Valid UTF-8.
const char *unpack_text(struct unpacker *unpacker);
// Unknown, or of the type; any type but unknown where `type` is VALUE_UNKNOWN.
struct value unpack_value(struct unpacker *unpacker, enum value_type type);
// Whether everything was read, without an error.
bool unpack_ends(const struct unpacker *unpacker);

#endif
