// The threads of the pool: workers, and the usher who sends away what waited too long.
#include "base/poller.h"
#include "database/pool/private.h"
#include "database/reach/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_MS = 500, IDLE_LOOK_MS = 3000 };

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

// A pause is over early where somebody else reached the server. A connection that is there may have been ended.
static struct timespec next_try(const struct worker *worker)
{
    int64_t look = worker->connected ? IDLE_LOOK_MS : LOOK_MS, next = session_pauses_until(worker->session);
    look = monotonic_ns() + look * 1000000;
    next = !worker->connected && next < look ? next : look;
    return (struct timespec){.tv_sec = next / 1000000000, .tv_nsec = next % 1000000000};
}

static void wait_for_connection(struct worker *worker)
{
    struct pool *pool = worker->pool;
    struct timespec until = next_try(worker);
    if (!is_empty(pool))
        call_one(pool); // it may be this one that was woken for a job
    if (pthread_cond_clockwait(&pool->alone, &pool->mutex, CLOCK_MONOTONIC, &until) == ETIMEDOUT)
        connect_worker(worker);
}

static void take_on(struct worker *worker, const struct job *job)
{
    worker->heavy = job->heavy;
    if (worker->heavy)
        snprintf(worker->owner, sizeof worker->owner, "%s", owner_of(job));
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

static void leave_idle(struct worker *worker)
{
    struct worker **place = &worker->pool->idle;
    while (*place != worker)
        place = &(*place)->next;
    *place = worker->next;
    worker->idle = false;
}

// Meanwhile it looks whether it has its connection, or gets one: no work may come before that, since balancers ask
// whether it can be done.
static void await_call(struct worker *worker)
{
    struct pool *pool = worker->pool;
    worker->next = pool->idle;
    pool->idle = worker;
    worker->idle = true;
    struct timespec until = next_try(worker);
    while (worker->idle) {
        bool over = pthread_cond_clockwait(&worker->called, &pool->mutex, CLOCK_MONOTONIC, &until) == ETIMEDOUT;
        if (!over || !worker->idle)
            continue;
        until = next_try(worker);
        if (session_is_connected(worker->session))
            continue;
        leave_idle(worker);
        connect_worker(worker);
    }
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
        call_one(pool);
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
        if (!job && pool->stopping && is_empty(pool))
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
    while (!pool->stopping || !is_empty(pool)) {
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
    bool room = !pool->stopping && has_room(pool, job);
    if (room) {
        append_job(pool, job);
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
                                 pool->options.queue_length, pool->connected};
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
