#include "handler/table/book.h"

#include "base/log.h"
#include "handler/table/cell_text.h"
#include "handler/table/file_reply.h"
#include "http/request.h"
#include "thidua/civil.h"
#include "thidua/decimal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { PAPER_A4 = 9, NAME_SIZE = 40, WIDTHS_KEPT = 320, LINE_POINTS = 17 };
static const char font[] = "Times New Roman";

struct book {
    lxw_workbook *workbook; // NULL once the file is complete
    lxw_worksheet *sheet;
    lxw_format *looks[2][LOOKS]; // by enum book_use
    lxw_format *
        decimals[2][DECIMAL_MOST_PLACES + 1]; // LOOK_DECIMAL, by what stands behind the point; made where one is needed
    enum book_use use;
    double widths[WIDTHS_KEPT];
    unsigned lines; // the most in a cell of the row at hand
    bool failed;
    struct temporary *file;
};

static void release_book(void *thing)
{
    struct book *book = thing;
    if (book->workbook)
        lxw_workbook_free(book->workbook);
}

// ---- looks ----

static void shape(lxw_format *format, enum look look, enum book_use use)
{
    static const struct {
        const char *number;
        uint8_t align;
        bool bold, wrap;
        double size; // added to the sheet's
    } shapes[LOOKS] = {
        [LOOK_TEXT] = {.align = LXW_ALIGN_LEFT, .wrap = true},
        [LOOK_CENTRE] = {.align = LXW_ALIGN_CENTER, .wrap = true},
        [LOOK_DATE] = {.number = "dd/mm/yyyy", .align = LXW_ALIGN_CENTER},
        [LOOK_INSTANT] = {.number = "dd/mm/yyyy hh:mm:ss", .align = LXW_ALIGN_CENTER},
        [LOOK_NUMBER] = {.number = "0", .align = LXW_ALIGN_RIGHT},
        [LOOK_AMOUNT] = {.number = "#,##0", .align = LXW_ALIGN_RIGHT},
        [LOOK_DECIMAL] = {.align = LXW_ALIGN_RIGHT},
        [LOOK_HEADING] = {.align = LXW_ALIGN_CENTER, .bold = true, .wrap = true},
        [LOOK_TITLE] = {.align = LXW_ALIGN_CENTER, .bold = true, .wrap = true, .size = 1},
        [LOOK_SUBTITLE] = {.align = LXW_ALIGN_CENTER, .wrap = true},
        [LOOK_PART] = {.align = LXW_ALIGN_LEFT, .bold = true, .wrap = true},
        [LOOK_STRONG] = {.align = LXW_ALIGN_LEFT, .bold = true},
        [LOOK_NOTE] = {.align = LXW_ALIGN_LEFT, .wrap = true},
    };
    format_set_align(format, shapes[look].align);
    format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    if (shapes[look].number)
        format_set_num_format(format, shapes[look].number);
    if (shapes[look].bold)
        format_set_bold(format);
    if (shapes[look].wrap && (use == BOOK_PRINT || look == LOOK_HEADING)) // a list is one line an item
        format_set_text_wrap(format);
    format_set_font_size(format, format->font_size + shapes[look].size);
}

static lxw_format *make_look(struct book *book, enum look look, enum book_use use)
{
    lxw_format *format = workbook_add_format(book->workbook);
    format_set_font_name(format, font);
    format_set_font_size(format, use == BOOK_PRINT ? 13 : 12);
    shape(format, look, use);
    if (use == BOOK_PRINT ? look <= LOOK_HEADING : look == LOOK_HEADING)
        format_set_border(format, LXW_BORDER_THIN);
    return format;
}

static void make_looks(struct book *book, enum book_use use)
{
    for (int look = 0; look < LOOKS; look++)
        book->looks[use][look] = make_look(book, (enum look)look, use);
}

// ---- the book ----

struct book *book_new(struct request *request, bool streamed)
{
    struct temporary *file = request_file(request);
    if (!file)
        return NULL;
    struct book *book = arena_new(&request->arena, struct book);
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file->descriptor); // it has no other
    lxw_workbook_options options = {.constant_memory = streamed};
    *book = (struct book){.workbook = workbook_new_opt(name, &options), .lines = 1, .file = file};
    defer(request, release_book, book);
    if (!book->workbook) {
        refuse(request, PROBLEM_UNAVAILABLE, NULL);
        return NULL;
    }
    make_looks(book, BOOK_ROWS);
    make_looks(book, BOOK_PRINT);
    return book;
}

static void note_error(struct book *book, lxw_error error)
{
    if (error != LXW_NO_ERROR && !book->failed)
        log_event(LOG_ERROR, "sheet_failed", log_text("reason", lxw_strerror(error)));
    book->failed |= error != LXW_NO_ERROR;
}

void book_sheet(struct book *book, const char *name, enum book_use use)
{
    book->sheet = workbook_add_worksheet(book->workbook, name);
    book->use = use;
    if (!book->sheet) {
        book->failed = true;
        return;
    }
    worksheet_set_paper(book->sheet, PAPER_A4);
    worksheet_set_landscape(book->sheet);
    worksheet_fit_to_pages(book->sheet, 1, 0);
    worksheet_set_margins(book->sheet, 0.6, 0.4, 0.6, 0.6);
    worksheet_set_footer(book->sheet, "&R&P/&N");
}

static lxw_format *format_of(const struct book *book, enum look look)
{
    return book->looks[book->use][look];
}

void book_width(struct book *book, unsigned column, double width)
{
    if (column < WIDTHS_KEPT)
        book->widths[column] = width;
    note_error(book, worksheet_set_column(book->sheet, (lxw_col_t)column, (lxw_col_t)column, width, NULL));
}

static void note_lines(struct book *book, const char *text, unsigned column, unsigned columns)
{
    double width = 0;
    for (unsigned i = column; i < column + columns && i < WIDTHS_KEPT; i++)
        width += book->widths[i];
    unsigned lines = book->use == BOOK_PRINT ? cell_lines(text, width) : 0;
    if (lines > book->lines)
        book->lines = lines;
}

void book_fit(struct book *book, unsigned row, unsigned least)
{
    unsigned lines = book->lines > least ? book->lines : least;
    note_error(book, worksheet_set_row(book->sheet, row, LINE_POINTS * lines + 3, NULL));
    book->lines = 1;
}

void book_head_rows(struct book *book, unsigned first, unsigned last)
{
    worksheet_freeze_panes(book->sheet, last + 1, 0);
    note_error(book, worksheet_repeat_rows(book->sheet, first, last));
}

void book_side_by_side(struct book *book, unsigned pages, unsigned last)
{
    worksheet_fit_to_pages(book->sheet, (uint16_t)pages, 0);
    note_error(book, worksheet_repeat_columns(book->sheet, 0, (lxw_col_t)last));
}

void book_filter(struct book *book, unsigned row, unsigned last, unsigned columns)
{
    note_error(book, worksheet_autofilter(book->sheet, row, 0, last, (lxw_col_t)(columns - 1)));
}

// ---- cells ----

void book_text(struct book *book, unsigned row, unsigned column, const char *text, enum look look)
{
    char *cell = cell_text(text);
    note_lines(book, text, column, 1);
    note_error(book, !cell   ? LXW_ERROR_MEMORY_MALLOC_FAILED
                     : *cell ? worksheet_write_string(book->sheet, row, (lxw_col_t)column, cell, format_of(book, look))
                             : worksheet_write_blank(book->sheet, row, (lxw_col_t)column, format_of(book, look)));
    free(cell);
}

void book_block(struct book *book, unsigned row, unsigned column, unsigned rows, unsigned columns, const char *text,
                enum look look)
{
    char *cell = cell_text(text);
    if (rows == 1)
        note_lines(book, text, column, columns);
    lxw_col_t first = (lxw_col_t)column, last = (lxw_col_t)(column + columns - 1);
    if (!cell)
        note_error(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
    else if (rows == 1 && columns == 1)
        note_error(book, worksheet_write_string(book->sheet, row, first, cell, format_of(book, look)));
    else
        note_error(book,
                   worksheet_merge_range(book->sheet, row, first, row + rows - 1, last, cell, format_of(book, look)));
    free(cell);
}

void book_number(struct book *book, unsigned row, unsigned column, int64_t number, enum look look)
{
    static const int64_t most = 999999999999999; // a spreadsheet keeps 15 digits
    char text[24];
    if (number >= -most && number <= most) {
        note_error(book,
                   worksheet_write_number(book->sheet, row, (lxw_col_t)column, (double)number, format_of(book, look)));
        return;
    }
    snprintf(text, sizeof text, "%lld", (long long)number);
    book_text(book, row, column, text, LOOK_DECIMAL);
}

static lxw_format *decimal_look(struct book *book, size_t places)
{
    static const char *const formats[] = {"0",       "0.0",      "0.00",      "0.000",      "0.0000",
                                          "0.00000", "0.000000", "0.0000000", "0.00000000", "0.000000000"};
    lxw_format **look = &book->decimals[book->use][places];
    if (!*look) {
        *look = make_look(book, LOOK_DECIMAL, book->use);
        format_set_num_format(*look, formats[places]);
    }
    return *look;
}

// The nearest double of at most 15 digits is written by libxlsxwriter with all that it takes to read it back, and a
// spreadsheet shows the 15.
void book_decimal(struct book *book, unsigned row, unsigned column, const char *decimal)
{
    enum { DIGITS_SHOWN = 15 };
    const char *point = strchr(decimal, '.');
    size_t places = point ? strlen(point + 1) : 0, digits = 0;
    int64_t scaled;
    for (const char *c = decimal; *c; c++)
        digits += *c >= '0' && *c <= '9';
    if (places > DECIMAL_MOST_PLACES || digits > DIGITS_SHOWN ||
        decimal_parse(decimal, strlen(decimal), (unsigned)places, &scaled) != DECIMAL_OK) {
        book_text(book, row, column, decimal, LOOK_DECIMAL);
        return;
    }
    note_error(book, worksheet_write_number(book->sheet, row, (lxw_col_t)column, strtod(decimal, NULL),
                                            decimal_look(book, places)));
}

enum { FIRST_YEAR = 1900 }; // a spreadsheet has no earlier days

static void write_day(struct book *book, unsigned row, unsigned column, int32_t day, int64_t second, enum look look)
{
    struct civil_date date = date_to_civil(day);
    lxw_datetime when = {.year = date.year,
                         .month = date.month,
                         .day = date.day,
                         .hour = (int)(second / 3600),
                         .min = (int)(second / 60 % 60),
                         .sec = (double)(second % 60)};
    note_error(book, worksheet_write_datetime(book->sheet, row, (lxw_col_t)column, &when, format_of(book, look)));
}

void book_date(struct book *book, unsigned row, unsigned column, const char *date)
{
    int32_t day;
    if (date_parse(date, strlen(date), &day) && date_to_civil(day).year > FIRST_YEAR)
        write_day(book, row, column, day, 0, LOOK_DATE);
    else
        book_text(book, row, column, date, LOOK_TEXT);
}

void book_instant(struct book *book, unsigned row, unsigned column, const char *instant)
{
    int64_t at;
    if (!instant_parse(instant, strlen(instant), &at) || date_to_civil(instant_local_date(at)).year <= FIRST_YEAR) {
        book_text(book, row, column, instant, LOOK_TEXT);
        return;
    }
    int32_t day = instant_local_date(at);
    write_day(book, row, column, day, (at - date_start(day)) / 1000000, LOOK_INSTANT);
}

// ---- the end ----

// The library gathers the rows in a file without a name, copies them to another one and packs that, and asks of neither
// whether it took everything: a file that was cut is packed as it is. So the first one is asked here, and whether there
// is room for the second.
static bool is_gathered(const struct book *book, uint64_t *ret_bytes)
{
    const lxw_worksheet *sheet;
    *ret_bytes = 0;
    STAILQ_FOREACH(sheet, book->workbook->worksheets, list_pointers)
    {
        if (!sheet->optimize_tmpfile)
            continue;
        if (fflush(sheet->optimize_tmpfile) != 0)
            return false;
        errno = ENOSPC; // whatever it was
        if (ferror(sheet->optimize_tmpfile))
            return false;
        *ret_bytes += (uint64_t)ftello(sheet->optimize_tmpfile);
    }
    return true;
}

static bool rows_find_room(const struct book *book)
{
    enum { ROOM_BESIDE = 4 * 1024 * 1024 }; // for what is not gathered, as in a summary of 2000 nominees
    uint64_t bytes;
    if (!is_gathered(book, &bytes))
        return false;
    errno = posix_fallocate(book->file->descriptor, 0, (off_t)bytes + ROOM_BESIDE);
    return !errno && ftruncate(book->file->descriptor, 0) == 0;
}

// Both of its files count as if they were the one that is packed into.
bool book_is_kept(struct request *request, struct book *book)
{
    uint64_t bytes;
    bool kept = is_gathered(book, &bytes) &&
                (2 * bytes <= book->file->size || temporary_reserve(book->file, 2 * bytes - book->file->size));
    return kept || refuse_temporary(request, errno);
}

struct temporary *book_end(struct request *request, struct book *book, const char *title)
{
    // The library asks gmtime() for the date of the document, whose answer all threads share.
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    if (!book->failed && !rows_find_room(book)) {
        refuse_temporary(request, errno);
        return NULL;
    }
    lxw_doc_properties properties = {.title = (char *)(uintptr_t)title};
    note_error(book, workbook_set_properties(book->workbook, &properties));
    pthread_mutex_lock(&lock);
    note_error(book, workbook_close(book->workbook)); // also where it fails, all of it is freed
    pthread_mutex_unlock(&lock);
    book->workbook = NULL;
    if (!book->failed && temporary_measure(book->file))
        return book->file;
    if (!book->failed)
        refuse_temporary(request, errno);
    refuse(request, PROBLEM_UNAVAILABLE,
           say(request, "Không tạo được tệp bảng tính.", "The spreadsheet could not be made."));
    return NULL;
}
