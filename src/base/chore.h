// A thread that does a chore in the background whenever it is woken, or when a while has passed.
// chore_wake() may be called from any thread at any time, also before the start and after the stop.
#ifndef THIDUA_BASE_CHORE_H
#define THIDUA_BASE_CHORE_H

#include <pthread.h>
#include <stdbool.h>

struct chore {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    bool wanted, stopping;
};

#define CHORE_INITIALIZER                                                                                              \
    {                                                                                                                  \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .woken = PTHREAD_COND_INITIALIZER                                          \
    }

// `run` ends once a wait tells it to.
bool chore_start(struct chore *chore, void *(*run)(void *argument));
void chore_wake(struct chore *chore);
// Until woken, or for `milliseconds`. True when it is time to stop.
bool chore_wait(struct chore *chore, int milliseconds);
// For `milliseconds`, whoever wakes it meanwhile: to let work gather. True when it is time to stop.
bool chore_rest(struct chore *chore, int milliseconds);
// Lets it finish what it is at, and waits for that.
void chore_stop(struct chore *chore);

#endif
