// Blanks outside strings go, and nothing else: held against a reader that looks at one character after another.
#include "base/pure/json_spelling.h"

#include "testing.h"

enum { TEXTS = 50000, MOST = 40 };

static size_t slowly(const char *json, size_t length, char *out)
{
    size_t written = 0;
    bool in_string = false, escaped = false;
    for (size_t i = 0; i < length; i++) {
        if (!in_string && strchr(" \n\t\r", json[i]))
            continue;
        out[written++] = json[i];
        if (json[i] == '"' && !escaped)
            in_string = !in_string;
        escaped = in_string && !escaped && json[i] == '\\';
    }
    return written;
}

// Also of texts that break off: a string without an end reaches to the end.
static void keeps_strings_and_drops_blanks(void **unused)
{
    (void)unused;
    static const char characters[] = "\"\"\"\\\\ \n{}:,a1";
    uint64_t state = 7;
    for (int i = 0; i < TEXTS; i++) {
        char json[MOST], expected[MOST], found[MOST];
        size_t length = random_below(&state, MOST);
        for (size_t c = 0; c < length; c++)
            json[c] = characters[random_below(&state, sizeof characters - 1)];
        size_t size = slowly(json, length, expected);
        assert_int_equal(json_spell(json, length, found), size);
        assert_memory_equal(found, expected, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_strings_and_drops_blanks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
