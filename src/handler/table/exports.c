// A list as CSV (RFC 4180, UTF-8 with the byte order mark that Excel needs), page after page, in the columns of its
// route. Each page is read while the one before it is sent. XLSX, and lists of LANE_COMPUTE, cannot be streamed in this
// way: a worker makes them as a file (export_file.c).
#include "base/container_of.h"
#include "handler/constraints.h"
#include "handler/lanes/missing.h"
#include "handler/lanes/setup.h"
#include "handler/lanes/work.h"
#include "handler/table/book.h"
#include "handler/table/table.h"
#include "http/route.h"
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Lives in the request's arena; as with struct stream, no request ends while a page is being fetched.
struct export
{
    struct body_source source; // first: fetch gets its address
    struct quick_query query;
    struct loop_state *state;
    const char *values[STATEMENT_PARAMETERS_MAX];
    const char **cursor; // the parameter that says where a page begins
    char *next;          // of the page to come; NULL: there is none
    struct {
        char *bytes;
        size_t length;
    } text; // of the page at hand
    size_t rows;
    bool answered;
};

static bool write_page(struct export *export, const struct rows *rows)
{
    struct request *request = export->source.request;
    struct arena_mark mark = arena_mark(&request->arena);
    struct read_row row = read_row_of(rows);
    json_t *page = json_loadb(row.body, row.length, 0, NULL);
    free(export->text.bytes);
    export->text.bytes = NULL;
    json_t *items = page ? table_rows(request, page) : NULL;
    FILE *out = page ? open_memstream(&export->text.bytes, &export->text.length) : NULL;
    if (out) {
        if (!export->rows)
            csv_heading(request, out);
        csv_rows(request, out, items);
    }
    arena_rewind(&request->arena, mark);
    export->rows += json_array_size(items);
    json_decref(items);
    json_decref(page);
    free(export->next);
    export->next = row.next ? strdup(row.next) : NULL;
    return out && fclose(out) == 0;
}

static void fetch_export(struct body_source *source)
{
    struct export *export = (struct export *)source;
    if (!export->next) {
        body_source_end(source);
        return;
    }
    *export->cursor = export->next;
    // Every client notices a body that breaks off. One that ended early would look complete.
    if (export->rows >= handler_options()->table_rows || !quick_submit(export->state->lane, &export->query))
        body_source_take(source, NULL, 0);
}

static struct reply answer_export(struct export *export)
{
    export->answered = true;
    export->source.piece = export->text.bytes;
    export->source.piece_length = export->text.length;
    return (struct reply){.status = 200,
                          .content_type = CSV_TYPE,
                          .in_language = true,
                          .disposition = table_disposition(export->source.request, "csv"),
                          .source = &export->source};
}

static void page_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct export *export = container_of(query, struct export, query);
    struct request *request = export->source.request;
    bool found = rows && rows_count(rows) > 0 && rows_text(rows, 0, 0);
    bool written = found && write_page(export, rows);
    rows_free(rows);
    if (export->answered) {
        body_source_take(&export->source, written ? export->text.bytes : NULL, written ? export->text.length : 0);
        return;
    }
    if (!rows)
        refuse_failure(request, query->statement, failure);
    else if (!written)
        refuse(request, found ? PROBLEM_UNAVAILABLE : PROBLEM_NOT_FOUND, NULL);
    if (written)
        request_answer(request, answer_export(export));
    else
        refuse_telling(request, export->state->lane);
}

static void release_export(void *thing)
{
    struct export *export = thing;
    free(export->text.bytes);
    free(export->next);
}

static void stream(struct request *request, struct loop_state *state)
{
    struct export *export = arena_new(&request->arena, struct export);
    *export = (struct export){.source = {.size = BODY_WITHOUT_END, .fetch = fetch_export, .request = request},
                              .state = state};
    const struct statement *read = route_read(request);
    for (int i = 0; i < read->parameters; i++) {
        const char *source = read->sources[i];
        export->values[i] = strcmp(source, "?limit") == 0 ? "200" : read_parameter(request, source);
        if (strcmp(source, "?cursor") == 0)
            export->cursor = &export->values[i];
    }
    export->query = (struct quick_query){.statement = read, .values = export->values, .done = page_came};
    defer(request, release_export, export);
    if (quick_submit(state->lane, &export->query))
        return;
    refuse_busy(request);
    request_answer(request, refusal(request));
}

bool export_start(struct request *request, struct loop_state *state)
{
    const char *wanted = request->route->columns ? route_offer_wanted(request) : NULL;
    if (!wanted || (strcmp(wanted, XLSX_TYPE) != 0 && strcmp(wanted, "text/csv") != 0))
        return false;
    if (strcmp(wanted, XLSX_TYPE) == 0)
        export_file(request, FILE_XLSX);
    else if (request->route->lane == LANE_COMPUTE)
        export_file(request, FILE_CSV);
    else
        stream(request, state);
    return true;
}
