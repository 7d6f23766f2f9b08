// Reads that a streaming standby answers. It may be behind, so the primary is asked first how far it has written. That
// is asked once for all reads that have come by then, and a standby answers them once it has replayed as much. So
// whatever anybody was told is kept, through any instance, is in what is read after that. This is the "read index" of
// Raft (Ongaro, Consensus: Bridging Theory and Practice, section 6.4).
//
// An answer of a standby is nothing but rows: whatever else comes of it, the primary is asked.
#include "database/quick/private.h"

#include "base/container_of.h"
#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATIENCE_MS = 50,    // for both questions together; then the primary answers
    BEHIND_LEAST_MS = 4, // how long a standby that is behind is left alone; it doubles from time to time
    BEHIND_DOUBLINGS = 8,
    QUIET_MS = 1000,   // reads are sent down no connection that was not heard of for so long
    AGAIN_MS = 1000,   // after the primary did not say how far it is
    LEFT_ATTEMPTS = 6, // a connection to what is no standby of ours is made again after the longest pause
    REASON_SIZE = 160,
};

struct standby {
    struct quick_lane *primary, *lane;
    struct quick_query written, replayed; // the two questions, one after the other
    const char *written_values[1], *replayed_values[1];
    bool asking;                         // one of them is under way
    int64_t began;                       // since when
    struct lane_connection *asked;       // which is to answer it
    struct quick_query *batch;           // for which they are asked
    struct quick_query *waiting, **last; // came since
    uint64_t needed;                     // what the primary had written
    char lineage[LINEAGE_SIZE];          // of the primary that said so
    int64_t not_before;                  // when to ask again
    unsigned usable;                     // connections, when they were counted last
    char reason[REASON_SIZE];            // why one could not be used since there was none
};

static atomic_ullong outcomes[STANDBY_OUTCOMES];
static atomic_uint usable_everywhere;
static atomic_bool told_lost;

unsigned long long standby_reads(enum standby_outcome outcome)
{
    return atomic_load(&outcomes[outcome]);
}

unsigned standby_connections(void)
{
    return atomic_load(&usable_everywhere);
}

static void count(enum standby_outcome outcome)
{
    atomic_fetch_add_explicit(&outcomes[outcome], 1, memory_order_relaxed);
}

// ---- the operator is told ----

void standby_blame(struct standby *standby, const char *reason)
{
    if (!standby->reason[0])
        snprintf(standby->reason, sizeof standby->reason, "%.*s", (int)strcspn(reason, "\n"), reason);
}

static unsigned count_usable(const struct standby *standby)
{
    unsigned usable = 0;
    for (unsigned i = 0; i < standby->lane->options.connections; i++)
        usable += standby->lane->connections[i].replayed > 0;
    return usable;
}

static void note_usable(struct standby *standby, unsigned usable)
{
    unsigned everywhere = atomic_fetch_add(&usable_everywhere, usable - standby->usable) + usable - standby->usable;
    standby->usable = usable;
    if (usable && atomic_exchange(&told_lost, false))
        log_event(LOG_INFO, "standby_back", log_number("connections", everywhere));
    if (!everywhere && standby->reason[0] && !atomic_exchange(&told_lost, true))
        log_event(LOG_WARNING, "standby_lost", log_text("reason", standby->reason));
    if (usable)
        standby->reason[0] = '\0';
}

// ---- to the primary instead ----

static void ask_primary(struct standby *standby, struct quick_query *query, enum standby_outcome outcome)
{
    count(outcome);
    if (lane_submit(lane_best(standby->primary, 0, 0), query))
        return;
    query->failure = failure_away();
    query->done(query, NULL, &query->failure);
}

static void release(struct standby *standby, struct quick_query **list, enum standby_outcome outcome)
{
    struct quick_query *query = *list;
    *list = NULL;
    while (query) {
        struct quick_query *next = query->next;
        ask_primary(standby, query, outcome);
        query = next;
    }
}

bool standby_falls_back(struct standby *standby, struct quick_query *query, enum standby_outcome fault)
{
    if (query == &standby->replayed)
        return false;
    if (query->rows) {
        count(STANDBY_ANSWERED);
        return false;
    }
    ask_primary(standby, query, fault);
    return true;
}

// ---- what waits, and the two questions ----

static bool takes_too_long(const struct standby *standby)
{
    return standby->asking && monotonic_ns() - standby->began > (int64_t)PATIENCE_MS * 1000000;
}

// The best of those that are known to follow the primary.
static struct lane_connection *best_of(const struct standby *standby, uint64_t replayed)
{
    return lane_best(standby->lane, replayed > 0 ? replayed : 1, 0);
}

// Of those that have replayed what is needed, the best that was heard of lately. Another one may hang by now: only the
// question may find that out, since what is sent after it does not wait for long.
static struct lane_connection *best_heard_of(const struct standby *standby)
{
    return lane_best(standby->lane, standby->needed, monotonic_ns() - (int64_t)QUIET_MS * 1000000);
}

static enum standby_outcome outlook(const struct standby *standby)
{
    int64_t now = monotonic_ns();
    const struct lane_connection *best = best_of(standby, 0);
    if (!best && standby->usable)
        return STANDBY_BEHIND;
    if (!best || now < standby->not_before)
        return STANDBY_AWAY;
    return lane_is_held_up(best, now) || takes_too_long(standby) ? STANDBY_SLOW : STANDBY_ANSWERED;
}

bool standby_takes(struct standby *standby, struct quick_query *query)
{
    enum standby_outcome outcome = outlook(standby);
    if (outcome != STANDBY_ANSWERED) {
        count(outcome);
        return false;
    }
    query->next = NULL;
    *standby->last = query;
    standby->last = &query->next;
    return true;
}

static void send_batch(struct standby *standby)
{
    struct quick_query *query = standby->batch;
    standby->batch = NULL;
    while (query) {
        struct quick_query *next = query->next;
        if (!lane_submit(best_heard_of(standby), query))
            ask_primary(standby, query, STANDBY_AWAY);
        query = next;
    }
}

// One of another cluster has its own numbers, and so has one that follows a primary which others have replaced, or that
// was promoted itself: what it has replayed says nothing then.
static const char *fault_of(const struct rows *rows)
{
    if (!rows_true(rows, 0, 0))
        return "it was promoted";
    return rows_true(rows, 0, 1) ? NULL : "it does not follow the primary of DATABASE_URL";
}

// That of the primary is asked again too: it may have begun an epoch since.
static void leave(struct standby *standby, struct lane_connection *c, const char *reason)
{
    for (unsigned i = 0; i < standby->primary->options.connections; i++)
        standby->primary->connections[i].lineage[0] = '\0';
    standby_blame(standby, reason);
    c->attempts = LEFT_ATTEMPTS;
    lane_disconnect(c);
}

static void note_behind(struct lane_connection *c)
{
    c->rests_until = monotonic_ns() + ((int64_t)BEHIND_LEAST_MS << c->behind) * 1000000;
    c->behind += c->behind < BEHIND_DOUBLINGS;
}

static void replayed_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct standby *standby = container_of(query, struct standby, replayed);
    struct lane_connection *c = standby->asked;
    (void)failure;
    const char *fault = rows ? fault_of(rows) : NULL;
    uint64_t replayed = rows ? (uint64_t)rows_number(rows, 0, 2) : 0;
    rows_free(rows);
    standby->asking = false;
    if (fault)
        leave(standby, c, fault);
    if (!rows || fault) {
        release(standby, &standby->batch, STANDBY_AWAY);
        return;
    }
    c->replayed = replayed > 0 ? replayed : 1;
    if (replayed < standby->needed) {
        note_behind(c);
        release(standby, &standby->batch, STANDBY_BEHIND);
    } else {
        c->behind = 0;
        send_batch(standby);
    }
}

// A connection that was made, and not yet asked what it leads to.
static struct lane_connection *unknown_of(const struct standby *standby)
{
    for (unsigned i = 0; i < standby->lane->options.connections; i++)
        if (standby->lane->connections[i].state == READY && !standby->lane->connections[i].replayed)
            return &standby->lane->connections[i];
    return NULL;
}

static bool ask(struct standby *standby, struct lane_connection *c, struct quick_query *question)
{
    standby->asked = c;
    question->asked_at = monotonic_ns();
    standby->asking = lane_submit(c, question);
    return standby->asking;
}

// One that has replayed enough for a question of a moment ago need not be asked again.
static void serve_batch(struct standby *standby)
{
    struct lane_connection *unknown = unknown_of(standby), *ready = best_of(standby, standby->needed);
    if (ready && lane_is_held_up(ready, monotonic_ns()))
        ready = NULL;
    if (!unknown && ready && ready == best_heard_of(standby))
        send_batch(standby);
    else if (!ask(standby, unknown ? unknown : ready ? ready : best_of(standby, 0), &standby->replayed))
        release(standby, &standby->batch, STANDBY_AWAY);
}

// Where there is another primary, nothing is known of any standby.
static void note_lineage(struct standby *standby, const char *lineage)
{
    if (strcmp(standby->lineage, lineage) == 0)
        return;
    snprintf(standby->lineage, sizeof standby->lineage, "%s", lineage);
    for (unsigned i = 0; i < standby->lane->options.connections; i++)
        standby->lane->connections[i].replayed = 0;
}

static void written_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct standby *standby = container_of(query, struct standby, written);
    struct lane_connection *c = standby->asked;
    (void)failure;
    standby->asking = false;
    if (!rows) { // it is away, or a standby itself
        standby->not_before = monotonic_ns() + (int64_t)AGAIN_MS * 1000000;
        release(standby, &standby->batch, STANDBY_AWAY);
        return;
    }
    if (rows_text(rows, 0, 1))
        snprintf(c->lineage, sizeof c->lineage, "%s", rows_text(rows, 0, 1));
    standby->needed = (uint64_t)rows_number(rows, 0, 0);
    rows_free(rows);
    note_lineage(standby, c->lineage);
    serve_batch(standby);
}

static struct quick_query *take_waiting(struct standby *standby)
{
    struct quick_query *waiting = standby->waiting;
    standby->waiting = NULL;
    standby->last = &standby->waiting;
    return waiting;
}

static void begin_batch(struct standby *standby)
{
    struct lane_connection *c = lane_best(standby->primary, 0, 0);
    standby->batch = take_waiting(standby);
    standby->began = monotonic_ns();
    standby->written_values[0] = c && c->lineage[0] ? "false" : "true";
    if (!ask(standby, c, &standby->written)) {
        standby->not_before = standby->began + (int64_t)AGAIN_MS * 1000000;
        release(standby, &standby->batch, STANDBY_AWAY);
    }
}

// ---- turns ----

static void release_all(struct standby *standby, enum standby_outcome outcome)
{
    struct quick_query *waiting = take_waiting(standby);
    release(standby, &standby->batch, outcome);
    release(standby, &waiting, outcome);
}

void standby_flush(struct standby *standby)
{
    if (takes_too_long(standby))
        release_all(standby, STANDBY_SLOW);
    if (!standby->asking && (standby->waiting || (unknown_of(standby) && monotonic_ns() >= standby->not_before)))
        begin_batch(standby);
    quick_flush(standby->lane);
    note_usable(standby, count_usable(standby));
}

static int milliseconds_until(int64_t due)
{
    int64_t left = due - monotonic_ns();
    return left > 0 ? (int)(left / 1000000) + 1 : 0;
}

int standby_timeout(const struct standby *standby)
{
    int milliseconds = quick_timeout(standby->lane);
    if (standby->asking && (standby->batch || standby->waiting))
        return sooner_ms(milliseconds, milliseconds_until(standby->began + (int64_t)PATIENCE_MS * 1000000));
    if (!standby->asking && (standby->waiting || unknown_of(standby)))
        return sooner_ms(milliseconds, standby->waiting ? 0 : milliseconds_until(standby->not_before));
    return milliseconds;
}

struct standby *standby_open(struct quick_lane *primary, const struct quick_options *options, struct poller *poller)
{
    struct standby *standby = calloc(1, sizeof *standby);
    struct quick_options own = *options;
    if (!standby)
        return NULL;
    own.url = options->read_url;
    standby->primary = primary;
    standby->last = &standby->waiting;
    standby->written = (struct quick_query){
        .statement = options->written, .values = standby->written_values, .done = written_came, .at_primary = true};
    standby->replayed_values[0] = standby->lineage;
    standby->replayed =
        (struct quick_query){.statement = options->replayed, .values = standby->replayed_values, .done = replayed_came};
    standby->lane = lane_open(&own, poller, standby);
    if (standby->lane)
        return standby;
    free(standby);
    return NULL;
}

void standby_close(struct standby *standby)
{
    release_all(standby, STANDBY_AWAY);
    quick_close(standby->lane);
}
