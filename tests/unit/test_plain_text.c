#include "testing.h"

#include "thidua/plain_text.h"

#include <stdio.h>

static const struct {
    const char *text;
    enum text_fault fault;
    size_t characters;
} samples[] = {
    {"", TEXT_FINE, 0},
    {"Sở Nội vụ\n\tphòng 1", TEXT_FINE, 18},
    {"\u00a0x\u200b", TEXT_FINE, 3},
    {"👩\u200d💻 \U0001F3F4", TEXT_FINE, 5},
    {"\u0600", TEXT_FINE, 1}, // a format character, but one that is seen
    {"\u200fشكر", TEXT_FINE, 4},
    {"a\x1b", TEXT_CONTROL, 0},
    {"a\x7f", TEXT_CONTROL, 0},
    {"a\xc2\x85", TEXT_CONTROL, 0},
    {"\u202ea\r", TEXT_CONTROL, 0},
    {"a\ufffd", TEXT_BROKEN, 2},
    {"a\ufdd0", TEXT_BROKEN, 2},
    {"\ufdef", TEXT_BROKEN, 1},
    {"a\uffff", TEXT_BROKEN, 2},
    {"a\U0001fffe", TEXT_BROKEN, 2},
    {"a\U0010ffff", TEXT_BROKEN, 2},
    {" ", TEXT_UNSEEN, 1},
    {"\n\t", TEXT_UNSEEN, 2},
    {"\u00a0\u2003\u3000", TEXT_UNSEEN, 3},
    {"\u200b\u200c\u200d\u2060\ufeff", TEXT_UNSEEN, 5},
    {"\u00ad", TEXT_UNSEEN, 1},
    {"\u2028", TEXT_UNSEEN, 1},
    {"\u2800", TEXT_UNSEEN, 1},
    {"\u3164\uffa0", TEXT_UNSEEN, 2},
    {"\ufe0f", TEXT_UNSEEN, 1},
    {"\U000E0041\U000E0100", TEXT_UNSEEN, 2},
};

static void what_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        size_t characters = 0;
        enum text_fault fault = text_examine(samples[i].text, strlen(samples[i].text), &characters);
        if (fault != samples[i].fault || characters != samples[i].characters)
            fail_msg("sample %zu: fault %d, %zu characters", i, (int)fault, characters);
    }
}

static void what_is_seen_first(void **state)
{
    (void)state;
    static const char *const before[] = {"", " \n\t", "\ufeff", "\u200b\u00ad\u2060", "\U000E0041"};
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        char text[32];
        snprintf(text, sizeof text, "%s=1 ", before[i]);
        assert_string_equal(text_seen(text), "=1 ");
        assert_string_equal(text_seen(before[i]), "");
    }
}

// All of them and none of their neighbours, alone (before "unseen") and among letters.
static void bidi_controls(void **state)
{
    (void)state;
    for (unsigned low = 0; low < 0x70; low++) {
        char text[] = {'a', '\xe2', (char)(0x80 | low >> 6), (char)(0x80 | (low & 0x3f)), 'b', '\0'};
        size_t characters;
        bool turns = (low >= 0x2a && low <= 0x2e) || (low >= 0x66 && low <= 0x69);
        assert_int_equal(text_examine(text, 5, &characters), turns ? TEXT_BIDI : TEXT_FINE);
        assert_int_equal(characters, 3);
        assert_true(!turns || text_examine(text + 1, 3, &characters) == TEXT_BIDI);
    }
}

static void a_line_is_trimmed_and_squeezed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } lines[] = {
        {"", ""},
        {"Sở Y tế", "Sở Y tế"},
        {"  Sở  Y \u00a0 tế\u3000", "Sở Y tế"},
        {"Sở\u00a0Y tế", "Sở\u00a0Y tế"},
        {"\u00a0a\u2003\u2003b ", "a b"},
        {"a\nb", NULL},
        {"a\tb", NULL},
        {"a \n", NULL},
        {" \ta", NULL},
        {"a\u2028b", NULL},
        {"a  \u2029", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char text[64];
        memcpy(text, lines[i].text, strlen(lines[i].text) + 1);
        bool good = text_make_line(text);
        if (good != (lines[i].line != NULL) || (good && strcmp(text, lines[i].line) != 0))
            fail_msg("line %zu became \"%s\"", i, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_seen), cmocka_unit_test(what_is_seen_first),
                                       cmocka_unit_test(bidi_controls),
                                       cmocka_unit_test(a_line_is_trimmed_and_squeezed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
