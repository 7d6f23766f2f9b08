// A SHA-256 over a sequence of parts. The length of each part is hashed before it, so that no two sequences give the
// same bytes.
#ifndef THIDUA_ENGINE_JSON_DIGEST_H
#define THIDUA_ENGINE_JSON_DIGEST_H

#include "base/sha256.h"

struct digest {
    struct sha256_stream stream;
    unsigned char bytes[4096]; // of small parts: a call of GnuTLS costs as much as hashing a few hundred bytes
    size_t held;
};

struct digest digest_start(void);
void digest_add(struct digest *digest, const void *bytes, size_t length);
// Ends the digest and releases what it holds. Call it also where the hash is not wanted any more.
void digest_finish(struct digest *digest, char ret_hex[static SHA256_HEX_LENGTH + 1]);

#endif
