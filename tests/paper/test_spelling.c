// Names of files: whatever a name is made of, both ways to write it fit into a header, and the one in ASCII is ASCII.
// Numbers and days as NĐ 30/2020/NĐ-CP, Phụ lục I and II, has them.
#include "paper/paper.h"
#include "thidua/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

enum { TIMES = 100 };

static void file_names(void **state)
{
    static const struct {
        const char *name, *ascii;
    } cases[] = {
        {"451/QĐ-UBND", "451-QD-UBND"},
        {"Đắk Nông, đợt 2", "Dak Nong, dot 2"},
        {"＂; filename=＂evil", "-; filename=-evil"},
        {"．．／．．＼x：y＊？＜＞｜", "..-..-x-y-----"},
        {"㎯", "rads2"}, // 3 bytes become 5
        {"⑽㏂", "(10)a.m."},
        {"\x01\t\x7f\xc2\x85", ""},
        {"ﷺ", "   "},     // four words
        {"\xff\xfe", ""}, // no UTF-8
    };
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(paper_ascii(&arena, paper_file_name(&arena, cases[i].name)), cases[i].ascii);
    arena_release(&arena);
}

// What is made of a long name stays within its own memory, and is short enough for a file: 255 bytes with its ending.
static void long_names(void **state)
{
    (void)state;
    struct arena arena = {0};
    char name[3 * TIMES + 1] = "";
    for (int i = 0; i < TIMES; i++)
        memcpy(name + strlen(name), "㎯", 3);
    const char *ascii = paper_ascii(&arena, name), *after = arena_text(&arena, "after");
    assert_int_equal(strlen(ascii), 240);
    assert_true(after >= ascii + strlen(ascii) + 1 || after < ascii);
    assert_string_equal(after, "after");
    name[1] = name[2] = name[0] = 'x';
    assert_int_equal(strlen(paper_file_name(&arena, name)), 240);
    assert_int_equal(strlen(paper_file_name(&arena, name + 1)), 239); // whole characters only
    arena_release(&arena);
}

// A zero before days below 10 and before months 1 and 2 alone; the day of an instant is that of Vietnam.
static void days(void **state)
{
    static const struct {
        const char *day, *printed;
    } cases[] = {
        {"2025-01-31", "ngày 31 tháng 01 năm 2025"},
        {"2025-02-05", "ngày 05 tháng 02 năm 2025"},
        {"2025-03-09", "ngày 09 tháng 3 năm 2025"},
        {"2025-10-10", "ngày 10 tháng 10 năm 2025"},
        {"2024-12-31T17:00:00Z", "ngày 01 tháng 01 năm 2025"},
        {NULL, "ngày      tháng      năm        "},
    };
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(paper_day(&arena, cases[i].day), cases[i].printed);
    arena_release(&arena);
}

// Numbers below 10 get a zero, once; what has no number yet leaves room for it.
static void numbers(void **state)
{
    static const struct {
        const char *number, *symbol, *printed;
    } cases[] = {
        {"5", "QĐ-SNV", "Số: 05/QĐ-SNV"},         {"05", "QĐ-SNV", "Số: 05/QĐ-SNV"},
        {"10", "QĐ-SNV", "Số: 10/QĐ-SNV"},        {"5/QĐ-UBND", "TTr", "Số: 05/QĐ-UBND"},
        {"451/QĐ-UBND", NULL, "Số: 451/QĐ-UBND"}, {NULL, "QĐ-UBND", "Số:        /QĐ-UBND"},
    };
    (void)state;
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(paper_number(&arena, cases[i].number, cases[i].symbol), cases[i].printed);
    assert_string_equal(paper_number_of(&arena, "5/QĐ-UBND"), "05/QĐ-UBND");
    assert_string_equal(paper_number_of(&arena, "05/QĐ-UBND"), "05/QĐ-UBND");
    assert_string_equal(paper_number_of(&arena, "69-QĐ/TW"), "69-QĐ/TW");
    assert_string_equal(paper_number_of(&arena, NULL), "");
    assert_string_equal(paper_count(&arena, 6), "06");
    assert_string_equal(paper_count(&arena, 120), "120");
    assert_string_equal(paper_amount(&arena, 7590000), "7.590.000");
    assert_string_equal(paper_amount(&arena, 100), "100");
    assert_string_equal(paper_decimal(&arena, "72.73"), "72,73");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(file_names), cmocka_unit_test(long_names),
                                       cmocka_unit_test(days), cmocka_unit_test(numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
