#include "webhooks/job.h"

#include "base/log.h"
#include "base/poller.h"
#include "base/pure/json_spelling.h"
#include "journal/events.sql.h"
#include "webhooks/webhooks.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { WINDOW = 200 }; // events read at once
enum { TURN_MS = 1000, SLOW_MS = 1000 };

static const char window_text[] = "200";

static void advance(struct dispatch *dispatch, struct job *job);

static void forget_window(struct job *job)
{
    rows_free(job->window);
    job->window = NULL;
    job->row = 0;
}

void job_drop(struct dispatch *dispatch, struct job *job)
{
    if (job->transfer.easy)
        transfer_end(&job->transfer, dispatch->multi, CURLE_ABORTED_BY_CALLBACK);
    forget_window(job);
    arena_release(&job->arena);
    *job = (struct job){0};
}

// Where PostgreSQL refuses what is to be recorded, as on a full disk, the job is dropped and another claim follows the
// lease. Claimed at once, the same event would be sent as often as the receiver takes it.
static struct rows *check_step(struct job *job, struct rows *rows, const struct failure *failure)
{
    job->refused = job->refused || (!rows && failure->kind != FAILURE_AGAIN);
    return rows;
}

static bool has_row(struct job *job, struct rows *rows, const struct failure *failure)
{
    bool some = check_step(job, rows, failure) && rows_count(rows) > 0;
    rows_free(rows);
    return some;
}

static void release_job(struct dispatch *dispatch, struct job *job)
{
    struct failure failure;
    if (!job->refused)
        rows_free(webhook_release_run(dispatch->session, job->id, dispatch->instance, &failure));
    job_drop(dispatch, job);
}

static const char *keep_text(struct job *job, const char *text)
{
    return text ? arena_text(&job->arena, text) : NULL;
}

static struct caller job_owner(const struct webhook_claim *claim)
{
    struct caller owner = {.known = true, .roles = roles_of_names(claim->owner_roles)};
    snprintf(owner.unit_id, sizeof owner.unit_id, "%s", claim->owner_unit ? claim->owner_unit : "");
    return owner;
}

void job_start(struct dispatch *dispatch, struct job *job, const struct webhook_claim *claim)
{
    *job = (struct job){.busy = true,
                        .owner = job_owner(claim),
                        .generation = claim->generation,
                        .previous = claim->previous,
                        .position = claim->position,
                        .failures = (unsigned)claim->failures,
                        .slow = claim->slow,
                        .turn_ends = monotonic_ns() + (int64_t)TURN_MS * 1000000};
    job->id = keep_text(job, claim->id);
    job->version = keep_text(job, claim->version);
    job->url = keep_text(job, claim->url);
    job->types = keep_text(job, claim->types);
    job->filter.campaign = keep_text(job, claim->campaign);
    job->filter.unit_id = keep_text(job, claim->unit_id);
    job->texts_end = arena_mark(&job->arena);
    advance(dispatch, job);
}

// ---- which events ----

// "thidua.dossier.*" means all that begin like it.
static bool type_fits(const char *types, const char *type)
{
    for (const char *wanted = types; wanted && *wanted; wanted += strcspn(wanted, " "), wanted += *wanted == ' ') {
        size_t length = strcspn(wanted, " ");
        bool open = wanted[length - 1] == '*';
        if (strncmp(wanted, type, length - open) == 0 && (open || !type[length]))
            return true;
    }
    return !types;
}

// A test of this very webhook, which its owner has asked for, passes every filter.
static bool is_own_test(const struct job *job, const struct event_row *event)
{
    static const char collection[] = "/v1/webhooks/";
    return strcmp(event->type, "thidua.webhook.tested") == 0 &&
           strncmp(event->resource, collection, sizeof collection - 1) == 0 &&
           strcmp(event->resource + sizeof collection - 1, job->id) == 0;
}

static bool webhook_wants(const struct job *job, const struct event_row *event)
{
    if (is_own_test(job, event))
        return true;
    if (job->resend)
        return event_known(&job->owner, event);
    return type_fits(job->types, event->type) && event_wanted(&job->owner, &job->filter, event);
}

// Records how far it has come. False when somebody has changed the webhook, or its owner's key has ended.
static bool still_good(struct dispatch *dispatch, struct job *job, long long position)
{
    struct failure failure;
    struct rows *rows = webhook_seen_run(dispatch->session, job->id, dispatch->instance, position,
                                         dispatch->lease_seconds, job->version, &failure);
    return has_row(job, rows, &failure);
}

static struct event_row event_of_resend(const struct webhook_resends *resend)
{
    return (struct event_row){.seq = resend->seq,
                              .type = resend->type,
                              .restricted = resend->restricted,
                              .campaign = resend->campaign,
                              .unit_id = resend->unit_id,
                              .reach = resend->reach,
                              .resource = resend->resource,
                              .json = resend->json};
}

static struct event_row event_in_window(const struct job *job, int row)
{
    if (!job->resend)
        return event_row_at(job->window, row);
    struct webhook_resends resend = webhook_resends_at(job->window, row);
    return event_of_resend(&resend);
}

// What is to be sent again goes first; else what comes after the position. Only then it is asked whether the webhook
// is still what it was: what happened after a change is sent as the change says.
static bool read_window(struct dispatch *dispatch, struct job *job)
{
    struct failure failure;
    job->wakes = atomic_load(&dispatch->wakes);
    job->window = check_step(job, webhook_resends_run(dispatch->session, job->id, &failure), &failure);
    job->resend = job->window && rows_count(job->window) > 0;
    if (job->window && !job->resend) {
        forget_window(job);
        job->window = check_step(job,
                                 event_row_run(dispatch->session, arena_format(&job->arena, "%lld", job->position),
                                               window_text, NULL, NULL, NULL, &failure),
                                 &failure);
        arena_rewind(&job->arena, job->texts_end);
    }
    bool good = job->window && still_good(dispatch, job, job->position);
    dispatch->claim_again = dispatch->claim_again || !good;
    return good;
}

// ---- what became of one ----

// Up to a fifth more than the table says, so that receivers are not met by all at once when they come back.
static long long pause_ms(const struct dispatch *dispatch, const struct job *job, long retry_after)
{
    unsigned last = dispatch->options.pauses - 1, drawn = 0;
    unsigned seconds = dispatch->options.pause_seconds[job->failures < last ? job->failures : last];
    if (retry_after > (long)seconds)
        seconds = (unsigned)retry_after;
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
        drawn = 0;
    return (long long)seconds * 1000 + drawn % (seconds * 200 + 1);
}

static bool answered_slowly(const struct job *job)
{
    return monotonic_ns() - job->sent_at > (int64_t)SLOW_MS * 1000000;
}

bool job_is_slow(const struct job *job)
{
    return job->slow || (job->transfer.easy && answered_slowly(job));
}

// Else the first so many webhooks would have all jobs for as long as they are behind.
static bool has_had_its_turn(const struct dispatch *dispatch, const struct job *job, bool slow)
{
    return slow != job->slow || (dispatch->crowded[job->slow] && monotonic_ns() > job->turn_ends);
}

static void note_delivered(struct dispatch *dispatch, struct job *job, long long seq, const struct outcome *outcome)
{
    struct failure failure;
    bool slow = answered_slowly(job);
    struct rows *rows = webhook_delivered_run(dispatch->session, job->id, dispatch->instance, seq, outcome->status,
                                              dispatch->lease_seconds, job->version, slow, &failure);
    atomic_fetch_add(&dispatch->delivered, 1);
    bool on = has_row(job, rows, &failure) && !has_had_its_turn(dispatch, job, slow);
    job->failures = 0;
    if (job->resend) {
        forget_window(job);
    } else {
        job->position = seq;
        job->row++;
    }
    dispatch->claim_again = dispatch->claim_again || !on;
    if (on && !dispatch->ending)
        advance(dispatch, job);
    else
        release_job(dispatch, job);
}

// NULL: the receiver did not answer.
static const char *status_text(struct job *job, const struct outcome *outcome)
{
    return outcome->status ? arena_format(&job->arena, "%ld", (long)outcome->status) : NULL;
}

static void note_resend_failed(struct dispatch *dispatch, struct job *job, long long seq, const struct outcome *outcome,
                               bool slow)
{
    struct failure failure;
    struct rows *rows = webhook_resend_failed_run(dispatch->session, job->id, dispatch->instance, seq,
                                                  status_text(job, outcome), outcome->error, slow, &failure);
    rows_free(check_step(job, rows, &failure));
    release_job(dispatch, job);
}

static void note_failed(struct dispatch *dispatch, struct job *job, long long seq, const struct outcome *outcome)
{
    struct failure failure;
    struct rows *rows =
        webhook_failed_run(dispatch->session, job->id, dispatch->instance, seq, status_text(job, outcome),
                           outcome->error, pause_ms(dispatch, job, outcome->retry_after), dispatch->options.pauses,
                           dispatch->patience, dispatch->lease_seconds, answered_slowly(job), &failure);
    bool parked = check_step(job, rows, &failure) && rows_count(rows) > 0 && webhook_failed_at(rows, 0).parked;
    rows_free(rows);
    if (!parked || dispatch->ending) {
        release_job(dispatch, job);
        return;
    }
    log_event(LOG_WARNING, "webhook_parked", log_text("webhook", job->id), log_number("seq", seq),
              log_text("reason", outcome->error));
    job->parking = true;
    job->position = seq;
    job->row++;
    advance(dispatch, job);
}

static void note_outcome(struct dispatch *dispatch, struct job *job, const struct outcome *outcome)
{
    long long seq = event_in_window(job, job->row).seq;
    arena_rewind(&job->arena, job->texts_end); // a job may go on for a million events
    if (outcome->delivered) {
        note_delivered(dispatch, job, seq, outcome);
        return;
    }
    atomic_fetch_add(&dispatch->failed, 1);
    log_event(LOG_WARNING, "webhook_attempt_failed", log_text("webhook", job->id), log_number("seq", seq),
              log_text("status", status_text(job, outcome)), log_text("reason", outcome->error));
    if (outcome->gone) {
        log_event(LOG_WARNING, "webhook_gone", log_text("webhook", job->id));
        struct failure failure;
        struct rows *rows = webhook_gone_run(dispatch->session, job->id, dispatch->instance, outcome->error, &failure);
        rows_free(rows);
        job_drop(dispatch, job);
    } else if (job->resend) {
        note_resend_failed(dispatch, job, seq, outcome, answered_slowly(job));
    } else {
        note_failed(dispatch, job, seq, outcome);
    }
}

void job_answered(struct dispatch *dispatch, struct job *job, CURLcode code)
{
    struct outcome outcome = transfer_end(&job->transfer, dispatch->multi, code);
    note_outcome(dispatch, job, &outcome);
}

// ---- on and on ----

static void send_event(struct dispatch *dispatch, struct job *job, const struct event_row *event)
{
    // Spelled as the feed spells it. It lives until the outcome is noted, as the transfer needs it to.
    size_t length = strlen(event->json);
    char *body = arena_allocate(&job->arena, length + 1);
    length = json_spell(event->json, length, body);
    body[length++] = '\n';
    struct message message = {.webhook_id = job->id,
                              .url = job->url,
                              .generation = job->generation,
                              .previous = job->previous,
                              .seq = event->seq,
                              .body = body,
                              .length = length};
    struct outcome outcome;
    job->sent_at = monotonic_ns();
    if (!transfer_begin(&job->transfer, dispatch->multi, &message, (long)dispatch->options.timeout_seconds, job,
                        &outcome))
        note_outcome(dispatch, job, &outcome);
}

static bool park(struct dispatch *dispatch, struct job *job, long long seq)
{
    struct failure failure;
    struct rows *rows = webhook_park_run(dispatch->session, job->id, dispatch->instance, seq, dispatch->patience,
                                         "the webhook had failed for too long", &failure);
    return has_row(job, rows, &failure);
}

// To the next event of the window that is to be sent. False when there is none left in it, or the job has ended.
static bool find_next(struct dispatch *dispatch, struct job *job)
{
    for (; job->row < rows_count(job->window); job->row++) {
        struct event_row event = event_in_window(job, job->row);
        if (!webhook_wants(job, &event))
            continue;
        if (!job->parking || job->resend) {
            send_event(dispatch, job, &event);
            return false;
        }
        if (!park(dispatch, job, event.seq)) {
            release_job(dispatch, job);
            return false;
        }
    }
    return true;
}

// The whole window has been looked at.
static bool pass_window(struct dispatch *dispatch, struct job *job)
{
    int count = rows_count(job->window);
    long long last = count ? event_in_window(job, count - 1).seq : job->position;
    bool more = count == WINDOW || job->wakes != atomic_load(&dispatch->wakes);
    if (job->resend) { // with the rights of its owner it cannot be read
        struct outcome outcome = {.error = "the owner's key may not read this event"};
        job->row = 0;
        note_resend_failed(dispatch, job, last, &outcome, job->slow);
        return false;
    }
    forget_window(job);
    // Who passes a long journal by waits for no receiver: it would hold the thread, and all others, until its end.
    bool gives_way = dispatch->crowded[job->slow] || (count == WINDOW && !job->parking);
    bool on = more && !dispatch->ending && !gives_way;
    dispatch->claim_again = dispatch->claim_again || gives_way;
    if (!on && last > job->position)
        still_good(dispatch, job, last);
    job->position = last;
    if (!on)
        release_job(dispatch, job);
    return on;
}

static void advance(struct dispatch *dispatch, struct job *job)
{
    do {
        if (!job->window && !read_window(dispatch, job)) {
            release_job(dispatch, job);
            return;
        }
    } while (find_next(dispatch, job) && pass_window(dispatch, job));
}
