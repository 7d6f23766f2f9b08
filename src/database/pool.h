// Workers: threads with one session each, and one bounded queue in front of them.
#ifndef THIDUA_DATABASE_POOL_H
#define THIDUA_DATABASE_POOL_H

#include "database/session.h"

#include <stdbool.h>
#include <stdint.h>

struct pool;

struct job {
    // Runs on a worker's thread, or on the pool's own where the deadline passed in the queue: then `expired` is set.
    // `session` is NULL there, and where PostgreSQL is away. The pool never touches the job again: `run` frees it or
    // hands it back.
    void (*run)(struct job *job, struct session *session);
    int64_t deadline; // monotonic_ns
    bool heavy;       // a long job: such jobs never take more than half of the workers
    bool brief;       // of a long job: it is soon over, so its owner may have what others leave of that half
    // Of a long job: who asked for it, a key or a service; NULL or "": somebody without a key, and all of those count
    // as one. An owner has at most half of what long jobs may take, workers and places in the queue, and keys go before
    // those without one.
    const char *owner;
    bool expired;
    struct job *next;
};

struct pool_options {
    struct session_options session;
    unsigned workers;
    unsigned queue_length;
};

struct pool_gauges {
    unsigned queued, busy, workers, queue_length;
    unsigned connected; // workers, as far as they know
};

struct pool *pool_start(const struct pool_options *options);
// False when the queue, or its owner's share of it, is full or the pool is stopping: the job was not taken.
bool pool_submit(struct pool *pool, struct job *job);
struct pool_gauges pool_gauges(struct pool *pool);
// Finishes what is queued, then ends the threads.
void pool_stop(struct pool *pool);

// The process ends and can wait no longer: every connection to PostgreSQL is lost at once, and no more are made.
void connections_give_up(void);

#endif
