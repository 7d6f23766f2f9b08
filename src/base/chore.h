// A background thread that does its work when it is woken, or after a while.
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
    bool idle; // waits to be woken
};

// Wanted from the start: an earlier process may have left work behind.
#define CHORE_INITIALIZER                                                                                              \
    {                                                                                                                  \
        .mutex = PTHREAD_MUTEX_INITIALIZER, .woken = PTHREAD_COND_INITIALIZER, .wanted = true                          \
    }

// Once. `run` returns when a wait tells it to stop.
bool chore_start(struct chore *chore, void *(*run)(void *argument));
void chore_wake(struct chore *chore);
// Waits until woken, at most `milliseconds`. Returns true when it is time to stop.
bool chore_wait(struct chore *chore, int milliseconds);
// Waits for `milliseconds`, even if woken, so that work can gather. Returns true when it is time to stop.
bool chore_rest(struct chore *chore, int milliseconds);
// Lets the thread finish what it is doing, and waits for that.
void chore_stop(struct chore *chore);

#endif
