// SHA-256 over more than is in memory at once. Each part is counted by its length, so that no two sequences of parts
// give the same bytes.
#ifndef THIDUA_ENGINE_JSON_DIGEST_H
#define THIDUA_ENGINE_JSON_DIGEST_H

#include <stddef.h>

#include "thidua/identifier.h"

enum { SHA256_BYTES = 32 };

struct digest {
    void *state;
};

struct digest digest_start(void);
void digest_add(struct digest *digest, const void *bytes, size_t length);
// The hash of what is at hand.
void digest_once(const void *bytes, size_t length, unsigned char ret_hash[static SHA256_BYTES]);
// Ends it and releases what it holds; also where the hash is not wanted any more.
void digest_finish(struct digest *digest, char ret_hex[static SHA256_HEX_LENGTH + 1]);

#endif
