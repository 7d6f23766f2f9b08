// A list as a file, made on a worker: its items are read in one snapshot and written as they come, so that memory does
// not grow with the list; then the file is sent. Whoever reads it slowly holds a file, and no transaction.
#include "database/session.h"
#include "handler/constraints.h"
#include "handler/handler.sql.h"
#include "handler/lanes/setup.h"
#include "handler/lanes/work.h"
#include "handler/run.h"
#include "handler/run_statement.h"
#include "handler/table/book.h"
#include "handler/table/file_reply.h"
#include "handler/table/sheet.h"
#include "handler/table/table.h"
#include "http/input/cursor.h"
#include "http/route.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum file_kind { FILE_CSV, FILE_XLSX };

struct export
{
    struct request *request;
    enum file_kind kind;
    struct temporary *file; // of CSV, which is written through the next
    FILE *csv;
    struct book *book;
    size_t rows;
    char *cursor;         // of the page to come
    struct rows *fetched; // the items at hand
    struct cell *cells;   // of the row at hand
};

static void release_file(void *thing)
{
    struct export *export = thing;
    if (export->csv)
        fclose(export->csv);
    rows_free(export->fetched);
    free(export->cursor);
}

// ---- pages ----

static void set_query(struct request *request, const char *name, const char *value)
{
    size_t i = 0;
    while (i < request->query_count && strcmp(request->query[i].name, name) != 0)
        i++;
    if (i == QUERY_PARAMETERS_MAX)
        return;
    request->query[i] = (struct pair){name, value};
    request->query_count += i == request->query_count;
}

// The page as the route answers it in JSON, and the cursor of the next one.
static bool read_page_file(struct request *request, struct session *session, json_t **ret_page, const char **ret_next)
{
    const struct route *route = request->route;
    if (route->lane == LANE_COMPUTE) {
        struct reply reply = route->act(request, session);
        if (reply.status >= 400)
            return false;
        *ret_next = reply.next ? cursor_place(request, reply.next) : NULL;
        *ret_page = json_loadb(reply.body, reply.length, 0, NULL);
        return *ret_page || refuse(request, PROBLEM_INTERNAL, NULL);
    }
    struct rows *rows;
    const char *values[STATEMENT_PARAMETERS_MAX];
    read_parameters(request, values);
    if (!run_statement(request, session, route_read(request), values, &rows) || !require_row(request, rows))
        return false;
    struct read_row row = read_row_of(rows);
    if (!row.body)
        return refuse(request, PROBLEM_NOT_FOUND, NULL);
    *ret_next = row.next;
    *ret_page = json_loadb(row.body, row.length, 0, NULL);
    return *ret_page || refuse(request, PROBLEM_INTERNAL, NULL);
}

// ---- the file ----

static bool begin_file(struct export *export)
{
    struct request *request = export->request;
    if (export->kind == FILE_XLSX) {
        export->book = book_new(request, true);
        if (export->book)
            sheet_begin(request, export->book);
        return export->book;
    }
    if (!(export->file = request_file(request)))
        return false;
    int descriptor = dup(export->file->descriptor);
    export->csv = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (!export->csv && descriptor >= 0)
        close(descriptor);
    if (!export->csv)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    csv_heading(request, export->csv);
    return true;
}

static bool add_row(struct export *export, const struct cell cells[])
{
    if (export->rows == handler_options()->table_rows)
        return refuse(export->request, PROBLEM_INVALID_QUERY,
                      say(export->request, "Danh sách có hơn %u dòng; hãy lọc bớt, hoặc đọc từng trang dạng JSON.",
                          "The list has more than %u rows: filter it, or read it page by page as JSON.",
                          handler_options()->table_rows));
    export->rows++;
    if (export->csv)
        csv_row(export->request, export->csv, cells);
    else
        sheet_row(export->request, export->book, (unsigned)export->rows, cells);
    return true;
}

static bool is_kept(struct export *export)
{
    if (export->book)
        return book_is_kept(export->request, export->book);
    return temporary_measure(export->file) || refuse_temporary(export->request, errno);
}

static bool add_items(struct export *export, json_t *items)
{
    struct request *request = export->request;
    json_t *rows = table_rows(request, items);
    bool good = true;
    for (size_t row = 0; good && row < json_array_size(rows); row++) {
        for (size_t i = 0; request->columns[i]; i++)
            export->cells[i] = table_cell(request, request->columns[i], json_array_get(rows, row));
        good = add_row(export, export->cells);
    }
    json_decref(rows);
    return good;
}

static bool add_page_items(struct export *export, struct session *session, const char **ret_next)
{
    json_t *page = NULL;
    bool good =
        read_page_file(export->request, session, &page, ret_next) && add_items(export, json_object_get(page, "items"));
    json_decref(page);
    return good;
}

static bool add_page_cells(struct export *export, struct session *session, const char **ret_next)
{
    struct request *request = export->request;
    struct cell_page page;
    bool good = request->route->tabulate(request, session, &page);
    for (size_t row = 0; good && row < page.count; row++) {
        for (size_t i = 0; request->columns[i]; i++)
            export->cells[i] = (struct cell){.text = page.rows[row][i]};
        good = add_row(export, export->cells);
    }
    *ret_next = good ? page.next : NULL;
    return good;
}

// Memory that a page takes is given back before the next page.
static bool copy_page(struct export *export, struct session *session)
{
    struct request *request = export->request;
    const struct deferred *kept = request->deferred;
    struct arena_mark mark = arena_mark(&request->arena);
    const char *next = NULL;
    set_query(request, "limit", "200");
    if (export->cursor)
        set_query(request, "cursor", export->cursor);
    if (!within_budget(request) ||
        !(request->route->tabulate ? add_page_cells : add_page_items)(export, session, &next) || !is_kept(export))
        return false;
    char *cursor = next ? strdup(next) : NULL;
    free(export->cursor);
    export->cursor = cursor;
    release_deferred(request, kept);
    arena_rewind(&request->arena, mark);
    return cursor || !next || refuse(request, PROBLEM_INTERNAL, NULL);
}

static bool copy_pages(struct export *export, struct session *session)
{
    bool good;
    do
        good = copy_page(export, session);
    while (good && export->cursor);
    return good;
}

// ---- all items at once ----

// Each by itself: many of the largest would be too much for the memory of one request.
static bool add_fetched_item(struct export *export, const struct rows *rows, int row)
{
    struct request *request = export->request;
    struct arena_mark mark = arena_mark(&request->arena);
    json_t *item = json_loadb(rows_text(rows, row, 0), rows_length(rows, row, 0), 0, NULL), *items = json_array();
    bool good =
        json_array_append_new(items, item) == 0 ? add_items(export, items) : refuse(request, PROBLEM_INTERNAL, NULL);
    json_decref(items);
    if (good)
        arena_rewind(&request->arena, mark);
    return good;
}

static bool add_fetched_items(struct export *export, const struct rows *rows)
{
    bool good = true;
    for (int row = 0; good && row < rows_count(rows); row++)
        good = add_fetched_item(export, rows, row);
    return good && is_kept(export);
}

// One for each column of the route, of which the caller may have chosen some.
static bool add_fetched_cells(struct export *export, const struct rows *rows)
{
    struct request *request = export->request;
    bool good = true;
    for (int row = 0; good && row < rows_count(rows); row++) {
        for (size_t i = 0; request->columns[i]; i++) {
            const struct column *column = request->columns[i];
            const char *text = rows_text(rows, row, (int)(column - request->route->columns));
            export->cells[i] = table_cell_read(request, column, text);
        }
        good = add_row(export, export->cells);
    }
    return good && is_kept(export);
}

static bool add_fetched(struct export *export, const struct rows *rows)
{
    return rows_columns(rows) > 1 ? add_fetched_cells(export, rows) : add_fetched_items(export, rows);
}

// Awaited by fetched().
static bool fetch_ahead(struct export *export, struct session *session)
{
    struct failure failure;
    if (!session_ask(session, &listed_fetch_statement, NULL, &export->fetched, &failure))
        return refuse_failure(export->request, &listed_fetch_statement, &failure);
    session_push(session);
    return true;
}

static bool fetched(struct export *export, struct session *session)
{
    struct failure failure;
    return session_settle(session, &failure) || refuse_failure(export->request, &listed_fetch_statement, &failure);
}

// Writes what was fetched while PostgreSQL makes what comes next.
static bool copy_fetched(struct export *export, struct session *session)
{
    struct request *request = export->request;
    struct arena_mark mark = arena_mark(&request->arena);
    struct rows *rows = export->fetched;
    export->fetched = NULL;
    bool good = within_budget(request) && fetch_ahead(export, session) && add_fetched(export, rows);
    rows_free(rows);
    if (!good)
        return false; // why is told by what lies in the arena
    arena_rewind(&request->arena, mark);
    return fetched(export, session);
}

// One statement for the whole list. Who gets what instead of it is told by its first page.
static bool copy_list(struct export *export, struct session *session, const struct statement *walk)
{
    struct request *request = export->request;
    const char *values[STATEMENT_PARAMETERS_MAX], *next;
    char limit[24];
    json_t *page = NULL;
    set_query(request, "limit", "1");
    bool good = read_page_file(request, session, &page, &next);
    json_decref(page);
    snprintf(limit, sizeof limit, "%u", handler_options()->table_rows);
    set_query(request, "limit", limit);
    read_parameters(request, values);
    good = good && run_statement(request, session, walk, values, NULL) && fetch_ahead(export, session) &&
           fetched(export, session);
    while (good && rows_count(export->fetched) > 0)
        good = copy_fetched(export, session);
    return good;
}

// Leaves the query as the caller sent it, because the transaction may run again.
static bool copy_all(struct export *export, struct session *session)
{
    struct request *request = export->request;
    const struct statement *read = request->route->lane == LANE_COMPUTE ? NULL : route_read(request);
    struct pair query[QUERY_PARAMETERS_MAX];
    size_t count = request->query_count;
    memcpy(query, request->query, sizeof query);
    if (query_value(request, "view")) // the columns are those of the full one
        set_query(request, "view", "full");
    bool good = read && read->walked ? copy_list(export, session, read->walked) : copy_pages(export, session);
    memcpy(request->query, query, sizeof query);
    request->query_count = count;
    return good;
}

static struct reply end_file(struct export *export)
{
    struct request *request = export->request;
    if (export->book) {
        unsigned columns = 0;
        while (request->columns[columns])
            columns++;
        if (export->rows)
            book_filter(export->book, 0, (unsigned)export->rows, columns);
        struct temporary *file = book_end(request, export->book, NULL);
        return file ? file_reply(request, file, XLSX_TYPE, table_disposition(request, "xlsx")) : refusal(request);
    }
    bool written = !ferror(export->csv);
    written = fclose(export->csv) == 0 && written;
    export->csv = NULL;
    if (!written || !temporary_measure(export->file)) {
        refuse_temporary(request, errno);
        return refusal(request);
    }
    return file_reply(request, export->file, CSV_TYPE, table_disposition(request, "csv"));
}

static struct reply make_table_file(struct request *request, struct session *session, enum file_kind kind)
{
    struct export *export = arena_new(&request->arena, struct export);
    size_t columns = 0;
    while (request->columns[columns])
        columns++;
    *export = (struct export){
        .request = request, .kind = kind, .cells = arena_array(&request->arena, columns + 1, sizeof(struct cell))};
    defer(request, release_file, export);
    return begin_file(export) && copy_all(export, session) ? end_file(export) : refusal(request);
}

static struct reply make_csv(struct request *request, struct session *session)
{
    return make_table_file(request, session, FILE_CSV);
}

static struct reply make_xlsx(struct request *request, struct session *session)
{
    return make_table_file(request, session, FILE_XLSX);
}

bool export_start(struct request *request)
{
    const char *wanted = request->route->columns ? route_offer_wanted(request) : NULL;
    if (!wanted || (strcmp(wanted, XLSX_TYPE) != 0 && strcmp(wanted, "text/csv") != 0))
        return false;
    compute_start(request, strcmp(wanted, XLSX_TYPE) == 0 ? make_xlsx : make_csv);
    return true;
}
