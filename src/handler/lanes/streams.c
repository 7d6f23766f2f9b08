#include "handler/lanes/streams.h"

#include "base/container_of.h"
#include "base/log.h"
#include "handler/lanes/work.h"

#include <stdio.h>

// Lives in the request's arena. The request cannot end while a piece is being fetched: its connection is suspended
// then, and libmicrohttpd never ends a suspended connection, even when its client has gone or its deadline has passed.
// A loop that stops waits for its exchanges. The lane answers every query, with rows or with a failure.
struct stream {
    struct body_source source; // first: fetch gets its address
    struct quick_query query;
    const char *values[2];
    char number[12];
    unsigned next;
    struct rows *rows; // of the piece at hand
};

static void drop_piece(struct stream *stream)
{
    rows_free(stream->rows);
    stream->rows = NULL;
}

static void break_off(struct stream *stream, const char *reason)
{
    log_event(LOG_ERROR, "stream_broken", log_text("reason", reason),
              log_text("statement", stream->query.statement->name), log_text("request_id", stream->source.request->id),
              log_number("piece", stream->next));
    body_source_take(&stream->source, NULL, 0);
}

static void piece_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct stream *stream = container_of(query, struct stream, query);
    stream->rows = rows;
    if (!rows) {
        break_off(stream, failure->kind == FAILURE_AWAY ? "database away" : failure->sqlstate);
    } else if (rows_count(rows) == 0 || rows_length(rows, 0, 0) == 0) {
        break_off(stream, "piece missing");
    } else {
        stream->next++;
        body_source_take(&stream->source, rows_text(rows, 0, 0), rows_length(rows, 0, 0));
    }
}

static void fetch_stream(struct body_source *source)
{
    struct stream *stream = (struct stream *)source;
    struct loop_state *state = source->request->loop_state;
    drop_piece(stream);
    snprintf(stream->number, sizeof stream->number, "%u", stream->next);
    if (!quick_submit(state->lane, &stream->query))
        break_off(stream, "lane full");
}

static void release_stream(void *stream)
{
    drop_piece(stream);
}

struct reply stream_pieces(struct request *request, const struct statement *piece, const char *id, uint64_t size)
{
    struct stream *stream = arena_new(&request->arena, struct stream);
    stream->source = (struct body_source){.size = size, .fetch = fetch_stream, .request = request};
    stream->values[0] = id;
    stream->values[1] = stream->number;
    stream->query = (struct quick_query){.statement = piece, .values = stream->values, .done = piece_came};
    defer(request, release_stream, stream);
    return (struct reply){.status = 200, .source = &stream->source};
}
