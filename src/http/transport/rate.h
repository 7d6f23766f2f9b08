// How often one caller may ask: a bucket of a minute's requests for each key, and for each address without one, that
// fills evenly again. Kept in memory: each process counts for itself, all its loops together.
#ifndef THIDUA_HTTP_TRANSPORT_RATE_H
#define THIDUA_HTTP_TRANSPORT_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RATE_WINDOW_SECONDS = 60 };

// What a caller has left. `quota` 0: there is no limit.
struct rate {
    unsigned quota;     // requests in a window
    unsigned remaining; // of them, now
    unsigned seconds;   // until all of them are there again; of a refused request, until the next one
};

// Takes one request of `quota` a minute out of the bucket of `who` (a key's id, an address); `now` in nanoseconds of
// the monotonic clock. False where it is empty. From any thread, without a lock.
bool rate_take(const void *who, size_t length, unsigned quota, int64_t now, struct rate *ret_rate);

#endif
