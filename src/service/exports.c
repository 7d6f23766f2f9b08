// A list as a table: its pages one after another as CSV (RFC 4180, UTF-8 with the byte order mark that Excel needs), by
// the columns that stand beside its route. Each page is read while the one before it is sent.
#include "http/route.h"
#include "http/server.h"
#include "service/constraints.h"
#include "service/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ROWS_MOST = 100000, NUMBER_SIZE = 24 };

// Lives in the request's arena; as with struct stream, no request ends while a page is being fetched.
struct export
{
    struct body_source source; // first: fetch gets its address
    struct quick_query query;
    struct loop_state *state;
    const char *values[BINDINGS_MAX];
    const char **cursor; // the parameter that says where a page begins
    char *next;          // of the page to come; NULL: there is none
    struct {
        char *bytes;
        size_t length;
    } text; // of the page at hand
    size_t rows;
    bool answered;
};

bool export_wanted(const struct request *request)
{
    return request->route->columns && request->accept && strncasecmp(request->accept, "text/csv", 8) == 0;
}

static void write_text(FILE *out, const char *text)
{
    // A spreadsheet would run these as formulas: an apostrophe makes them text (OWASP, CSV injection).
    const char *guard = *text && strchr("=+-@\t\r", *text) ? "'" : "";
    if (!text[strcspn(text, ",\"\r\n")]) {
        fprintf(out, "%s%s", guard, text);
        return;
    }
    fprintf(out, "\"%s", guard);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_cell(FILE *out, const json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_STRING:
        write_text(out, json_string_value(value));
        return;
    case JSON_INTEGER:
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return;
    case JSON_TRUE:
        fputs("có", out);
        return;
    case JSON_FALSE:
        fputs("không", out);
        return;
    case JSON_NULL:
    case JSON_REAL: // decimals are strings in every answer
    case JSON_OBJECT:
    case JSON_ARRAY:
    default:
        return;
    }
}

static void write_heading(FILE *out, const struct column *columns)
{
    fputs("\xEF\xBB\xBF", out);
    for (const struct column *c = columns; c->member; c++) {
        fputs(c > columns ? "," : "", out);
        write_text(out, c->heading);
    }
    fputs("\r\n", out);
}

static void write_rows(FILE *out, const struct column *columns, const json_t *items)
{
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        for (const struct column *c = columns; c->member; c++) {
            fputs(c > columns ? "," : "", out);
            write_cell(out, json_object_get(item, c->member));
        }
        fputs("\r\n", out);
    }
}

static bool write_page(struct export *export, const struct rows *rows)
{
    const struct column *columns = export->source.request->route->columns;
    json_t *page = json_loadb(rows_text(rows, 0, 0), rows_length(rows, 0, 0), 0, NULL);
    free(export->text.bytes);
    export->text.bytes = NULL;
    FILE *out = page ? open_memstream(&export->text.bytes, &export->text.length) : NULL;
    if (out) {
        if (!export->rows)
            write_heading(out, columns);
        write_rows(out, columns, json_object_get(page, "items"));
    }
    export->rows += json_array_size(json_object_get(page, "items"));
    json_decref(page);
    const char *next = rows_text(rows, 0, 2);
    free(export->next);
    export->next = next ? strdup(next) : NULL;
    return out && fclose(out) == 0;
}

static void fetch(struct body_source *source)
{
    struct export *export = (struct export *)source;
    if (!export->next) {
        body_source_end(source);
        return;
    }
    *export->cursor = export->next;
    // A body that breaks off is seen by every client; one that ends too early looks whole.
    if (export->rows >= ROWS_MOST || !quick_submit(export->state->lane, &export->query))
        body_source_take(source, NULL, 0);
}

static struct reply answer(struct export *export)
{
    export->answered = true;
    export->source.piece = export->text.bytes;
    export->source.piece_length = export->text.length;
    return (struct reply){.status = 200,
                          .content_type = "text/csv; charset=utf-8; header=present",
                          .disposition = "attachment; filename=\"thidua.csv\"",
                          .source = &export->source};
}

static void page_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    struct export *export = (struct export *)((char *)query - offsetof(struct export, query));
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
    request_answer(request, written ? answer(export) : refusal(request));
}

static void release(void *thing)
{
    struct export *export = thing;
    free(export->text.bytes);
    free(export->next);
}

void export_start(struct request *request, struct loop_state *state)
{
    struct export *export = arena_new(&request->arena, struct export);
    *export = (struct export){.source = {.size = BODY_WITHOUT_END, .fetch = fetch, .request = request}, .state = state};
    for (size_t i = 0; i < BINDINGS_MAX && request->route->bind[i]; i++) {
        const char *source = request->route->bind[i];
        export->values[i] = strcmp(source, "?limit") == 0 ? "200" : read_parameter(request, source);
        if (strcmp(source, "?cursor") == 0)
            export->cursor = &export->values[i];
    }
    export->query =
        (struct quick_query){.statement = request->route->read, .values = export->values, .done = page_came};
    defer(request, release, export);
    if (quick_submit(state->lane, &export->query))
        return;
    refuse_busy(request);
    request_answer(request, refusal(request));
}
