// The program's build is told by what the linker left in its file.
#include "base/build_id.h"
#include "testing.h"

#include <stdio.h>

static void it_is_a_digest_and_stays(void **state)
{
    (void)state;
    char first[65];
    assert_int_equal(strlen(build_id()), sizeof first - 1);
    assert_int_equal(strspn(build_id(), "0123456789abcdef"), sizeof first - 1);
    memcpy(first, build_id(), sizeof first);
    assert_string_equal(build_id(), first);
}

// Not drawn: another process of the same file says the same.
static void another_process_says_the_same(void **state)
{
    (void)state;
    char said[65] = "";
    FILE *other = popen("/proc/$PPID/exe --say", "r");
    assert_non_null(other);
    assert_non_null(fgets(said, sizeof said, other));
    assert_int_equal(pclose(other), 0);
    assert_string_equal(said, build_id());
}

int main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "--say") == 0)
        return puts(build_id()) < 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_digest_and_stays),
        cmocka_unit_test(another_process_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
