#include "engine/json/digest.h"

#include <gnutls/crypto.h>
#include <stdint.h>
#include <stdlib.h>

struct digest digest_start(void)
{
    gnutls_hash_hd_t state;
    if (gnutls_hash_init(&state, GNUTLS_DIG_SHA256) != 0)
        abort(); // only for want of memory
    return (struct digest){state};
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    unsigned char size[8];
    for (unsigned i = 0; i < sizeof size; i++)
        size[i] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
    gnutls_hash(digest->state, size, sizeof size);
    gnutls_hash(digest->state, bytes, length);
}

void digest_once(const void *bytes, size_t length, unsigned char ret_hash[static SHA256_BYTES])
{
    gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, ret_hash);
}

void digest_finish(struct digest *digest, char ret_hex[static SHA256_HEX_LENGTH + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[SHA256_BYTES];
    gnutls_hash_deinit(digest->state, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        ret_hex[2 * i] = digits[hash[i] >> 4];
        ret_hex[2 * i + 1] = digits[hash[i] & 15];
    }
    ret_hex[SHA256_HEX_LENGTH] = '\0';
}
