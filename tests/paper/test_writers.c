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
#include <unistd.h>

enum { MANY = 300, FEW = 20 };

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

static enum paper_fault write_within(struct paper *(*make)(struct arena *arena), int64_t deadline)
{
    struct arena arena = {0};
    struct budget budget = {.most = INT64_MAX, .deadline = deadline, .clock = clock_of_questions};
    int descriptor = temporary_file();
    uint64_t size;
    struct paper *paper = make(&arena);
    asked = 0;
    budget_use(&budget);
    enum paper_fault fault = paper_write_pdf(paper, descriptor, &size);
    budget_use(NULL);
    close(descriptor);
    arena_release(&arena);
    return fault;
}

static void overdrawn(void **state)
{
    (void)state;
    assert_int_equal(write_within(rows, FEW), PAPER_TOO_LARGE);
    assert_in_range(asked, FEW, FEW + 2);
    assert_int_equal(write_within(paragraphs, FEW), PAPER_TOO_LARGE);
    assert_in_range(asked, FEW, FEW + 2);
}

static void kept(void **state)
{
    (void)state;
    assert_int_equal(write_within(rows, INT64_MAX), PAPER_FINE);
    assert_int_equal(write_within(paragraphs, INT64_MAX), PAPER_FINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(overdrawn), cmocka_unit_test(kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
