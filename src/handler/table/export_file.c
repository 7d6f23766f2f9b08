// A list as a file, made on a worker: its pages are read in one snapshot and written as they come, so that memory does
// not grow with the list; then the file is sent.
#include "handler/lanes/setup.h"
#include "handler/lanes/work.h"
#include "handler/run_statement.h"
#include "handler/table/book.h"
#include "handler/table/file_reply.h"
#include "handler/table/table.h"
#include "http/input/cursor.h"
#include "http/route.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct export
{
    struct request *request;
    enum file_kind kind;
    struct temporary *file; // of CSV, which is written through the next
    FILE *csv;
    struct book *book;
    size_t rows;
    char *cursor; // of the page to come
};

static void release_file(void *thing)
{
    struct export *export = thing;
    if (export->csv)
        fclose(export->csv);
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

// ---- a sheet ----

static double width_of(const struct column *column, const char *heading)
{
    static const double widths[] = {
        [COLUMN_PLAIN] = 24, [COLUMN_DATE] = 13, [COLUMN_INSTANT] = 22, [COLUMN_DECIMAL] = 12, [COLUMN_AMOUNT] = 16};
    size_t characters = 4;
    for (const char *c = heading; *c; c++)
        characters += ((unsigned char)*c & 0xc0) != 0x80;
    double least = (double)characters;
    return widths[column->type] > least ? widths[column->type] : least;
}

static void begin_sheet(struct export *export)
{
    struct request *request = export->request;
    unsigned at = 0;
    book_sheet(export->book, say(request, "Danh sách", "List"), BOOK_ROWS);
    for (const struct column *const *c = request->columns; *c; c++, at++) {
        const char *heading = table_heading(request, *c);
        book_width(export->book, at, width_of(*c, heading));
        book_text(export->book, 0, at, heading, LOOK_HEADING);
    }
    book_head_rows(export->book, 0, 0);
}

static void write_cell_file(struct export *export, unsigned row, unsigned at, const struct column *column,
                            const struct cell *cell)
{
    if (cell->is_number)
        book_number(export->book, row, at, cell->number, column->type == COLUMN_AMOUNT ? LOOK_AMOUNT : LOOK_NUMBER);
    else if (cell->text && column->type == COLUMN_DATE)
        book_date(export->book, row, at, cell->text);
    else if (cell->text && column->type == COLUMN_INSTANT)
        book_instant(export->book, row, at, cell->text);
    else if (cell->text && column->type == COLUMN_DECIMAL && is_joined(cell->text))
        book_text(export->book, row, at, decimals_shown(export->request, cell->text), LOOK_TEXT);
    else if (cell->text && column->type == COLUMN_DECIMAL)
        book_decimal(export->book, row, at, cell->text);
    else if (cell->text)
        book_text(export->book, row, at, apostrophes_kept(export->request, cell->text), LOOK_TEXT);
}

static void write_rows(struct export *export, const json_t *items)
{
    size_t i;
    const json_t *item;
    json_array_foreach(items, i, item)
    {
        unsigned row = (unsigned)(export->rows + i + 1), at = 0;
        for (const struct column *const *c = export->request->columns; *c; c++, at++) {
            struct cell cell = table_cell(export->request, *c, item);
            write_cell_file(export, row, at, *c, &cell);
        }
    }
}

// ---- the file ----

static bool begin_file(struct export *export)
{
    struct request *request = export->request;
    if (export->kind == FILE_XLSX) {
        export->book = book_new(request, true);
        if (export->book)
            begin_sheet(export);
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

static bool add_rows(struct export *export, const json_t *items)
{
    if (export->rows + json_array_size(items) > handler_options()->table_rows)
        return refuse(export->request, PROBLEM_INVALID_QUERY,
                      say(export->request, "Danh sách có hơn %u dòng; hãy lọc bớt, hoặc đọc từng trang dạng JSON.",
                          "The list has more than %u rows: filter it, or read it page by page as JSON.",
                          handler_options()->table_rows));
    if (export->csv)
        csv_rows(export->request, export->csv, items);
    else
        write_rows(export, items);
    export->rows += json_array_size(items);
    return !export->csv || temporary_measure(export->file) || refuse_temporary(export->request, errno);
}

static bool add_page(struct export *export, const json_t *page)
{
    json_t *rows = table_rows(export->request, page);
    bool good = add_rows(export, rows);
    json_decref(rows);
    return good;
}

// Memory that a page takes is given back before the next page.
static bool copy_page(struct export *export, struct session *session)
{
    struct request *request = export->request;
    const struct deferred *kept = request->deferred;
    struct arena_mark mark = arena_mark(&request->arena);
    json_t *page = NULL;
    const char *next = NULL;
    set_query(request, "limit", "200");
    if (export->cursor)
        set_query(request, "cursor", export->cursor);
    if (!read_page_file(request, session, &page, &next) || !add_page(export, page)) {
        json_decref(page);
        return false;
    }
    json_decref(page);
    char *cursor = next ? strdup(next) : NULL;
    free(export->cursor);
    export->cursor = cursor;
    release_deferred(request, kept);
    arena_rewind(&request->arena, mark);
    return true;
}

// Leaves the query as the caller sent it, because the transaction may run again.
static bool copy_pages(struct export *export, struct session *session)
{
    struct request *request = export->request;
    struct pair query[QUERY_PARAMETERS_MAX];
    size_t count = request->query_count;
    memcpy(query, request->query, sizeof query);
    if (query_value(request, "view")) // the columns are those of the full one
        set_query(request, "view", "full");
    bool good;
    do
        good = copy_page(export, session);
    while (good && export->cursor);
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
        const struct temporary *file = book_end(request, export->book, NULL);
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
    *export = (struct export){.request = request, .kind = kind};
    defer(request, release_file, export);
    return begin_file(export) && copy_pages(export, session) ? end_file(export) : refusal(request);
}

static struct reply make_csv(struct request *request, struct session *session)
{
    return make_table_file(request, session, FILE_CSV);
}

static struct reply make_xlsx(struct request *request, struct session *session)
{
    return make_table_file(request, session, FILE_XLSX);
}

void export_file(struct request *request, enum file_kind kind)
{
    compute_start(request, kind == FILE_CSV ? make_csv : make_xlsx);
}
