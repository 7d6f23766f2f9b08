#include "webhooks/dispatcher.h"

#include "base/log.h"
#include "base/poller.h"
#include "database/changes.h"
#include "webhooks/job.h"
#include "webhooks/secret.h"
#include "webhooks/webhooks.sql.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uuid/uuid.h>

// Of receivers that answer soon, and of slow ones: neither keep the others waiting.
enum { JOBS_EACH = 64, JOBS_MOST = 2 * JOBS_EACH };
enum { POLL_MS = 500, LOOK_MS = 5000, STOP_MS = 3000, STATEMENT_MS = 5000, PARKED_MOST = 1000 };
enum { CLAIMED_AT_ONCE = 8 };   // each may read a window of events first, for which all others wait
enum { IDLE_CONNECTIONS = 16 }; // of some megabytes each by https, for the authorities that it trusts

static struct {
    pthread_t thread;
    struct dispatch dispatch;
    struct job jobs[JOBS_MOST];
    int64_t next_claim, next_look; // monotonic_ns
    atomic_bool started, stopping;
    bool told_of_other_key;
    atomic_llong parked, lag; // events, of all instances, when this one last looked
    atomic_llong lag_seconds; // of the first of them
} dispatcher;

static void wake_dispatcher(void)
{
    if (!atomic_load(&dispatcher.started))
        return;
    atomic_fetch_add(&dispatcher.dispatch.wakes, 1);
    curl_multi_wakeup(dispatcher.dispatch.multi);
}

// ---- taking on ----

static struct job *free_job(void)
{
    for (int i = 0; i < JOBS_MOST; i++)
        if (!dispatcher.jobs[i].busy)
            return &dispatcher.jobs[i];
    return NULL;
}

// Who turns out to be slow counts as such at once, while there is room: receivers that hang, all together and for the
// first time, would keep the others waiting until their attempts are over.
static int free_jobs(bool slow)
{
    int busy[2] = {0};
    for (int i = 0; i < JOBS_MOST; i++)
        if (dispatcher.jobs[i].busy)
            busy[job_is_slow(&dispatcher.jobs[i])]++;
    int beyond = busy[true] > JOBS_EACH ? busy[true] - JOBS_EACH : 0;
    return JOBS_EACH - (slow ? busy[true] - beyond : busy[false] + beyond);
}

static bool is_idle(void)
{
    return free_jobs(false) + free_jobs(true) == JOBS_MOST;
}

static int jobs_to_claim(bool slow)
{
    int count = free_jobs(slow);
    return count < CLAIMED_AT_ONCE ? count : CLAIMED_AT_ONCE;
}

// What has come of those under way is seen to before more are taken on.
static void claim(void)
{
    struct dispatch *dispatch = &dispatcher.dispatch;
    struct failure failure;
    int claimed[2] = {0};
    struct rows *rows = webhook_claim_run(dispatch->session, dispatch->instance, dispatch->lease_seconds, secrets_id(),
                                          jobs_to_claim(false), jobs_to_claim(true), &failure);
    for (int row = 0; rows && row < rows_count(rows); row++) {
        struct webhook_claim claim = webhook_claim_at(rows, row);
        job_start(dispatch, free_job(), &claim);
        claimed[claim.slow]++;
    }
    if (claimed[false] == CLAIMED_AT_ONCE || claimed[true] == CLAIMED_AT_ONCE)
        dispatch->claim_again = true;
    rows_free(rows);
}

static void look_for_work(void)
{
    struct failure failure;
    struct rows *rows = webhook_gauges_run(dispatcher.dispatch.session, secrets_id(), &failure);
    if (!rows)
        return;
    struct webhook_gauges gauges = webhook_gauges_at(rows, 0);
    atomic_store(&dispatcher.parked, gauges.parked);
    atomic_store(&dispatcher.lag, gauges.lag);
    atomic_store(&dispatcher.lag_seconds, gauges.lag_seconds);
    if (gauges.of_other_key > 0 && !dispatcher.told_of_other_key)
        log_event(LOG_WARNING, "webhooks_of_another_secret_key", log_number("webhooks", gauges.of_other_key));
    dispatcher.told_of_other_key = gauges.of_other_key > 0;
    rows_free(rows);
}

static void forget_parked(void)
{
    struct failure failure;
    struct rows *rows = webhook_forget_run(dispatcher.dispatch.session, PARKED_MOST, &failure);
    if (rows && rows_count(rows))
        log_event(LOG_WARNING, "webhook_parked_forgotten", log_number("events", rows_count(rows)));
    rows_free(rows);
}

static void take_on(void)
{
    int64_t now = monotonic_ns();
    uint64_t wakes = atomic_load(&dispatcher.dispatch.wakes);
    if (now < dispatcher.next_claim && wakes == dispatcher.dispatch.wakes_taken && !dispatcher.dispatch.claim_again)
        return;
    dispatcher.next_claim = now + (int64_t)POLL_MS * 1000000;
    dispatcher.dispatch.claim_again = false;
    if (!session_connect(dispatcher.dispatch.session))
        return;
    dispatcher.dispatch.wakes_taken = wakes;
    if (free_job())
        claim();
    for (int slow = 0; slow < 2; slow++)
        dispatcher.dispatch.crowded[slow] = free_jobs(slow) == 0;
    if (now < dispatcher.next_look)
        return;
    dispatcher.next_look = now + (int64_t)LOOK_MS * 1000000;
    look_for_work();
    forget_parked();
}

// ---- the thread ----

static void finish_transfers(void)
{
    const CURLMsg *message;
    int left, running;
    curl_multi_perform(dispatcher.dispatch.multi, &running);
    while ((message = curl_multi_info_read(dispatcher.dispatch.multi, &left))) {
        char *owner = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        job_answered(&dispatcher.dispatch, (struct job *)(void *)owner, code);
    }
}

// What is under way may end; nothing new is begun. The rest is left for others, or for the next start.
static void wind_up(void)
{
    struct dispatch *dispatch = &dispatcher.dispatch;
    struct failure failure;
    int64_t until = monotonic_ns() + (int64_t)STOP_MS * 1000000;
    dispatch->ending = true;
    while (!is_idle() && monotonic_ns() < until) {
        finish_transfers();
        curl_multi_poll(dispatch->multi, NULL, 0, 50, NULL);
    }
    for (int i = 0; i < JOBS_MOST; i++)
        if (dispatcher.jobs[i].busy)
            job_drop(dispatch, &dispatcher.jobs[i]);
    if (session_connect(dispatch->session))
        rows_free(webhook_release_run(dispatch->session, NULL, dispatch->instance, &failure));
}

static void *run_dispatcher(void *argument)
{
    (void)argument;
    while (!atomic_load(&dispatcher.stopping)) {
        take_on();
        finish_transfers();
        curl_multi_poll(dispatcher.dispatch.multi, NULL, 0, dispatcher.dispatch.claim_again ? 0 : POLL_MS, NULL);
    }
    wind_up();
    return NULL;
}

bool dispatcher_start(const struct dispatcher_options *options)
{
    struct dispatch *dispatch = &dispatcher.dispatch;
    uuid_t instance;
    if (!secrets_ready())
        return true;
    dispatch->options = *options;
    dispatch->options.session.statement_timeout_ms = STATEMENT_MS;
    uuid_generate_random(instance);
    uuid_unparse_lower(instance, dispatch->instance);
    dispatch->lease_seconds = options->timeout_seconds + 5;
    for (unsigned i = 0; i < options->pauses; i++)
        dispatch->patience += options->pause_seconds[i];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    dispatch->multi = curl_multi_init();
    curl_multi_setopt(dispatch->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    dispatch->session = session_new(&dispatch->options.session);
    if (!dispatch->multi || !dispatch->session || pthread_create(&dispatcher.thread, NULL, run_dispatcher, NULL) != 0)
        return false;
    atomic_store(&dispatcher.started, true);
    changes_subscribe(CHANGE_ARRIVED, wake_dispatcher);
    return true;
}

void dispatcher_stop(void)
{
    if (!atomic_exchange(&dispatcher.started, false))
        return;
    atomic_store(&dispatcher.stopping, true);
    curl_multi_wakeup(dispatcher.dispatch.multi);
    pthread_join(dispatcher.thread, NULL);
    curl_multi_cleanup(dispatcher.dispatch.multi);
    session_free(dispatcher.dispatch.session);
    curl_global_cleanup();
}

// ---- for /metrics ----

static double events_delivered(void)
{
    return (double)atomic_load(&dispatcher.dispatch.delivered);
}

static double events_failed(void)
{
    return (double)atomic_load(&dispatcher.dispatch.failed);
}

static double events_parked(void)
{
    return (double)atomic_load(&dispatcher.parked);
}

static double events_lag(void)
{
    return (double)atomic_load(&dispatcher.lag);
}

static double events_lag_seconds(void)
{
    return (double)atomic_load(&dispatcher.lag_seconds);
}

const struct metrics_gauge dispatcher_gauges[] = {
    {"thidua_webhook_delivered_total", "Events that receivers took.", events_delivered, true, .tells_of_writes = true},
    {"thidua_webhook_failed_total", "Attempts to deliver an event that failed.", events_failed, true,
     .tells_of_writes = true},
    {"thidua_webhook_parked", "Events that were given up, of all instances.", events_parked, .tells_of_writes = true},
    {"thidua_webhook_lag", "Events that the slowest webhook is behind.", events_lag, .tells_of_writes = true},
    {"thidua_webhook_lag_seconds", "Age of the oldest event that the slowest webhook has not come to.",
     events_lag_seconds, .tells_of_writes = true},
    {0},
};
