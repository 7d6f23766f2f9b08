#include "http/transport/rate.h"

#include "base/fnv.h"

#include <stdatomic.h>

// A power of two; 1 MiB in all. Where every place that a caller could have is taken by callers still under a count, it
// is let pass: a limit that protects must not refuse the innocent.
enum { BUCKETS = 65536, PROBES = 8 };

// The generic cell rate algorithm: one number says how full a bucket is, namely when it will be full again.
struct bucket {
    atomic_uint_fast64_t who; // hash of the caller
    atomic_int_fast64_t full_at;
};

static struct bucket buckets[BUCKETS];

static uint64_t hash_of(const void *who, size_t length)
{
    uint64_t hash = fnv_hash(who, length);
    return hash ? hash : 1;
}

static struct bucket *bucket_of(uint64_t hash, int64_t now)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct bucket *bucket = &buckets[(hash + i) % BUCKETS];
        if (atomic_load_explicit(&bucket->who, memory_order_relaxed) == hash)
            return bucket;
    }
    // A full bucket remembers nothing: whoever comes may have it.
    for (size_t i = 0; i < PROBES; i++) {
        struct bucket *bucket = &buckets[(hash + i) % BUCKETS];
        uint_fast64_t before = atomic_load_explicit(&bucket->who, memory_order_relaxed);
        if (atomic_load_explicit(&bucket->full_at, memory_order_relaxed) <= now &&
            atomic_compare_exchange_strong(&bucket->who, &before, hash))
            return bucket;
    }
    return NULL;
}

static unsigned seconds_of(int64_t nanoseconds)
{
    return nanoseconds <= 0 ? 0 : (unsigned)((nanoseconds + 999999999) / 1000000000);
}

bool rate_take(const void *who, size_t length, unsigned quota, int64_t now, struct rate *ret_rate)
{
    *ret_rate = (struct rate){.quota = quota, .remaining = quota};
    struct bucket *bucket = quota ? bucket_of(hash_of(who, length), now) : NULL;
    if (!bucket)
        return true;
    int64_t one = (int64_t)RATE_WINDOW_SECONDS * 1000000000 / quota, most = one * quota;
    int_fast64_t before = atomic_load_explicit(&bucket->full_at, memory_order_relaxed);
    for (;;) {
        int64_t after = (before > now ? before : now) + one;
        if (after - now > most) {
            ret_rate->remaining = 0;
            ret_rate->seconds = seconds_of(after - now - most);
            return false;
        }
        if (atomic_compare_exchange_weak(&bucket->full_at, &before, after)) {
            ret_rate->remaining = (unsigned)((most - (after - now)) / one);
            ret_rate->seconds = seconds_of(after - now);
            return true;
        }
    }
}
