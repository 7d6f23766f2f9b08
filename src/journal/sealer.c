#include "journal/sealer.h"

#include "statements.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { POLL_MS = 200 }; // for rows that another instance committed and could not seal itself

static struct {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    struct session_options options;
    struct session *session;
    bool wanted, stopping;
    atomic_llong lag;
} sealer = {.mutex = PTHREAD_MUTEX_INITIALIZER, .woken = PTHREAD_COND_INITIALIZER};

long long sealer_lag(void)
{
    return atomic_load(&sealer.lag);
}

void sealer_wake(void)
{
    pthread_mutex_lock(&sealer.mutex);
    sealer.wanted = true;
    pthread_cond_signal(&sealer.woken);
    pthread_mutex_unlock(&sealer.mutex);
}

// True when it is time to stop.
static bool wait_for_work(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += POLL_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&sealer.mutex);
    if (!sealer.wanted && !sealer.stopping)
        pthread_cond_timedwait(&sealer.woken, &sealer.mutex, &until);
    sealer.wanted = false;
    bool stopping = sealer.stopping;
    pthread_mutex_unlock(&sealer.mutex);
    return stopping;
}

// Columns: rows sealed, rows left. True while there is more to do.
static bool seal(void)
{
    struct failure failure;
    if (!session_connect(sealer.session))
        return false;
    struct rows *rows = session_run(sealer.session, &journal_seal, NULL, &failure);
    if (!rows)
        return false;
    long long sealed = rows_number(rows, 0, 0), left = rows_number(rows, 0, 1);
    rows_free(rows);
    atomic_store(&sealer.lag, left);
    return sealed > 0 && left > 0;
}

static void *run(void *argument)
{
    (void)argument;
    for (bool stopping = false; !stopping;) {
        stopping = wait_for_work();
        while (seal())
            ;
    }
    return NULL;
}

bool sealer_start(const struct session_options *options)
{
    sealer.options = *options;
    sealer.stopping = false;
    sealer.session = session_new(&sealer.options);
    return sealer.session && pthread_create(&sealer.thread, NULL, run, NULL) == 0;
}

void sealer_stop(void)
{
    pthread_mutex_lock(&sealer.mutex);
    sealer.stopping = true;
    pthread_cond_signal(&sealer.woken);
    pthread_mutex_unlock(&sealer.mutex);
    pthread_join(sealer.thread, NULL);
    session_free(sealer.session);
}
