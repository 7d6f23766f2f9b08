// Reads: one prepared statement on the quick lane (database/quick.h), whose first column is the JSON that is sent.
//
// Its columns: the body; the resource's version or NULL; the cursor of the next page or NULL.
#include "base/container_of.h"
#include "database/changes.h"
#include "handler/constraints.h"
#include "handler/lanes/missing.h"
#include "handler/lanes/work.h"
#include "handler/run_statement.h"
#include "http/input/cursor.h"
#include "http/route.h"
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    STATUS_SLOTS = 512,
    TARGET_KEPT = 208,
    ETAG_KEPT = 48,
    NEXT_KEPT = 200,
    BODY_KEPT = 64 * 1024,
    BODIES_KEPT = 8 * 1024 * 1024, // of all slots together
};

// Answers of `cached` routes that were read lately. They hold while nothing that they rest on has been committed since
// and the day is the same, because many things are shown as of today.
struct status_cache {
    struct status {
        char target[TARGET_KEPT];
        char etag[ETAG_KEPT];
        char next[NEXT_KEPT];
        char *body;
        size_t length;
        uint64_t seen;
        const char *rests_on;
        int64_t day;
    } slots[STATUS_SLOTS];
    size_t held; // bytes of their bodies
    // Who asks the database for what belongs there, so that others who want the same wait for that answer: a commit
    // that many answers rest on would otherwise let each of their readers ask anew, until the first is answered.
    struct reading *asking[STATUS_SLOTS];
};

struct reading {
    struct quick_query query;
    struct request *request;
    struct loop_state *state;
    const char *values[STATEMENT_PARAMETERS_MAX];
    struct status_reading kept;
    struct read_row row;     // the page at hand, while its list is being counted
    struct reading *waiting; // who wants the same
    struct reading *next;    // in that list
};

struct status_cache *status_cache_new(void)
{
    return calloc(1, sizeof(struct status_cache));
}

void status_cache_free(struct status_cache *cache)
{
    for (size_t i = 0; i < STATUS_SLOTS; i++)
        free(cache->slots[i].body);
    free(cache);
}

static size_t slot_of(const char *target)
{
    uint32_t hash = 2166136261U; // FNV-1a
    for (; *target; target++)
        hash = (hash ^ (unsigned char)*target) * 16777619U;
    return hash % STATUS_SLOTS;
}

// The civil day in Asia/Ho_Chi_Minh, which has been at UTC+7 all year round since 1975.
static int64_t day_in_vietnam(void)
{
    return (time(NULL) + 7L * 3600) / 86400;
}

struct status_reading status_reading(struct request *request)
{
    const char *rests_on = route_answers_all(request) ? request->route->rests_on : NULL;
    return (struct status_reading){route_kept_as(request), changes_seen_of(rests_on), rests_on, day_in_vietnam()};
}

static bool may_keep(const struct status_reading *reading)
{
    return reading->name && reading->seen;
}

bool status_answered(struct request *request, const struct status_cache *cache, const struct status_reading *reading)
{
    if (!may_keep(reading))
        return false;
    const struct status *status = &cache->slots[slot_of(reading->name)];
    if (status->seen != reading->seen || strcmp(status->target, reading->name) != 0 || status->day != reading->day)
        return false;
    struct reply reply = {
        .status = 200, .body = arena_copy(&request->arena, status->body, status->length), .length = status->length};
    reply.etag = arena_text(&request->arena, status->etag);
    reply.next = status->next[0] ? arena_text(&request->arena, status->next) : NULL;
    request_answer(request, reply);
    return true;
}

static void forget_status(struct status_cache *cache, struct status *status)
{
    cache->held -= status->length;
    free(status->body);
    *status = (struct status){0};
}

// What no longer holds goes first. False: there is no room even then.
static bool has_room(struct status_cache *cache, size_t length)
{
    if (cache->held + length <= BODIES_KEPT)
        return true;
    for (size_t i = 0; i < STATUS_SLOTS; i++)
        if (cache->slots[i].body && cache->slots[i].seen != changes_seen_of(cache->slots[i].rests_on))
            forget_status(cache, &cache->slots[i]);
    return cache->held + length <= BODIES_KEPT;
}

void status_keep(struct status_cache *cache, const struct status_reading *reading, const struct reply *reply)
{
    if (!may_keep(reading) || reply->status != 200 || !reply->etag || strlen(reading->name) >= TARGET_KEPT ||
        strlen(reply->etag) >= ETAG_KEPT || (reply->next && strlen(reply->next) >= NEXT_KEPT) ||
        reply->length > BODY_KEPT)
        return;
    struct status *status = &cache->slots[slot_of(reading->name)];
    forget_status(cache, status);
    char *body = has_room(cache, reply->length) ? malloc(reply->length + 1) : NULL;
    if (!body)
        return;
    memcpy(body, reply->body, reply->length);
    cache->held += reply->length;
    status->length = reply->length;
    status->seen = reading->seen;
    status->rests_on = reading->rests_on;
    status->day = reading->day;
    memcpy(status->target, reading->name, strlen(reading->name) + 1);
    memcpy(status->etag, reply->etag, strlen(reply->etag) + 1);
    if (reply->next)
        memcpy(status->next, reply->next, strlen(reply->next) + 1);
    status->body = body;
}

static void keep_computed(struct request *request, const struct reply *reply)
{
    const struct loop_state *state = request->loop_state;
    status_keep(state->statuses, request->before_answer_context, reply);
}

bool read_from_memory(struct request *request, struct loop_state *state)
{
    if (!request->route->cached)
        return false;
    struct status_reading *kept = arena_new(&request->arena, struct status_reading);
    *kept = status_reading(request);
    if (status_answered(request, state->statuses, kept))
        return true;
    request->before_answer = keep_computed;
    request->before_answer_context = kept;
    return false;
}

void refuse_busy(struct request *request)
{
    refuse(request, PROBLEM_UNAVAILABLE,
           say(request, "Hệ thống đang bận hoặc cơ sở dữ liệu chưa sẵn sàng; hãy thử lại.",
               "The service is busy or its database is not ready: try again."));
}

struct read_row read_row_of(const struct rows *rows)
{
    int columns = rows_columns(rows);
    return (struct read_row){.body = rows_text(rows, 0, 0),
                             .length = rows_length(rows, 0, 0),
                             .version = columns > 1 ? rows_text(rows, 0, 1) : NULL,
                             .next = columns > 2 ? rows_text(rows, 0, 2) : NULL};
}

// ---- several who want the same ----

static struct reading **asking_for(const struct reading *reading)
{
    return &reading->state->statuses->asking[slot_of(reading->kept.name)];
}

// Only for one who began to ask after the last commit that this one must see.
static bool waits_for_another(struct reading *reading)
{
    struct reading *asking = may_keep(&reading->kept) ? *asking_for(reading) : NULL;
    if (!asking || asking->kept.seen != reading->kept.seen || asking->kept.day != reading->kept.day ||
        strcmp(asking->kept.name, reading->kept.name) != 0)
        return false;
    reading->next = asking->waiting;
    asking->waiting = reading;
    return true;
}

static void refuse_read(const struct reading *reading, const struct failure *failure)
{
    if (failure)
        refuse_failure(reading->request, reading->query.statement, failure);
    else
        refuse_busy(reading->request);
    request_answer(reading->request, refusal(reading->request));
}

static void ask_alone(struct reading *reading)
{
    if (!quick_submit(reading->state->lane, &reading->query))
        refuse_read(reading, NULL);
}

// Once it has its answer, or the failure. Where that is not kept, such as what was not found, the others ask
// themselves.
static void answer_waiting(struct reading *reading, const struct failure *failure)
{
    if (may_keep(&reading->kept) && *asking_for(reading) == reading)
        *asking_for(reading) = NULL;
    for (struct reading *waiting = reading->waiting, *next; waiting; waiting = next) {
        next = waiting->next;
        if (failure)
            refuse_read(waiting, failure);
        else if (!status_answered(waiting->request, waiting->state->statuses, &waiting->kept))
            ask_alone(waiting);
    }
}

static struct reply compose(struct reading *reading, const struct read_row *row)
{
    struct request *request = reading->request;
    struct reply reply = reply_json(request, 200, row->body, row->length);
    reply.next = row->next;
    cursor_seal(request, &reply);
    reply.etag = etag_of(request, row->version, reply.body, reply.length);
    status_keep(reading->state->statuses, &reading->kept, &reply);
    return reply;
}

// From now on, and for those who come to want the same meanwhile.
static void ask(struct reading *reading)
{
    if (may_keep(&reading->kept) && !*asking_for(reading))
        *asking_for(reading) = reading;
    if (quick_submit(reading->state->lane, &reading->query))
        return;
    refuse_read(reading, NULL);
    answer_waiting(reading, NULL);
}

static void answer_read(struct reading *reading)
{
    request_answer(reading->request, compose(reading, &reading->row));
    answer_waiting(reading, NULL);
}

static void fail_read(struct reading *reading, const struct failure *failure)
{
    refuse_read(reading, failure);
    answer_waiting(reading, failure);
}

// ---- total=true ----

// So many items of a list are counted at most, so that nobody asks for a walk through a table of any size.
#define TOTAL_MOST "10000"

static void add_total(struct request *request, struct read_row *row, const char *total)
{
    const char *end = row->body + row->length;
    while (end > row->body && *end != '}')
        end--;
    row->body = arena_format(&request->arena, "%.*s, \"total\" : %s%s", (int)(end - row->body), row->body, total, end);
    row->length = strlen(row->body);
}

static void total_done(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct reading *reading = container_of(query, struct reading, query);
    struct request *request = reading->request;
    if (!rows) {
        fail_read(reading, failure);
        return;
    }
    bool more = rows_number(rows, 0, 0) > strtoll(TOTAL_MOST, NULL, 10);
    add_total(request, &reading->row, more ? TOTAL_MOST : arena_text(&request->arena, rows_text(rows, 0, 0)));
    rows_free(rows);
    answer_read(reading);
}

static const struct statement *counting(const struct request *request)
{
    const char *asked = request->route->orders ? query_value(request, "total") : NULL;
    return asked && strcmp(asked, "true") == 0 ? route_read(request)->counted : NULL;
}

// From the list's start, whichever page was asked for.
static void count_start(struct reading *reading, const struct statement *counted)
{
    for (int i = 0; i < counted->parameters; i++) {
        if (strcmp(counted->sources[i], "?cursor") == 0)
            reading->values[i] = NULL;
        if (strcmp(counted->sources[i], "?limit") == 0)
            reading->values[i] = TOTAL_MOST;
    }
    reading->query = (struct quick_query){.statement = counted, .values = reading->values, .done = total_done};
    ask(reading);
}

// ---- the answer ----

static void answer_rows(struct reading *reading, const struct rows *rows)
{
    struct request *request = reading->request;
    const struct statement *counted = counting(request);
    bool found = rows_count(rows) > 0, opens = request->route->lane == LANE_STREAM;
    struct reply reply = {0};
    if (found && opens)
        reply = request->route->open(request, rows);
    else if (found)
        reading->row = read_row_of(rows);
    if (found && opens && !reply.status)
        return; // the request is a worker's now
    if (!opens && !reading->row.body)
        found = false;
    if (!found)
        refuse(request, PROBLEM_NOT_FOUND, NULL);
    if (request->problem.kind == PROBLEM_NOT_FOUND) {
        refuse_telling(request, reading->state->lane);
        answer_waiting(reading, NULL);
    } else if (opens)
        request_answer(request, reply);
    else if (counted)
        count_start(reading, counted);
    else
        answer_read(reading);
}

static void read_done(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct reading *reading = container_of(query, struct reading, query);
    struct request *request = reading->request;
    if (!rows) {
        fail_read(reading, failure);
        return;
    }
    defer_rows(request, rows);
    answer_rows(reading, rows);
}

const char *read_parameter(struct request *request, const char *source)
{
    switch (source[0]) {
    case '{': {
        size_t length = strlen(source);
        const char *value = path_value(request, arena_copy(&request->arena, source + 1, length - 2));
        return value[0] ? value : NULL;
    }
    case '?':
        return query_value(request, source + 1);
    default:
        break;
    }
    if (strcmp(source, "@unit") == 0)
        return request->caller.unit_id[0] ? request->caller.unit_id : NULL;
    if (strcmp(source, "@drafts") == 0)
        return has_role(request, ROLE_ADMIN | ROLE_HOME_AFFAIRS | ROLE_AUDITOR) ? "true" : "false";
    if (strcmp(source, "@offices") == 0)
        return has_role(request, MAY_READ_RESTRICTED) ? "true" : "false";
    if (strcmp(source, "@operators") == 0)
        return has_role(request, ROLE_ADMIN | ROLE_AUDITOR) ? "true" : "false";
    if (strcmp(source, "@body") == 0)
        return request->body_json;
    if (strcmp(source, "@key") == 0)
        return request->caller.known ? request->caller.key_id : NULL;
    if (strcmp(source, "@after") == 0)
        // What a client says of itself on coming back goes before what its URL says (WHATWG HTML section 9.2).
        return request->last_event_id ? request->last_event_id : query_value(request, "after");
    return arena_format(&request->arena, "%u", request->caller.roles);
}

void read_parameters(struct request *request, const char *ret_values[])
{
    const struct statement *read = route_read(request);
    for (int i = 0; i < read->parameters; i++)
        ret_values[i] = read_parameter(request, read->sources[i]);
}

void read_start(struct request *request, struct loop_state *state)
{
    struct status_reading kept = status_reading(request);
    if (status_answered(request, state->statuses, &kept))
        return;
    struct reading *reading = arena_new(&request->arena, struct reading);
    *reading = (struct reading){.request = request, .state = state, .kept = kept};
    read_parameters(request, reading->values);
    reading->query.statement = route_read(request);
    reading->query.values = reading->values;
    reading->query.done = read_done;
    if (!waits_for_another(reading))
        ask(reading);
}
