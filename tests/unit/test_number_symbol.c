#include "testing.h"

#include "thidua/number_symbol.h"

static void check(const char *text, const char *expected)
{
    char written[NUMBER_SYMBOL_SIZE];
    bool good = number_symbol_read(text, strlen(text), written);
    if (good != (expected != NULL))
        fail_msg("\"%s\" should be %s", text, expected ? "accepted" : "refused");
    if (expected && strcmp(written, expected) != 0)
        fail_msg("\"%s\" is written \"%s\", not \"%s\"", text, written, expected);
}

// Domain section 7 and the trap "printed 230 /KH-UBND".
static void documents_of_the_plan_are_read(void **state)
{
    (void)state;
    static const char *const good[] = {"230/KH-UBND", "1082/TTr-SNV",  "15/2024/QĐ-UBND", "69-QĐ/TW",
                                       "12/QĐ-ƯBẾ",   "451/QĐ-CTUBND", "07/qđ-ubnd",      "1/BC"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        check(good[i], good[i]);
    check("230 /KH-UBND", "230/KH-UBND");
}

static void what_looks_alike_is_written_alike(void **state)
{
    (void)state;
    static const char *const alike[] = {
        "451/QĐ-UBND",
        "451 / QĐ - UBND",
        " 451/QĐ-UBND\t",
        "451\u00a0/QĐ-UBND",
        "451\u202f/QĐ\u3000-UBND\u2009",
        "451/Q\u00d0-UBND",
        "451/Q\u0189-UBND",
        "451/QĐ\u2010UBND",
        "451/QĐ\u2011UBND",
        "451/QĐ\u2013UBND",
        "451/QĐ\u2014UBND",
        "451/QĐ\u2212UBND",
        "451\u2044QĐ-UBND",
        "451\u2215QĐ\ufe63UBND",
        "\uff14\uff15\uff11\uff0f\uff31Đ\uff0d\uff35\uff22\uff2e\uff24",
    };
    for (size_t i = 0; i < COUNT_OF(alike); i++)
        check(alike[i], "451/QĐ-UBND");
    check("451/q\u00f0-ubnd", "451/qđ-ubnd");
    check("451/q\u0256-ubnd", "451/qđ-ubnd");
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "   ",
        "KH-UBND",
        "230",
        "230/",
        "/230",
        "230//KH",
        "230/-KH",
        "230/KH-",
        "230/KH;UBND",
        "230/KH\nUBND",
        "230/\xC4",
        "451\u200b/QĐ-UBND",
        "451\u00ad/QĐ-UBND",
        "451/QĐ-UBND\u202e",
        "451/QĐ×UBND",
        "451/\u0410-UBND",        // the Cyrillic letter that looks like A
        "451/Q\u018a-UBND",       // D with a hook
        "451/Q\u010e-UBND",       // D with a caron
        "451/QD\u0335-UBND",      // D with a stroke over it
        "451/Q\u0110\u0301-UBND", // a mark that no letter of Vietnamese has there
        "\u0664\u0665\u0661/QĐ-UBND",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        check(bad[i], NULL);
}

static void it_is_at_most_64_bytes_as_we_write_it(void **state)
{
    (void)state;
    char most[80] = "1/", more[80] = "1 /";
    memset(most + 2, 'A', NUMBER_SYMBOL_MOST_BYTES - 2);
    memset(more + 3, 'A', NUMBER_SYMBOL_MOST_BYTES - 2);
    check(most, most);
    check(more, most);
    more[strlen(more)] = 'A';
    check(more, NULL);
}

static void blanks_of_a_sentence_keep_words_apart(void **state)
{
    (void)state;
    static const char *const alone[] = {"230/KH-UBND", "230 /KH-UBND", " 230 /\u00a0KH \u2013 UBND\u2009"},
                             *const sentences[] = {"230/KH-UBND ngày",
                                                   "230/KH-UBND\u00a0ngày",
                                                   "230/KH-UBND\u3000ngày 1",
                                                   "1 230/KH-UBND",
                                                   "230 \u2215 KH UBND",
                                                   "\xC4",
                                                   ""};
    char written[NUMBER_SYMBOL_SIZE];
    for (size_t i = 0; i < COUNT_OF(alone); i++) {
        assert_true(number_symbol_stands_alone(alone[i], strlen(alone[i]), written));
        assert_string_equal(written, "230/KH-UBND");
    }
    for (size_t i = 0; i < COUNT_OF(sentences); i++)
        assert_false(number_symbol_stands_alone(sentences[i], strlen(sentences[i]), written));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_the_plan_are_read),
        cmocka_unit_test(what_looks_alike_is_written_alike),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(it_is_at_most_64_bytes_as_we_write_it),
        cmocka_unit_test(blanks_of_a_sentence_keep_words_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
