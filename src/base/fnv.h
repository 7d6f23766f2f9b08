// FNV-1a, for tables in memory: where two things fall together nothing but their place is shared.
#ifndef THIDUA_BASE_FNV_H
#define THIDUA_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t fnv_hash(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * 1099511628211U;
    return hash ^ hash >> 32; // its low bits are the weaker ones
}

#endif
