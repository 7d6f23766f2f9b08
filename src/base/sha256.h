// SHA-256: the only place that computes it.
#ifndef THIDUA_BASE_SHA256_H
#define THIDUA_BASE_SHA256_H

#include <stddef.h>

#include "thidua/identifier.h"

enum { SHA256_BYTES = 32 };

// Of bytes that are at hand, as bytes or as lower-case hex digits.
void sha256(const void *bytes, size_t length, unsigned char ret_hash[static SHA256_BYTES]);
void sha256_hex(const void *bytes, size_t length, char ret_hex[static SHA256_HEX_LENGTH + 1]);

// Of bytes that come piece by piece.
struct sha256_stream {
    void *state; // NULL: not started, or finished
};

struct sha256_stream sha256_start(void);
void sha256_add(struct sha256_stream *stream, const void *bytes, size_t length);
// Ends the stream and releases what it holds. Call it also where the hash is not wanted any more.
void sha256_finish(struct sha256_stream *stream, unsigned char ret_hash[static SHA256_BYTES]);
void sha256_finish_hex(struct sha256_stream *stream, char ret_hex[static SHA256_HEX_LENGTH + 1]);
// The hex digits of a hash.
void sha256_show(const unsigned char hash[static SHA256_BYTES], char ret_hex[static SHA256_HEX_LENGTH + 1]);

#endif
