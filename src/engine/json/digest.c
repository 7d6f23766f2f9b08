#include "engine/json/digest.h"

#include <stdint.h>
#include <string.h>

struct digest digest_start(void)
{
    return (struct digest){.stream = sha256_start()};
}

static void hash_held(struct digest *digest)
{
    if (digest->held)
        sha256_add(&digest->stream, digest->bytes, digest->held);
    digest->held = 0;
}

static void add(struct digest *digest, const void *bytes, size_t length)
{
    if (length > sizeof digest->bytes - digest->held)
        hash_held(digest);
    if (length > sizeof digest->bytes) {
        sha256_add(&digest->stream, bytes, length);
        return;
    }
    if (length)
        memcpy(digest->bytes + digest->held, bytes, length);
    digest->held += length;
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    unsigned char size[8];
    for (unsigned i = 0; i < sizeof size; i++)
        size[i] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
    add(digest, size, sizeof size);
    add(digest, bytes, length);
}

void digest_finish(struct digest *digest, char ret_hex[static SHA256_HEX_LENGTH + 1])
{
    hash_held(digest);
    sha256_finish_hex(&digest->stream, ret_hex);
}
