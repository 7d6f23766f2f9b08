// Temporary files hold no more together than they may, however many grow at once, and what is closed makes room.
#include "base/temporary.h"
#include "testing.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

enum { MOST = 1000, THREADS = 4, TIMES = 1000 };
static const char bytes[MOST];

static void what_does_not_fit_is_not_written(void **state)
{
    (void)state;
    struct temporary one, other;
    assert_true(temporary_open(&one) && temporary_open(&other));
    assert_true(temporary_write(&one, bytes, 600, 0));
    assert_true(temporary_write(&one, bytes, 100, 200)); // within it
    assert_int_equal(temporary_bytes(), 600);
    assert_false(temporary_write(&other, bytes, 401, 0));
    assert_int_equal(errno, EDQUOT);
    assert_int_equal(lseek(other.descriptor, 0, SEEK_END), 0);
    assert_true(temporary_write(&other, bytes, 400, 0));
    assert_true(temporary_empty(&one));
    assert_int_equal(temporary_bytes(), 400);
    assert_int_equal(write(one.descriptor, bytes, 601), 601); // as a library does
    assert_false(temporary_measure(&one));
    assert_int_equal(errno, EDQUOT);
    temporary_close(&other);
    assert_true(temporary_measure(&one));
    assert_int_equal(one.size, 601);
    assert_true(temporary_reserve(&one, 399));
    assert_false(temporary_reserve(&one, 1));
    assert_true(temporary_measure(&one)); // what was reserved and not written makes room
    assert_int_equal(temporary_bytes(), 601);
    temporary_close(&one);
    temporary_close(&one); // once more does no harm
    assert_int_equal(temporary_bytes(), 0);
}

static void *fill(void *beyond)
{
    for (int i = 0; i < TIMES; i++) {
        struct temporary file;
        if (!temporary_open(&file))
            return beyond;
        for (int piece = 0; piece < 5; piece++)
            temporary_write(&file, bytes, MOST / 10, file.size);
        *(bool *)beyond |= temporary_bytes() > MOST;
        temporary_close(&file);
    }
    return NULL;
}

static void many_at_once_keep_it_together(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    bool beyond[THREADS] = {false};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fill, &beyond[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
        assert_false(beyond[i]);
    }
    assert_int_equal(temporary_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_does_not_fit_is_not_written),
                                       cmocka_unit_test(many_at_once_keep_it_together)};
    temporary_bound(MOST);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
