#include "journal/sealer.h"

#include "base/chore.h"
#include "base/log.h"
#include "base/poller.h"
#include "database/changes.h"
#include "journal/journal.sql.h"

#include <stdatomic.h>

enum {
    POLL_MS = 200,  // for rows that another instance committed and could not seal itself
    GATHER_MS = 20, // between two batches: one write is sealed at once, those of a moment together
};

static struct {
    struct chore chore;
    struct session_options options;
    struct session *session;
    atomic_llong lag;
    atomic_int_fast64_t whole_at; // monotonic_ns at which nothing was left to seal
} sealer = {.chore = CHORE_INITIALIZER};

long long sealer_lag(void)
{
    return atomic_load(&sealer.lag);
}

double sealer_lag_seconds(void)
{
    return (double)(monotonic_ns() - atomic_load(&sealer.whole_at)) / 1e9;
}

static void wake_sealer(void)
{
    chore_wake(&sealer.chore);
}

// True while there is more to do.
static bool seal_batches(void)
{
    struct failure failure;
    if (!session_connect(sealer.session))
        return false;
    struct rows *rows = journal_seal_run(sealer.session, &failure);
    if (!rows)
        return false;
    struct journal_seal batch = journal_seal_at(rows, 0);
    rows_free(rows);
    if (batch.resumed)
        log_event(LOG_WARNING, "journal_resumed", log_number("seq", batch.resumed));
    atomic_store(&sealer.lag, batch.remaining);
    if (!batch.remaining)
        atomic_store(&sealer.whole_at, monotonic_ns());
    return batch.sealed > 0 && batch.remaining > 0;
}

static void *run_sealer(void *argument)
{
    (void)argument;
    for (bool stopping = false; !stopping;) {
        stopping = chore_wait(&sealer.chore, POLL_MS);
        while (seal_batches())
            ;
        chore_rest(&sealer.chore, GATHER_MS);
    }
    return NULL;
}

bool sealer_start(const struct session_options *options)
{
    sealer.options = *options;
    sealer.session = session_new(&sealer.options);
    atomic_store(&sealer.whole_at, monotonic_ns());
    changes_subscribe(CHANGE_COMMITTED, wake_sealer);
    return sealer.session && chore_start(&sealer.chore, run_sealer);
}

void sealer_stop(void)
{
    chore_stop(&sealer.chore);
    session_free(sealer.session);
}
