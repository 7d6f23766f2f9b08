// Which job comes next: short ones in the order in which they came, before long ones; of those each owner's share.
#include "base/poller.h"
#include "database/pool/private.h"

#include <string.h>

static struct queue *queue_of(struct pool *pool, const struct job *job)
{
    return job->heavy ? &pool->heavy : &pool->light;
}

void append_job(struct pool *pool, struct job *job)
{
    struct queue *queue = queue_of(pool, job);
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
    queue->length++;
}

// Takes the job out that `place` points to.
static struct job *unlink_job(struct queue *queue, struct job **place)
{
    struct job *job = *place;
    if (!job)
        return NULL;
    *place = job->next;
    if (!*place)
        queue->last = place;
    queue->length--;
    return job;
}

void put_back(struct pool *pool, struct job *job)
{
    struct queue *queue = queue_of(pool, job);
    job->next = queue->first;
    if (!queue->first)
        queue->last = &job->next;
    queue->first = job;
    queue->length++;
}

// ---- long jobs ----

static unsigned half_of(unsigned number)
{
    return (number + 1) / 2;
}

static unsigned heavy_most(const struct pool *pool)
{
    return half_of(pool->options.workers);
}

const char *owner_of(const struct job *job)
{
    return job->owner ? job->owner : "";
}

static unsigned workers_of(const struct pool *pool, const char *owner)
{
    unsigned count = 0;
    for (unsigned i = 0; i < pool->options.workers; i++)
        count += pool->workers[i].heavy && strcmp(pool->workers[i].owner, owner) == 0;
    return count;
}

static unsigned queued_of(const struct pool *pool, const char *owner)
{
    unsigned count = 0;
    for (const struct job *job = pool->heavy.first; job; job = job->next)
        count += strcmp(owner_of(job), owner) == 0;
    return count;
}

static bool has_share(const struct pool *pool, const struct job *job)
{
    return workers_of(pool, owner_of(job)) < half_of(heavy_most(pool));
}

// The first whose owner has a worker left of its share; of somebody without a key only where no key waits like that;
// beyond a share only where nobody else waits, and what is soon over.
static struct job *take_heavy(struct pool *pool)
{
    struct job **place = &pool->heavy.first, **without_key = NULL, **beyond = NULL;
    if (pool->busy_heavy >= heavy_most(pool))
        return NULL;
    for (; *place; place = &(*place)->next) {
        bool shared = has_share(pool, *place);
        if (shared && *owner_of(*place))
            return unlink_job(&pool->heavy, place);
        if (shared && !without_key)
            without_key = place;
        if (!shared && (*place)->brief && !beyond)
            beyond = place;
    }
    place = without_key ? without_key : beyond;
    return place ? unlink_job(&pool->heavy, place) : NULL;
}

struct job *take_next(struct pool *pool)
{
    struct job *job = unlink_job(&pool->light, &pool->light.first);
    return job ? job : take_heavy(pool);
}

bool has_room(const struct pool *pool, const struct job *job)
{
    if (!job->heavy)
        return pool->light.length < pool->options.queue_length;
    return pool->heavy.length < pool->options.queue_length &&
           queued_of(pool, owner_of(job)) < half_of(pool->options.queue_length);
}

// ---- deadlines ----

static struct job **find_expired(struct queue *queue, int64_t now)
{
    for (struct job **place = &queue->first; *place; place = &(*place)->next)
        if (now > (*place)->deadline)
            return place;
    return NULL;
}

struct job *take_expired(struct pool *pool)
{
    int64_t now = monotonic_ns();
    struct job **light = find_expired(&pool->light, now), **heavy = find_expired(&pool->heavy, now);
    return light ? unlink_job(&pool->light, light) : heavy ? unlink_job(&pool->heavy, heavy) : NULL;
}

int64_t next_deadline(const struct pool *pool)
{
    int64_t next = INT64_MAX;
    const struct queue *const queues[] = {&pool->light, &pool->heavy};
    for (size_t i = 0; i < 2; i++)
        for (const struct job *job = queues[i]->first; job; job = job->next)
            next = job->deadline < next ? job->deadline : next;
    return next;
}
