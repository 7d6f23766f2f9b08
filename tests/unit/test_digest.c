// The digest of parts is SHA-256 over each behind its length, however they fall into what is held back: hashes of years
// ago rest on it.
#include "engine/json/digest.h"

#include "testing.h"

enum { MOST = 10000, PARTS = 40, RUNS = 200 };

static unsigned char bytes[MOST], all[PARTS * (MOST + 8)];

static size_t draw_length(uint64_t *state)
{
    static const size_t around[] = {0, 1, 8, 2040, 4080, 4088, 4096, 8192};
    return random_below(state, 3) ? random_below(state, 300) : around[random_below(state, 8)] + random_below(state, 10);
}

static void hashes_parts_behind_their_lengths(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (size_t i = 0; i < MOST; i++)
        bytes[i] = (unsigned char)next_random(&random);
    for (int run = 0; run < RUNS; run++) {
        struct digest digest = digest_start();
        size_t total = 0;
        char found[SHA256_HEX_LENGTH + 1], expected[SHA256_HEX_LENGTH + 1];
        for (size_t parts = random_below(&random, PARTS); parts > 0; parts--) {
            size_t length = draw_length(&random);
            const unsigned char *part = bytes + random_below(&random, MOST - length);
            for (unsigned i = 0; i < 8; i++)
                all[total++] = (unsigned char)((uint64_t)length >> (56 - 8 * i));
            memcpy(all + total, part, length);
            total += length;
            digest_add(&digest, part, length);
        }
        digest_finish(&digest, found);
        sha256_hex(all, total, expected);
        assert_string_equal(found, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hashes_parts_behind_their_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
