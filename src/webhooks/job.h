// One webhook in the hands of the dispatcher, from its lease to its release. All on the dispatcher's thread.
#ifndef THIDUA_WEBHOOKS_JOB_H
#define THIDUA_WEBHOOKS_JOB_H

#include "journal/events.h"
#include "webhooks/dispatcher.h"
#include "webhooks/transfer.h"

#include <stdatomic.h>

// What all jobs share.
struct dispatch {
    struct dispatcher_options options;
    struct session *session;
    CURLM *multi;
    char instance[37]; // who holds the leases
    unsigned lease_seconds;
    unsigned patience; // seconds for which an event is tried
    bool ending;       // nothing new is begun
    bool claim_again;  // a webhook was let go that can be claimed again at once
    bool crowded[2];   // all jobs are busy, and all of slow receivers: others have their turn
    atomic_uint_fast64_t wakes;
    uint64_t wakes_taken;
    atomic_ulong delivered, failed;
};

struct job {
    bool busy;
    struct arena arena; // texts of the webhook, and behind them of the statement at hand
    struct arena_mark texts_end;
    const char *id, *version, *url, *types;
    struct event_filter filter; // campaign and unit
    struct caller owner;
    long long generation, position;
    unsigned failures;
    bool previous; // the secret before signs too
    struct rows *window;
    int row;
    bool resend, parking;
    bool refused;               // PostgreSQL did not take what was to be recorded
    bool slow;                  // its receiver was, when it was claimed
    int64_t turn_ends, sent_at; // monotonic_ns
    uint64_t wakes;             // before the window was read
    struct transfer transfer;
};

struct webhook_claim; // webhooks.sql

// Takes on a webhook that was claimed; copies what it keeps of the claim.
void job_start(struct dispatch *dispatch, struct job *job, const struct webhook_claim *claim);
// Its transfer has come to an end.
void job_answered(struct dispatch *dispatch, struct job *job, CURLcode code);
// Its receiver was slow before, or takes long just now.
bool job_is_slow(const struct job *job);
// Leaves it as it stands; the lease runs out.
void job_drop(struct dispatch *dispatch, struct job *job);

#endif
