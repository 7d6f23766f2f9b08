#include "base/pure/packing.h"

#include <string.h>

#include "thidua/civil.h"
#include "thidua/identifier.h"

enum { FIRST_ROOM = 512, NUMBER_MOST_BYTES = 10 };

static unsigned char *reserve_bytes(struct packer *packer, size_t size)
{
    if (packer->room - packer->length < size) {
        size_t room = packer->room ? packer->room : FIRST_ROOM;
        while (room - packer->length < size)
            room *= 2;
        unsigned char *bytes = arena_allocate(packer->arena, room);
        if (packer->length)
            memcpy(bytes, packer->bytes, packer->length);
        packer->bytes = bytes;
        packer->room = room;
    }
    return packer->bytes + packer->length;
}

void pack_byte(struct packer *packer, unsigned value)
{
    *reserve_bytes(packer, 1) = (unsigned char)value;
    packer->length++;
}

void pack_number(struct packer *packer, uint64_t value)
{
    unsigned char *here = reserve_bytes(packer, NUMBER_MOST_BYTES);
    size_t used = 0;
    for (; value >= 0x80; value >>= 7)
        here[used++] = (unsigned char)(value | 0x80);
    here[used++] = (unsigned char)value;
    packer->length += used;
}

void pack_signed(struct packer *packer, int64_t value)
{
    uint64_t bits = (uint64_t)value;
    pack_number(packer, (bits << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void pack_text(struct packer *packer, const char *text)
{
    size_t size = strlen(text) + 1;
    memcpy(reserve_bytes(packer, size), text, size);
    packer->length += size;
}

void pack_value(struct packer *packer, struct value value)
{
    pack_byte(packer, (unsigned)value.type);
    if (value.type == VALUE_TEXT)
        pack_text(packer, value.text);
    else if (value.type != VALUE_UNKNOWN)
        pack_signed(packer, value.number);
}

static bool stop_unpacking(struct unpacker *unpacker)
{
    unpacker->good = false;
    unpacker->next = unpacker->end;
    return false;
}

unsigned unpack_byte(struct unpacker *unpacker)
{
    if (unpacker->next == unpacker->end)
        return stop_unpacking(unpacker);
    return *unpacker->next++;
}

uint64_t unpack_long_number(struct unpacker *unpacker)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned byte = unpack_byte(unpacker);
        uint64_t bits = byte & 0x7f;
        // Each number has one form only: no bits beyond 64, no needless last byte.
        if ((shift == 63 && bits > 1) || (shift && byte == 0))
            break;
        value |= bits << shift;
        if (!(byte & 0x80))
            return unpacker->good ? value : 0;
    }
    return stop_unpacking(unpacker);
}

int64_t unpack_signed(struct unpacker *unpacker)
{
    uint64_t bits = unpack_number(unpacker);
    return (int64_t)((bits >> 1) ^ (bits & 1 ? UINT64_MAX : 0));
}

size_t unpack_below(struct unpacker *unpacker, size_t bound)
{
    uint64_t value = unpack_number(unpacker);
    if (value >= bound)
        return stop_unpacking(unpacker);
    return (size_t)value;
}

size_t unpack_count(struct unpacker *unpacker, size_t least)
{
    uint64_t count = unpack_number(unpacker);
    if (count > (uint64_t)(unpacker->end - unpacker->next) / least)
        return stop_unpacking(unpacker);
    return (size_t)count;
}

// Most texts are ASCII, and this is quicker than checking UTF-8.
static bool is_ascii(const char *text, size_t length)
{
    uint64_t word, seen = 0;
    for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
        memcpy(&word, text, sizeof word);
        seen |= word;
    }
    for (; length; length--)
        seen |= (unsigned char)*text++;
    return (seen & UINT64_C(0x8080808080808080)) == 0;
}

const char *unpack_text(struct unpacker *unpacker)
{
    size_t left = (size_t)(unpacker->end - unpacker->next);
    const unsigned char *end = left ? memchr(unpacker->next, 0, left) : NULL;
    const char *text = (const char *)unpacker->next;
    size_t length = end ? (size_t)(end - unpacker->next) : 0;
    if (!end || !(is_ascii(text, length) || utf8_is_valid(text, length))) {
        stop_unpacking(unpacker);
        return "";
    }
    unpacker->next = end + 1;
    return text;
}

static bool is_in_range(struct value value)
{
    if (value.type == VALUE_BOOLEAN)
        return value.number == 0 || value.number == 1;
    if (value.type == VALUE_DATE)
        return value.number >= DATE_FIRST && value.number <= DATE_LAST;
    return value.type != VALUE_INSTANT || instant_has_date(value.number);
}

struct value unpack_value(struct unpacker *unpacker, enum value_type type)
{
    static const struct value unknown = {.type = VALUE_UNKNOWN};
    struct value value = {.type = (enum value_type)unpack_below(unpacker, VALUE_INSTANT + 1)};
    if (!unpacker->good || value.type == VALUE_UNKNOWN)
        return unknown;
    if (type != VALUE_UNKNOWN && value.type != type)
        stop_unpacking(unpacker);
    else if (value.type == VALUE_TEXT)
        value.text = unpack_text(unpacker);
    else
        value.number = unpack_signed(unpacker);
    if (!unpacker->good || !is_in_range(value)) {
        stop_unpacking(unpacker);
        return unknown;
    }
    return value;
}

bool unpack_ends(const struct unpacker *unpacker)
{
    return unpacker->good && unpacker->next == unpacker->end;
}
