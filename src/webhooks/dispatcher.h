// Sends the journal to webhooks: one thread an instance, with a session of its own and transfers side by side, so that
// a slow receiver holds nobody else up. Any instance sends for all; a lease in the webhook's row says who does now.
//
// To one webhook events go one by one in the journal's order: the next after the one before was delivered or parked.
// What was sent is recorded after the receiver has answered: at least once.
#ifndef THIDUA_WEBHOOKS_DISPATCHER_H
#define THIDUA_WEBHOOKS_DISPATCHER_H

#include "database/session.h"
#include "http/metrics.h"

#include <stdbool.h>

struct dispatcher_options {
    struct session_options session;
    unsigned timeout_seconds;      // of one attempt
    const unsigned *pause_seconds; // from attempt to attempt; their sum is how long an event is tried
    unsigned pauses;
};

// Sends whenever the news say that something was sealed or a webhook was changed.
// Without a master key there is nothing to sign with: then it does nothing.
bool dispatcher_start(const struct dispatcher_options *options);
// Waits a little for what is under way.
void dispatcher_stop(void);

// For /metrics.
extern const struct metrics_gauge dispatcher_gauges[];

#endif
