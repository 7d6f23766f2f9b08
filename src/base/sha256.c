#include "base/sha256.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

// SHA-256 is always there: it fails only for want of memory. Without it no record could be trusted.
static void must_succeed(int error)
{
    if (error != 0)
        abort();
}

void sha256(const void *bytes, size_t length, unsigned char ret_hash[static SHA256_BYTES])
{
    must_succeed(gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, ret_hash));
}

void sha256_hex(const void *bytes, size_t length, char ret_hex[static SHA256_HEX_LENGTH + 1])
{
    unsigned char hash[SHA256_BYTES];
    sha256(bytes, length, hash);
    sha256_show(hash, ret_hex);
}

struct sha256_stream sha256_start(void)
{
    gnutls_hash_hd_t state;
    must_succeed(gnutls_hash_init(&state, GNUTLS_DIG_SHA256));
    return (struct sha256_stream){state};
}

void sha256_add(struct sha256_stream *stream, const void *bytes, size_t length)
{
    must_succeed(gnutls_hash(stream->state, bytes, length));
}

void sha256_finish(struct sha256_stream *stream, unsigned char ret_hash[static SHA256_BYTES])
{
    gnutls_hash_deinit(stream->state, ret_hash);
    stream->state = NULL;
}

void sha256_finish_hex(struct sha256_stream *stream, char ret_hex[static SHA256_HEX_LENGTH + 1])
{
    unsigned char hash[SHA256_BYTES];
    sha256_finish(stream, hash);
    sha256_show(hash, ret_hex);
}

void sha256_show(const unsigned char hash[static SHA256_BYTES], char ret_hex[static SHA256_HEX_LENGTH + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        ret_hex[2 * i] = digits[hash[i] >> 4];
        ret_hex[2 * i + 1] = digits[hash[i] & 15];
    }
    ret_hex[SHA256_HEX_LENGTH] = '\0';
}
