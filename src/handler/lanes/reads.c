// Reads: one prepared statement on the quick lane (database/quick.h), whose first column is the JSON that is sent.
//
// Its columns: the body; the resource's version or NULL; the cursor of the next page or NULL.
#include "base/container_of.h"
#include "handler/constraints.h"
#include "handler/lanes/kept_answers.h"
#include "handler/lanes/missing.h"
#include "handler/lanes/work.h"
#include "handler/run_statement.h"
#include "http/input/cursor.h"
#include "http/route.h"
#include "http/server.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    struct quick_query query;
    struct request *request;
    struct loop_state *state;
    const char *values[STATEMENT_PARAMETERS_MAX];
    struct answer_key key;
    struct read_row row;     // the page at hand, while its list is being counted
    struct reading *waiting; // who wants the same
    struct reading *next;    // in that list
};

static void keep_computed(struct request *request, const struct reply *reply)
{
    const struct loop_state *state = request->loop_state;
    keep_answer(state->answers, request->before_answer_context, reply);
}

bool read_from_memory(struct request *request, struct loop_state *state)
{
    if (!request->route->cached)
        return false;
    struct answer_key *key = arena_new(&request->arena, struct answer_key);
    *key = answer_key_of(request);
    if (answered_from_memory(request, state->answers, key))
        return true;
    request->before_answer = keep_computed;
    request->before_answer_context = key;
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
    return answer_asked_by(reading->state->answers, &reading->key);
}

// Only for one who began to ask after the last commit that this one must see.
static bool waits_for_another(struct reading *reading)
{
    struct reading **asking = asking_for(reading);
    if (!asking || !*asking || !answer_key_same(&(*asking)->key, &reading->key))
        return false;
    reading->next = (*asking)->waiting;
    (*asking)->waiting = reading;
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

// All who want the same get the same answer, or the same failure. Where there is neither, because nothing was found,
// what each is told depends on who asks: they ask themselves.
static void answer_waiting(struct reading *reading, const struct reply *reply, const struct failure *failure)
{
    struct reading **asking = asking_for(reading);
    if (asking && *asking == reading)
        *asking = NULL;
    for (struct reading *waiting = reading->waiting, *next; waiting; waiting = next) {
        next = waiting->next;
        if (reply)
            answer_with_copy(waiting->request, reply);
        else if (failure)
            refuse_read(waiting, failure);
        else
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
    keep_answer(reading->state->answers, &reading->key, &reply);
    return reply;
}

// From now on, and for those who come to want the same meanwhile.
static void ask(struct reading *reading)
{
    struct reading **asking = asking_for(reading);
    if (asking && !*asking)
        *asking = reading;
    if (quick_submit(reading->state->lane, &reading->query))
        return;
    answer_waiting(reading, NULL, NULL);
    refuse_read(reading, NULL);
}

static void answer_read(struct reading *reading)
{
    struct reply reply = compose(reading, &reading->row);
    answer_waiting(reading, &reply, NULL);
    request_answer(reading->request, reply); // the last: its memory goes with it
}

static void fail_read(struct reading *reading, const struct failure *failure)
{
    answer_waiting(reading, NULL, failure);
    refuse_read(reading, failure);
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
        answer_waiting(reading, NULL, NULL);
        refuse_telling(request, reading->state->lane);
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
    case '{':
        return path_part(request, arena_copy(&request->arena, source + 1, strlen(source) - 2));
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
    struct answer_key key = answer_key_of(request);
    if (answered_from_memory(request, state->answers, &key))
        return;
    struct reading *reading = arena_new(&request->arena, struct reading);
    *reading = (struct reading){.request = request, .state = state, .key = key};
    read_parameters(request, reading->values);
    reading->query.statement = route_read(request);
    reading->query.values = reading->values;
    reading->query.done = read_done;
    if (!waits_for_another(reading))
        ask(reading);
}
