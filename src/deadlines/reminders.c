#include "deadlines/reminders.h"

#include "base/chore.h"
#include "base/poller.h"
#include "database/changes.h"
#include "deadlines/deadlines.sql.h"

enum {
    POLL_MS = 1000,  // whether anything was committed: a deadline may have moved, a unit may owe something now
    LOOK_MS = 60000, // whether a day has begun, by the database's clock
    BATCH = 500,     // events of one transaction
};

static struct {
    struct chore chore;
    struct session_options options;
    struct session *session;
    uint64_t seen;  // changes_seen() before the last look
    int64_t looked; // when that was, by monotonic_ns(); 0: not yet
} reminders = {.chore = CHORE_INITIALIZER};

// How many events were written; -1 where that failed.
static long long tell_some(void)
{
    struct failure failure;
    struct rows *rows =
        session_connect(reminders.session) ? deadlines_told_run(reminders.session, BATCH, &failure) : NULL;
    long long told = rows ? deadlines_told_at(rows, 0).told : -1;
    rows_free(rows);
    return told;
}

// False where it failed: then it is tried again soon.
static bool tell_all(void)
{
    long long told;
    do {
        told = tell_some();
        if (told > 0)
            changes_note(CHANGE_DATA); // wakes the sealer
    } while (told == BATCH && !chore_rest(&reminders.chore, 0));
    return told >= 0;
}

static void look(void)
{
    uint64_t seen = changes_seen(CHANGE_DATA);
    int64_t now = monotonic_ns();
    if (reminders.looked && seen == reminders.seen && now - reminders.looked < LOOK_MS * INT64_C(1000000))
        return;
    if (!tell_all())
        return;
    reminders.seen = seen;
    reminders.looked = now;
}

static void *run_reminders(void *argument)
{
    (void)argument;
    while (!chore_wait(&reminders.chore, POLL_MS))
        look();
    return NULL;
}

bool reminders_start(const struct session_options *options)
{
    reminders.options = *options;
    reminders.session = session_new(&reminders.options);
    return reminders.session && chore_start(&reminders.chore, run_reminders);
}

void reminders_stop(void)
{
    chore_stop(&reminders.chore);
    session_free(reminders.session);
}
