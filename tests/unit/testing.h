// What every unit test includes: cmocka wants four headers before its own.
#ifndef THIDUA_TESTING_H
#define THIDUA_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof *(table))

// A small deterministic generator (SplitMix64) for property tests: the same seed gives the same run everywhere.
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline size_t random_below(uint64_t *state, size_t bound)
{
    return (size_t)(next_random(state) % bound);
}

// Each of the two ends in one of eight draws.
static inline int64_t random_between(uint64_t *state, int64_t first, int64_t last)
{
    size_t draw = random_below(state, 8);
    return draw == 0 ? first : draw == 1 ? last : first + (int64_t)random_below(state, (size_t)(last - first));
}

#endif
