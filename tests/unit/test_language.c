// Accept-Language as RFC 9110 sections 12.4.2 and 12.5.4 have it, for the two languages that there are.
#include "testing.h"

#include "http/input/language.h"

static const struct {
    const char *accepted;
    enum language wanted;
} cases[] = {
    // Nothing decides: Vietnamese.
    {NULL, VIETNAMESE},
    {"", VIETNAMESE},
    {"*", VIETNAMESE},
    {"fr, de;q=0.5", VIETNAMESE},
    {",,;q=1,", VIETNAMESE},
    {"english, vietnamese;q=0.5", VIETNAMESE},
    {"en;q=0", VIETNAMESE},
    {"en;q=0, vi;q=0", VIETNAMESE},
    // One is named.
    {"vi", VIETNAMESE},
    {"en", ENGLISH},
    {"EN", ENGLISH},
    {"en-US", ENGLISH},
    {"fr-FR, en-GB;q=0.001", ENGLISH},
    {"vi-VN", VIETNAMESE},
    // Both: by weight, wherever they stand.
    {"en;q=0.1, vi;q=0.9", VIETNAMESE},
    {"vi;q=0.1, en;q=0.9", ENGLISH},
    {"vi;q=0.8,en", ENGLISH},
    {"vi ; q=0.800 , en ; q=0.801", ENGLISH},
    {"vi;Q=0.5, en;Q=0.6", ENGLISH},
    {"en;q=1.000, vi;q=0.999", ENGLISH},
    {"en-US,en;q=0.9,vi;q=0.95", VIETNAMESE}, // "en" is what English is: more exact than one region's
    {"en-US;q=0.3, en-GB;q=0.9, vi;q=0.5", ENGLISH},
    // Equals: the first.
    {"en, vi", ENGLISH},
    {"vi, en", VIETNAMESE},
    {"en-AU;q=0.7, vi-VN;q=0.7", ENGLISH},
    // 0 is not wanted; * is whatever is not named.
    {"vi;q=0, en", ENGLISH},
    {"vi;q=0", ENGLISH},
    {"vi;q=0, *;q=0.1", ENGLISH},
    {"*, vi;q=0", ENGLISH},
    {"*;q=0.5, en;q=0.1", VIETNAMESE},
    {"*;q=0.5, vi;q=0.1", ENGLISH},
    {"*;q=0, en;q=0.1", ENGLISH},
    {"*;q=0", VIETNAMESE},
};

static void preferred(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (language_preferred(cases[i].accepted) != cases[i].wanted)
            print_error("Accept-Language: %s\n", cases[i].accepted);
        assert_int_equal(language_preferred(cases[i].accepted), cases[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(preferred)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
