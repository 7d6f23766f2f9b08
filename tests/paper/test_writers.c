// A paper takes no longer than its work may: one word of thousands of letters takes as long as a page of others.
#include "base/pure/budget.h"
#include "base/temporary.h"
#include "paper/paper.h"
#include "thidua/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 300, FEW = 20, AFTER = 8 }; // AFTER: how often it asks until it has found its way out

static int64_t asked;

// Time passes with each question.
static int64_t clock_of_questions(void)
{
    return ++asked;
}

static struct paper *rows(struct arena *arena)
{
    struct paper *paper = paper_new(arena, "Danh sách");
    struct paper_table *table = paper_table(paper, &(struct paper_column){"Tên", 1, PAPER_LEFT}, 1);
    for (int i = 0; i < MANY; i++)
        paper_row(table, (const char *const[]){"Tên"});
    return paper;
}

static struct paper *paragraphs(struct arena *arena)
{
    struct paper *paper = paper_new(arena, "Văn bản");
    for (int i = 0; i < MANY; i++)
        paper_paragraph(paper, NULL, "Tên");
    return paper;
}

static const char *lines(struct arena *arena)
{
    char *text = arena_allocate(arena, 2 * MANY + 1);
    for (size_t i = 0; i < MANY; i++)
        memcpy(text + 2 * i, "a\n", 3);
    return text;
}

static struct paper *one_paragraph(struct arena *arena)
{
    struct paper *paper = paper_new(arena, "Văn bản");
    paper_paragraph(paper, NULL, lines(arena));
    return paper;
}

static struct paper *one_cell(struct arena *arena)
{
    struct paper *paper = paper_new(arena, "Danh sách");
    struct paper_table *table = paper_table(paper, &(struct paper_column){"Tên", 1, PAPER_LEFT}, 1);
    paper_row(table, (const char *const[]){lines(arena)});
    return paper;
}

static struct paper *one_row(struct arena *arena)
{
    struct paper_column columns[PAPER_COLUMNS_MAX];
    const char *cells[PAPER_COLUMNS_MAX];
    for (size_t i = 0; i < PAPER_COLUMNS_MAX; i++) {
        columns[i] = (struct paper_column){"Tên", 1, PAPER_LEFT};
        cells[i] = "Tên";
    }
    struct paper *paper = paper_new(arena, "Danh sách");
    paper_row(paper_table(paper, columns, PAPER_COLUMNS_MAX), cells);
    return paper;
}

static enum paper_fault write_kept(const struct paper *paper)
{
    struct temporary file;
    assert_true(temporary_open(&file));
    enum paper_fault fault = paper_write_pdf(paper, &file);
    temporary_close(&file);
    return fault;
}

static enum paper_fault write_within(struct paper *(*make)(struct arena *arena), int64_t deadline)
{
    struct arena arena = {0};
    struct budget budget = {.most = INT64_MAX, .deadline = deadline, .clock = clock_of_questions};
    struct paper *paper = make(&arena);
    asked = 0;
    budget_use(&budget);
    enum paper_fault fault = write_kept(paper);
    budget_use(NULL);
    arena_release(&arena);
    return fault;
}

static void overdrawn(void **state)
{
    (void)state;
    assert_int_equal(write_within(rows, FEW), PAPER_TOO_LARGE);
    assert_in_range(asked, FEW, FEW + AFTER);
    assert_int_equal(write_within(paragraphs, FEW), PAPER_TOO_LARGE);
    assert_in_range(asked, FEW, FEW + AFTER);
    assert_int_equal(write_within(one_paragraph, FEW), PAPER_TOO_LARGE);
    assert_in_range(asked, FEW, FEW + AFTER);
    assert_int_equal(write_within(one_cell, FEW), PAPER_TOO_LARGE);
    assert_in_range(asked, FEW, FEW + AFTER);
    assert_int_equal(write_within(one_row, FEW), PAPER_TOO_LARGE);
    assert_in_range(asked, FEW, FEW + PAPER_COLUMNS_MAX + AFTER);
}

// A word of so many letters takes longer than so many words, and cannot be stopped half way.
static void too_long(void **state)
{
    (void)state;
    for (size_t length = PAPER_PIECE_BYTES_MAX; length <= PAPER_PIECE_BYTES_MAX + 1; length++) {
        struct arena arena = {0};
        char *text = arena_allocate(&arena, length + 1);
        memset(text, ' ', length);
        text[length] = '\0';
        struct paper *paper = paper_new(&arena, "Văn bản");
        paper_paragraph(paper, NULL, text);
        assert_int_equal(write_kept(paper), length > PAPER_PIECE_BYTES_MAX ? PAPER_TOO_LARGE : PAPER_FINE);
        arena_release(&arena);
    }
}

static void kept(void **state)
{
    (void)state;
    assert_int_equal(write_within(rows, INT64_MAX), PAPER_FINE);
    assert_int_equal(write_within(paragraphs, INT64_MAX), PAPER_FINE);
    assert_int_equal(write_within(one_paragraph, INT64_MAX), PAPER_FINE);
    assert_int_equal(write_within(one_cell, INT64_MAX), PAPER_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(overdrawn), cmocka_unit_test(kept), cmocka_unit_test(too_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
