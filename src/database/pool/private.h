// Workers from within. Everything here is read and written under the pool's mutex.
#ifndef THIDUA_DATABASE_POOL_PRIVATE_H
#define THIDUA_DATABASE_POOL_PRIVATE_H

#include "database/pool.h"

#include <pthread.h>

enum { OWNER_SIZE = 64 };

struct worker {
    struct pool *pool;
    pthread_t thread;
    struct session *session;
    bool connected;         // as far as it knows
    bool heavy;             // it works on a long job …
    char owner[OWNER_SIZE]; // … of this owner
    pthread_cond_t called;
    bool idle;           // waits to be called …
    struct worker *next; // … and who is called after it
};

struct queue {
    struct job *first, **last;
    unsigned length;
};

struct pool {
    struct pool_options options;
    pthread_mutex_t mutex;
    struct worker *idle;  // who finished last first: its connection has plans, and memory in the processor's caches
    pthread_cond_t alone; // no worker is connected: those without a connection have to refuse what waits
    unsigned connected;
    pthread_t usher; // looks at the deadlines of those who wait, also where no worker has time to
    pthread_cond_t waiting;
    int64_t ushered_until; // when it looks again; it is woken for an earlier deadline only
    bool ushered;
    struct queue light, heavy;
    unsigned busy, busy_heavy;
    bool stopping;
    unsigned started;
    struct worker workers[];
};

// ---- turns.c: which job comes next, and which may wait ----

// "" of somebody without a key.
const char *owner_of(const struct job *job);
// Whether the queue, and the owner's share of it, has room for one more.
bool has_room(const struct pool *pool, const struct job *job);
void append_job(struct pool *pool, struct job *job);
// As if it had not been taken: before all others.
void put_back(struct pool *pool, struct job *job);
// NULL where nothing waits, or only long jobs whose turn it is not.
struct job *take_next(struct pool *pool);
// A job whose deadline has passed; NULL where there is none.
struct job *take_expired(struct pool *pool);
// monotonic_ns; INT64_MAX where nothing waits.
int64_t next_deadline(const struct pool *pool);

static inline bool is_empty(const struct pool *pool)
{
    return !pool->light.first && !pool->heavy.first;
}

#endif
