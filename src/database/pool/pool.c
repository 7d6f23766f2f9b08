#include "database/pool.h"

#include "base/poller.h"
#include "database/reach/reach.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static void append_job(struct queue *queue, struct job *job)
{
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

// ---- who waits for a job ----

static void await_call(struct worker *worker)
{
    struct pool *pool = worker->pool;
    worker->next = pool->idle;
    pool->idle = worker;
    worker->idle = true;
    while (worker->idle)
        pthread_cond_wait(&worker->called, &pool->mutex);
}

static void call_one(struct pool *pool)
{
    struct worker *worker = pool->idle;
    if (!worker)
        return; // whoever finishes looks for the next job itself
    pool->idle = worker->next;
    worker->idle = false;
    pthread_cond_signal(&worker->called);
}

static void call_all(struct pool *pool)
{
    while (pool->idle)
        call_one(pool);
}

// ---- long jobs ----

static unsigned heavy_most(const struct pool *pool)
{
    return (pool->options.workers + 1) / 2;
}

static unsigned half_of(unsigned number)
{
    return (number + 1) / 2;
}

static const char *pool_owner(const struct job *job)
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
        count += strcmp(pool_owner(job), owner) == 0;
    return count;
}

static bool has_share(const struct pool *pool, const struct job *job)
{
    return workers_of(pool, pool_owner(job)) < half_of(heavy_most(pool));
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
        if (shared && *pool_owner(*place))
            return unlink_job(&pool->heavy, place);
        if (shared && !without_key)
            without_key = place;
        if (!shared && (*place)->brief && !beyond)
            beyond = place;
    }
    place = without_key ? without_key : beyond;
    return place ? unlink_job(&pool->heavy, place) : NULL;
}

static struct job *take_next(struct pool *pool)
{
    struct job *job = unlink_job(&pool->light, &pool->light.first);
    return job ? job : take_heavy(pool);
}

// ---- workers without a connection refuse at once, and would take the work of those who can do it ----

static void note_connected(struct worker *worker, bool connected)
{
    struct pool *pool = worker->pool;
    pool->connected += connected;
    pool->connected -= worker->connected;
    worker->connected = connected;
    if (pool->connected == 0)
        pthread_cond_broadcast(&pool->alone);
}

static bool leaves_work_to_others(const struct worker *worker)
{
    return !worker->connected && worker->pool->connected > 0 && !worker->pool->stopping;
}

static void connect_worker(struct worker *worker)
{
    pthread_mutex_unlock(&worker->pool->mutex);
    bool connected = session_connect(worker->session);
    pthread_mutex_lock(&worker->pool->mutex);
    note_connected(worker, connected);
}

static void wait_for_connection(struct worker *worker)
{
    struct pool *pool = worker->pool;
    int64_t next = session_pauses_until(worker->session);
    struct timespec until = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
    if (pool->light.length || pool->heavy.length)
        call_one(pool); // it may be this one that was woken for a job
    if (next <= monotonic_ns() ||
        pthread_cond_clockwait(&pool->alone, &pool->mutex, CLOCK_MONOTONIC, &until) == ETIMEDOUT)
        connect_worker(worker);
}

static void put_back(struct pool *pool, struct job *job)
{
    struct queue *queue = job->heavy ? &pool->heavy : &pool->light;
    job->next = queue->first;
    if (!queue->first)
        queue->last = &job->next;
    queue->first = job;
    queue->length++;
    call_one(pool);
}

static bool lane_has_room(const struct pool *pool, const struct job *job)
{
    if (!job->heavy)
        return pool->light.length < pool->options.queue_length;
    return pool->heavy.length < pool->options.queue_length &&
           queued_of(pool, pool_owner(job)) < half_of(pool->options.queue_length);
}

static void take_on(struct worker *worker, const struct job *job)
{
    worker->heavy = job->heavy;
    if (worker->heavy)
        snprintf(worker->owner, sizeof worker->owner, "%s", pool_owner(job));
    worker->pool->busy++;
    worker->pool->busy_heavy += worker->heavy;
}

static void lay_down(struct worker *worker)
{
    struct pool *pool = worker->pool;
    pool->busy--;
    pool->busy_heavy -= worker->heavy;
    // A heavy job that waited for its turn, or workers that wait for the last one to finish.
    if (worker->heavy || pool->stopping)
        call_all(pool);
    if (pool->stopping)
        pthread_cond_signal(&pool->waiting);
    worker->heavy = false;
}

static void perform(struct worker *worker, struct job *job)
{
    struct pool *pool = worker->pool;
    take_on(worker, job);
    job->expired = monotonic_ns() > job->deadline;
    if (!job->expired)
        connect_worker(worker);
    if (!job->expired && leaves_work_to_others(worker)) {
        put_back(pool, job);
    } else {
        struct session *session = !job->expired && worker->connected ? worker->session : NULL;
        pthread_mutex_unlock(&pool->mutex);
        job->run(job, session);
        pthread_mutex_lock(&pool->mutex);
    }
    lay_down(worker);
}

static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    struct pool *pool = worker->pool;
    pthread_mutex_lock(&pool->mutex);
    connect_worker(worker);
    for (;;) {
        if (leaves_work_to_others(worker)) {
            wait_for_connection(worker);
            continue;
        }
        struct job *job = take_next(pool);
        if (!job && pool->stopping && !pool->light.length && !pool->heavy.length)
            break;
        if (job)
            perform(worker, job);
        else
            await_call(worker);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

// ---- deadlines in the queue ----

static struct job **find_expired(struct queue *queue, int64_t now)
{
    for (struct job **place = &queue->first; *place; place = &(*place)->next)
        if (now > (*place)->deadline)
            return place;
    return NULL;
}

static struct job *take_expired(struct pool *pool)
{
    int64_t now = monotonic_ns();
    struct job **light = find_expired(&pool->light, now), **heavy = find_expired(&pool->heavy, now);
    return light ? unlink_job(&pool->light, light) : heavy ? unlink_job(&pool->heavy, heavy) : NULL;
}

static int64_t next_deadline(const struct pool *pool)
{
    int64_t next = INT64_MAX;
    const struct queue *const queues[] = {&pool->light, &pool->heavy};
    for (size_t i = 0; i < 2; i++)
        for (const struct job *job = queues[i]->first; job; job = job->next)
            next = job->deadline < next ? job->deadline : next;
    return next;
}

static void wait_for_deadline(struct pool *pool)
{
    int64_t next = next_deadline(pool), now = monotonic_ns();
    // Where the queue is empty again it sleeps on until then, and need not be woken for each job.
    if (next == INT64_MAX && pool->ushered_until > now)
        next = pool->ushered_until;
    pool->ushered_until = next;
    struct timespec until = {.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
    if (next == INT64_MAX)
        pthread_cond_wait(&pool->waiting, &pool->mutex);
    else
        pthread_cond_clockwait(&pool->waiting, &pool->mutex, CLOCK_MONOTONIC, &until);
}

// Whoever waited too long is told so on time, whatever the workers wait for.
static void *run_usher(void *argument)
{
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->stopping || pool->light.length || pool->heavy.length) {
        struct job *job = take_expired(pool);
        if (!job) {
            wait_for_deadline(pool);
            continue;
        }
        pthread_mutex_unlock(&pool->mutex);
        job->expired = true;
        job->run(job, NULL);
        pthread_mutex_lock(&pool->mutex);
        if (pool->stopping)
            call_all(pool); // workers may wait for the last one to be gone
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

struct pool *pool_start(const struct pool_options *options)
{
    struct pool *pool = calloc(1, sizeof *pool + options->workers * sizeof *pool->workers);
    if (!pool)
        return NULL;
    pool->options = *options;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->alone, NULL);
    pthread_cond_init(&pool->waiting, NULL);
    pool->light.last = &pool->light.first;
    pool->heavy.last = &pool->heavy.first;
    for (unsigned i = 0; i < options->workers; i++) {
        struct worker *worker = &pool->workers[i];
        worker->pool = pool;
        pthread_cond_init(&worker->called, NULL);
        worker->session = session_new(&pool->options.session);
        if (!worker->session || pthread_create(&worker->thread, NULL, run_worker, worker) != 0) {
            session_free(worker->session);
            pool_stop(pool);
            return NULL;
        }
        pool->started++;
    }
    pool->ushered_until = INT64_MAX;
    pool->ushered = pthread_create(&pool->usher, NULL, run_usher, pool) == 0;
    if (!pool->ushered) {
        pool_stop(pool);
        return NULL;
    }
    return pool;
}

bool pool_submit(struct pool *pool, struct job *job)
{
    pthread_mutex_lock(&pool->mutex);
    struct queue *queue = job->heavy ? &pool->heavy : &pool->light;
    bool room = !pool->stopping && lane_has_room(pool, job);
    if (room) {
        append_job(queue, job);
        call_one(pool);
        if (job->deadline < pool->ushered_until) {
            pool->ushered_until = job->deadline;
            pthread_cond_signal(&pool->waiting);
        }
    }
    pthread_mutex_unlock(&pool->mutex);
    return room;
}

struct pool_gauges pool_gauges(struct pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    struct pool_gauges gauges = {pool->light.length + pool->heavy.length, pool->busy, pool->options.workers,
                                 pool->options.queue_length};
    pthread_mutex_unlock(&pool->mutex);
    return gauges;
}

void pool_stop(struct pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    call_all(pool);
    pthread_cond_broadcast(&pool->alone);
    pthread_cond_signal(&pool->waiting);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->started; i++) {
        pthread_join(pool->workers[i].thread, NULL);
        session_free(pool->workers[i].session);
        pthread_cond_destroy(&pool->workers[i].called);
    }
    if (pool->ushered)
        pthread_join(pool->usher, NULL);
    pthread_cond_destroy(&pool->alone);
    pthread_cond_destroy(&pool->waiting);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void connections_give_up(void)
{
    group_close();
}
