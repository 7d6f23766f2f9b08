#include "webhooks/job.h"

#include "base/log.h"
#include "statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { WINDOW = 200 }; // events read at once

static const char window_text[] = "200";

// Columns of webhook_claim.
enum { ID, VERSION, URL, CAMPAIGN, UNIT, TYPES, GENERATION, PREVIOUS, POSITION, FAILURES, ROLES, OWN_UNIT };

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

// NULL: PostgreSQL is away, or the statement failed. The job is dropped then; another claim follows the lease.
static struct rows *step(struct dispatch *dispatch, const struct statement *statement, const char *const values[])
{
    struct failure failure;
    struct rows *rows = session_run(dispatch->session, statement, values, &failure);
    if (!rows && failure.kind != FAILURE_AWAY)
        log_event(LOG_ERROR, "statement_failed", log_text("statement", statement->name),
                  log_text("sqlstate", failure.sqlstate));
    return rows;
}

// True when it gave a row.
static bool stepped(struct dispatch *dispatch, const struct statement *statement, const char *const values[])
{
    struct rows *rows = step(dispatch, statement, values);
    bool some = rows && rows_count(rows) > 0;
    rows_free(rows);
    return some;
}

static void release(struct dispatch *dispatch, struct job *job)
{
    rows_free(step(dispatch, &webhook_release, (const char *const[]){job->id, dispatch->instance}));
    job_drop(dispatch, job);
}

static const char *text_of(struct job *job, const struct rows *rows, int row, int column)
{
    const char *text = rows_text(rows, row, column);
    return text ? arena_text(&job->arena, text) : NULL;
}

static struct caller owner_of(const struct rows *rows, int row)
{
    struct caller owner = {.known = true, .roles = roles_of_names(rows_text(rows, row, ROLES))};
    const char *unit = rows_text(rows, row, OWN_UNIT);
    snprintf(owner.unit_id, sizeof owner.unit_id, "%s", unit ? unit : "");
    return owner;
}

void job_start(struct dispatch *dispatch, struct job *job, const struct rows *rows, int row)
{
    *job = (struct job){.busy = true,
                        .owner = owner_of(rows, row),
                        .generation = rows_number(rows, row, GENERATION),
                        .previous = rows_true(rows, row, PREVIOUS),
                        .position = rows_number(rows, row, POSITION),
                        .failures = (unsigned)rows_number(rows, row, FAILURES)};
    job->id = text_of(job, rows, row, ID);
    job->version = text_of(job, rows, row, VERSION);
    job->url = text_of(job, rows, row, URL);
    job->types = text_of(job, rows, row, TYPES);
    job->filter.campaign = text_of(job, rows, row, CAMPAIGN);
    job->filter.unit_id = text_of(job, rows, row, UNIT);
    job->texts_end = arena_mark(&job->arena);
    advance(dispatch, job);
}

static const char *number_text(struct job *job, long long number)
{
    return arena_format(&job->arena, "%lld", number);
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
static bool is_own_test(const struct job *job, const struct event *event)
{
    static const char collection[] = "/v1/webhooks/";
    return strcmp(event->type, "thidua.webhook.tested") == 0 &&
           strncmp(event->resource, collection, sizeof collection - 1) == 0 &&
           strcmp(event->resource + sizeof collection - 1, job->id) == 0;
}

static bool is_wanted(const struct job *job, const struct event *event)
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
    const char *values[] = {job->id, dispatch->instance, number_text(job, position), dispatch->lease, job->version};
    return stepped(dispatch, &webhook_seen, values);
}

// What is to be sent again goes first; else what comes after the position. Only then it is asked whether the webhook
// is still what it was: what happened after a change is sent as the change says.
static bool read_window(struct dispatch *dispatch, struct job *job)
{
    arena_rewind(&job->arena, job->texts_end);
    const char *position = number_text(job, job->position);
    job->wakes = atomic_load(&dispatch->wakes);
    job->window = step(dispatch, &webhook_resends, (const char *const[]){job->id});
    job->resend = job->window && rows_count(job->window) > 0;
    if (job->window && !job->resend) {
        forget_window(job);
        job->window = step(dispatch, &event_rows, (const char *const[]){position, window_text});
    }
    bool good = job->window && still_good(dispatch, job, job->position);
    dispatch->claim_again = dispatch->claim_again || !good;
    return good;
}

// ---- what became of one ----

// Up to a fifth more than the table says, so that receivers are not met by all at once when they come back.
static const char *pause_text(const struct dispatch *dispatch, struct job *job, long retry_after)
{
    unsigned last = dispatch->options.pauses - 1, drawn = 0;
    unsigned seconds = dispatch->options.pause_seconds[job->failures < last ? job->failures : last];
    if (retry_after > (long)seconds)
        seconds = (unsigned)retry_after;
    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
        drawn = 0;
    return number_text(job, (long long)seconds * 1000 + drawn % (seconds * 200 + 1));
}

static void note_delivered(struct dispatch *dispatch, struct job *job, long long seq, const struct outcome *outcome)
{
    const char *values[] = {
        job->id,         dispatch->instance, number_text(job, seq), number_text(job, outcome->status),
        dispatch->lease, job->version};
    atomic_fetch_add(&dispatch->delivered, 1);
    bool on = stepped(dispatch, &webhook_delivered, values);
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
        release(dispatch, job);
}

static void note_resend_failed(struct dispatch *dispatch, struct job *job, long long seq, const struct outcome *outcome)
{
    const char *values[] = {job->id, dispatch->instance, number_text(job, seq),
                            outcome->status ? number_text(job, outcome->status) : NULL, outcome->error};
    rows_free(step(dispatch, &webhook_resend_failed, values));
    release(dispatch, job);
}

static void note_failed(struct dispatch *dispatch, struct job *job, long long seq, const struct outcome *outcome)
{
    const char *values[] = {job->id,
                            dispatch->instance,
                            number_text(job, seq),
                            outcome->status ? number_text(job, outcome->status) : NULL,
                            outcome->error,
                            pause_text(dispatch, job, outcome->retry_after),
                            number_text(job, dispatch->patience),
                            dispatch->lease};
    struct rows *rows = step(dispatch, &webhook_failed, values);
    bool parked = rows && rows_count(rows) > 0 && rows_true(rows, 0, 0);
    rows_free(rows);
    if (!parked || dispatch->ending) {
        release(dispatch, job);
        return;
    }
    log_event(LOG_WARNING, "webhook_parked", log_text("webhook", job->id), log_number("seq", seq),
              log_text("reason", outcome->error));
    job->parking = true;
    job->position = seq;
    job->row++;
    advance(dispatch, job);
}

static void note(struct dispatch *dispatch, struct job *job, const struct outcome *outcome)
{
    long long seq = event_at(job->window, job->row).seq;
    arena_rewind(&job->arena, job->texts_end); // a job may go on for a million events
    if (outcome->delivered) {
        note_delivered(dispatch, job, seq, outcome);
        return;
    }
    atomic_fetch_add(&dispatch->failed, 1);
    if (outcome->gone) {
        log_event(LOG_WARNING, "webhook_gone", log_text("webhook", job->id));
        rows_free(step(dispatch, &webhook_gone, (const char *const[]){job->id, dispatch->instance, outcome->error}));
        job_drop(dispatch, job);
    } else if (job->resend) {
        note_resend_failed(dispatch, job, seq, outcome);
    } else {
        note_failed(dispatch, job, seq, outcome);
    }
}

void job_answered(struct dispatch *dispatch, struct job *job, CURLcode code)
{
    struct outcome outcome = transfer_end(&job->transfer, dispatch->multi, code);
    note(dispatch, job, &outcome);
}

// ---- on and on ----

static void send_event(struct dispatch *dispatch, struct job *job, const struct event *event)
{
    struct message message = {.webhook_id = job->id,
                              .url = job->url,
                              .generation = job->generation,
                              .previous = job->previous,
                              .seq = event->seq,
                              .body = event->json,
                              .length = event->length};
    struct outcome outcome;
    if (!transfer_begin(&job->transfer, dispatch->multi, &message, (long)dispatch->options.timeout_seconds, job,
                        &outcome))
        note(dispatch, job, &outcome);
}

static bool park(struct dispatch *dispatch, struct job *job, long long seq)
{
    const char *values[] = {job->id, dispatch->instance, number_text(job, seq), number_text(job, dispatch->patience),
                            "the webhook had failed for too long"};
    return stepped(dispatch, &webhook_park, values);
}

// To the next event of the window that is to be sent. False when there is none left in it, or the job has ended.
static bool find_next(struct dispatch *dispatch, struct job *job)
{
    for (; job->row < rows_count(job->window); job->row++) {
        struct event event = event_at(job->window, job->row);
        if (!is_wanted(job, &event))
            continue;
        if (!job->parking || job->resend) {
            send_event(dispatch, job, &event);
            return false;
        }
        if (!park(dispatch, job, event.seq)) {
            release(dispatch, job);
            return false;
        }
    }
    return true;
}

// The whole window has been looked at.
static bool pass_window(struct dispatch *dispatch, struct job *job)
{
    int count = rows_count(job->window);
    long long last = count ? event_at(job->window, count - 1).seq : job->position;
    bool more = count == WINDOW || job->wakes != atomic_load(&dispatch->wakes);
    if (job->resend) { // with the rights of its owner it cannot be read
        struct outcome outcome = {.error = "the owner's key may not read this event"};
        job->row = 0;
        note_resend_failed(dispatch, job, last, &outcome);
        return false;
    }
    forget_window(job);
    bool on = more && !dispatch->ending && !dispatch->crowded;
    dispatch->claim_again = dispatch->claim_again || dispatch->crowded;
    if (!on && last > job->position)
        still_good(dispatch, job, last);
    job->position = last;
    if (!on)
        release(dispatch, job);
    return on;
}

static void advance(struct dispatch *dispatch, struct job *job)
{
    do {
        if (!job->window && !read_window(dispatch, job)) {
            release(dispatch, job);
            return;
        }
    } while (find_next(dispatch, job) && pass_window(dispatch, job));
}
