// The log beside a fork.
#include "base/log.h"

#include "testing.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TALKERS = 2, CHILDREN = 200, PATIENCE_SECONDS = 5 };

static atomic_bool over;

static void *talk(void *argument)
{
    (void)argument;
    while (!atomic_load(&over))
        log_event(LOG_INFO, "talk", log_text("of", "nothing"));
    return NULL;
}

// As libraries do, each under a lock of libc that no fork takes.
static void *tell_the_time(void *argument)
{
    (void)argument;
    struct tm parts;
    for (time_t now = time(NULL); !atomic_load(&over); now++)
        gmtime_r(&now, &parts);
    return NULL;
}

// Another thread is in the middle of a line or of libc, and in the child there is no such thread that would end it.
static void a_child_of_a_fork_may_log(void **state)
{
    (void)state;
    pthread_t talkers[TALKERS], teller;
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC), kept = dup(STDERR_FILENO), hung = 0;
    assert_true(null >= 0 && kept >= 0 && dup2(null, STDERR_FILENO) == STDERR_FILENO);
    log_setup(true);
    for (size_t i = 0; i < TALKERS; i++)
        assert_int_equal(pthread_create(&talkers[i], NULL, talk, NULL), 0);
    assert_int_equal(pthread_create(&teller, NULL, tell_the_time, NULL), 0);
    for (int i = 0; i < CHILDREN && !hung; i++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            alarm(PATIENCE_SECONDS);
            log_event(LOG_INFO, "child", log_number("number", i));
            _exit(0);
        }
        hung = child < 0 || waitpid(child, &status, 0) != child || status != 0;
    }
    atomic_store(&over, true);
    for (size_t i = 0; i < TALKERS; i++)
        pthread_join(talkers[i], NULL);
    pthread_join(teller, NULL);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(null);
    assert_int_equal(hung, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_of_a_fork_may_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
