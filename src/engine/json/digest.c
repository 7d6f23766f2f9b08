#include "engine/json/digest.h"

#include <stdint.h>

struct digest digest_start(void)
{
    return (struct digest){sha256_start()};
}

void digest_add(struct digest *digest, const void *bytes, size_t length)
{
    unsigned char size[8];
    for (unsigned i = 0; i < sizeof size; i++)
        size[i] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
    sha256_add(&digest->stream, size, sizeof size);
    sha256_add(&digest->stream, bytes, length);
}

void digest_finish(struct digest *digest, char ret_hex[static SHA256_HEX_LENGTH + 1])
{
    sha256_finish_hex(&digest->stream, ret_hex);
}
