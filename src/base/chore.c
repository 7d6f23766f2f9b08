#include "base/chore.h"

#include <time.h>

bool chore_start(struct chore *chore, void *(*run)(void *argument))
{
    return pthread_create(&chore->thread, NULL, run, NULL) == 0;
}

void chore_wake(struct chore *chore)
{
    pthread_mutex_lock(&chore->mutex);
    chore->wanted = true;
    if (chore->idle) // who works or rests sees it afterwards
        pthread_cond_signal(&chore->woken);
    pthread_mutex_unlock(&chore->mutex);
}

static bool wait(struct chore *chore, int milliseconds, bool until_woken)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += milliseconds % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&chore->mutex);
    chore->idle = until_woken;
    while (!chore->stopping && !(until_woken && chore->wanted))
        if (pthread_cond_clockwait(&chore->woken, &chore->mutex, CLOCK_MONOTONIC, &until) != 0)
            break;
    chore->idle = false;
    bool stopping = chore->stopping;
    if (until_woken)
        chore->wanted = false;
    pthread_mutex_unlock(&chore->mutex);
    return stopping;
}

bool chore_wait(struct chore *chore, int milliseconds)
{
    return wait(chore, milliseconds, true);
}

bool chore_rest(struct chore *chore, int milliseconds)
{
    return wait(chore, milliseconds, false);
}

void chore_stop(struct chore *chore)
{
    pthread_mutex_lock(&chore->mutex);
    chore->stopping = true;
    pthread_cond_signal(&chore->woken);
    pthread_mutex_unlock(&chore->mutex);
    pthread_join(chore->thread, NULL);
}
