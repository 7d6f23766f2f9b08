#include "journal/feed.h"

#include "base/container_of.h"
#include "base/pure/json_spelling.h"
#include "database/changes.h"
#include "handler/lanes/work.h"
#include "http/server.h"
#include "identity/identify.h"
#include "journal/events.h"
#include "journal/events.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROW_VALUES = 5,          // what event_row is given
    BATCH = 500,             // events read at once for all
    LISTENERS_MOST = 2000,   // of one loop
    TEXT_LEAST = 1024,       // room for what one listener is sent at once, at first
    TEXT_MOST = 32 * 1024,   // and at most
    BEAT_MS = 15000,         // a comment, so that proxies and clients know that somebody is there
    LIFETIME_MS = 15 * 60000 // then it comes again and shows its key again
};

static const char batch_text[] = "500";
// Tells the client that it is connected, and how soon to come back after a break.
static const char greeting[] = "retry: 2000\n\n";
static const char beat[] = ":\n\n";
static atomic_uint listeners_everywhere;

struct listener {
    struct body_source source; // first: fetch gets its address
    struct quick_query query;  // for what it missed before it came
    const char *values[ROW_VALUES];
    char after[24];
    struct feed *feed;
    struct listener *previous, *next;
    struct event_filter filter;
    long long position; // the last event that it got or did not want
    int64_t last_sent, ends_at;
    bool asking;
    // What is being sent. Only while it is: of a thousand listeners nearly all wait.
    char *text;
    size_t length, room;
};

struct feed {
    struct quick_lane *lane;
    struct quick_query query;
    const char *values[ROW_VALUES];
    char after[24];
    bool asking;
    struct listener *listeners;
    unsigned count;
    struct rows *rows; // the latest batch
    long long first, head;
    uint64_t seen;
    int64_t next_beat;
};

static void *open_feed(struct quick_lane *lane)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        abort();
    feed->lane = lane;
    return feed;
}

static void close_feed(void *kept)
{
    struct feed *feed = kept;
    rows_free(feed->rows);
    free(feed);
}

unsigned feed_listeners(void)
{
    return atomic_load(&listeners_everywhere);
}

static void wake_listeners(void)
{
    if (feed_listeners() > 0)
        server_wake();
}

bool feed_start(void)
{
    changes_subscribe(CHANGE_ARRIVED, wake_listeners);
    return true;
}

// ---- one listener ----

static void forget_text(struct listener *listener)
{
    free(listener->text);
    listener->text = NULL;
    listener->length = listener->room = 0;
}

// False when that would be too much at once.
static bool listener_make_room(struct listener *listener, size_t more)
{
    size_t room = listener->room ? listener->room : TEXT_LEAST;
    while (room < listener->length + more && room < TEXT_MOST)
        room *= 2;
    if (room < listener->length + more)
        return false;
    if (room == listener->room)
        return true;
    char *text = realloc(listener->text, room);
    if (!text)
        abort();
    listener->text = text;
    listener->room = room;
    return true;
}

static bool add_event(struct listener *listener, const struct event_row *event)
{
    // Without a field `event`, so that EventSource hands all of them to onmessage; the type stands in the data.
    char head[48];
    size_t length = strlen(event->json);
    snprintf(head, sizeof head, "id: %lld\ndata: ", event->seq);
    if (!listener_make_room(listener, strlen(head) + length + 3))
        return false;
    char *end = stpcpy(listener->text + listener->length, head);
    end += json_spell(event->json, length, end);
    end = stpcpy(end, "\n\n");
    listener->length = (size_t)(end - listener->text);
    return true;
}

// Numbers went on after a restore, and the listener has passed some that never were: it may have been told of them.
static bool undoes_heard(const struct listener *listener, const struct event_row *event)
{
    return strcmp(event->type, "thidua.journal.resumed") == 0 && event->resumed_after < listener->position;
}

static void add_batch(struct listener *listener, const struct rows *rows)
{
    const struct caller *caller = &listener->source.request->caller;
    for (int row = 0; row < rows_count(rows); row++) {
        struct event_row event = event_row_at(rows, row);
        if (event.seq <= listener->position)
            continue;
        bool told = undoes_heard(listener, &event) || event_wanted(caller, &listener->filter, &event);
        if (told && !add_event(listener, &event))
            return; // the rest when this has been sent
        listener->position = event.seq;
    }
}

static bool must_end(const struct listener *listener)
{
    return server_draining() || monotonic_ns() > listener->ends_at ||
           !caller_trusted(&listener->source.request->caller);
}

static void send_text(struct listener *listener, const char *text, size_t length)
{
    listener->last_sent = monotonic_ns();
    body_source_take(&listener->source, text, length);
}

static void pump(struct listener *listener);

static void missed_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    (void)failure; // asked again at the next beat
    struct listener *listener = container_of(query, struct listener, query);
    listener->asking = false;
    if (!rows)
        return;
    add_batch(listener, rows);
    rows_free(rows);
    pump(listener);
}

static void ask_for_missed(struct listener *listener)
{
    snprintf(listener->after, sizeof listener->after, "%lld", listener->position);
    listener->asking = quick_submit(listener->feed->lane, &listener->query);
}

// Gives a waiting listener what there is for it; where there is nothing, it goes on waiting.
static void pump(struct listener *listener)
{
    const struct feed *feed = listener->feed;
    if (!listener->source.waiting || listener->asking)
        return;
    if (must_end(listener)) {
        body_source_end(&listener->source);
        return;
    }
    if (!listener->length && feed->rows && listener->position >= feed->first - 1)
        add_batch(listener, feed->rows);
    if (!listener->length && listener->position < feed->head) {
        ask_for_missed(listener);
        return;
    }
    if (listener->length)
        send_text(listener, listener->text, listener->length);
    else if (monotonic_ns() - listener->last_sent >= (int64_t)BEAT_MS * 1000000)
        send_text(listener, beat, sizeof beat - 1);
}

static void fetch_listener(struct body_source *source)
{
    struct listener *listener = (struct listener *)source;
    forget_text(listener); // all of it has been sent
    pump(listener);
}

static void release_listener(void *thing)
{
    struct listener *listener = thing;
    struct feed *feed = listener->feed;
    forget_text(listener);
    *(listener->previous ? &listener->previous->next : &feed->listeners) = listener->next;
    if (listener->next)
        listener->next->previous = listener->previous;
    feed->count--;
    atomic_fetch_sub(&listeners_everywhere, 1);
}

static void join_listener(struct feed *feed, struct listener *listener)
{
    listener->feed = feed;
    listener->next = feed->listeners;
    if (feed->listeners)
        feed->listeners->previous = listener;
    feed->listeners = listener;
    feed->count++;
    atomic_fetch_add(&listeners_everywhere, 1);
    defer(listener->source.request, release_listener, listener);
}

struct reply feed_open(struct request *request, const struct rows *rows)
{
    struct feed *feed = loop_kept(request->loop_state, &feed_part);
    struct event_position position = event_position_at(rows, 0);
    if (!position_holds(request, request->last_event_id ? "Last-Event-ID" : "after", &position))
        return refusal(request);
    if (feed->count >= LISTENERS_MOST) {
        refuse_busy(request);
        return refusal(request);
    }
    if (!feed->listeners) { // nobody listened: what is kept is old
        feed->seen = 0;
        feed->next_beat = 0;
    }
    if (position.head > feed->head)
        feed->head = position.head;
    struct listener *listener = arena_new(&request->arena, struct listener);
    int64_t now = monotonic_ns();
    *listener = (struct listener){.source = {.size = BODY_WITHOUT_END, .fetch = fetch_listener, .request = request},
                                  .query = {.statement = &event_row_statement, .done = missed_came, .at_primary = true},
                                  .filter = event_filter_of(request),
                                  .position = position.position,
                                  .last_sent = now,
                                  .ends_at = now + (int64_t)LIFETIME_MS * 1000000};
    listener->values[0] = listener->after;
    listener->values[1] = batch_text;
    listener->values[2] = listener->filter.type;
    listener->values[3] = listener->filter.campaign;
    listener->values[4] = listener->filter.unit_id;
    listener->query.values = listener->values;
    listener->source.piece = greeting;
    listener->source.piece_length = sizeof greeting - 1;
    join_listener(feed, listener);
    return (struct reply){
        .status = 200, .content_type = "text/event-stream", .unbuffered = true, .source = &listener->source};
}

// ---- all of them ----

static void pump_all(struct feed *feed)
{
    for (struct listener *listener = feed->listeners; listener; listener = listener->next)
        pump(listener);
}

static void batch_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    (void)failure;
    struct feed *feed = container_of(query, struct feed, query);
    feed->asking = false;
    if (!rows) {
        feed->seen = 0;
        return;
    }
    if (rows_count(rows) == 0) {
        rows_free(rows);
        return;
    }
    rows_free(feed->rows);
    feed->rows = rows;
    feed->first = event_row_at(rows, 0).seq;
    feed->head = event_row_at(rows, rows_count(rows) - 1).seq;
    if (rows_count(rows) == BATCH)
        feed->seen = 0; // there is more
    pump_all(feed);
}

static void ask_for_news(struct feed *feed, uint64_t seen)
{
    feed->values[0] = feed->after;
    feed->values[1] = batch_text;
    feed->query = (struct quick_query){
        .statement = &event_row_statement, .values = feed->values, .done = batch_came, .at_primary = true};
    snprintf(feed->after, sizeof feed->after, "%lld", feed->head);
    feed->asking = quick_submit(feed->lane, &feed->query);
    if (feed->asking)
        feed->seen = seen;
}

static int turn_feed(void *kept)
{
    struct feed *feed = kept;
    if (!feed->listeners)
        return -1;
    uint64_t seen = changes_seen(CHANGE_DATA);
    int64_t now = monotonic_ns();
    if (seen != feed->seen && seen && !feed->asking)
        ask_for_news(feed, seen);
    if (now >= feed->next_beat || server_draining()) {
        feed->next_beat = now + (int64_t)1000000000;
        pump_all(feed);
    }
    return 1000;
}

const struct loop_part feed_part = {.open = open_feed, .close = close_feed, .turn = turn_feed};
