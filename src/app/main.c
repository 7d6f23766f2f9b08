#include "app/command/command.h"
#include "app/features.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static bool asks_for_help(int count, char *words[])
{
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

static int run_command(const struct command *command, int count, char *words[])
{
    struct arguments arguments;
    int status = arguments_read(command, count, words, &arguments) ? command->run(&arguments) : EXIT_USAGE;
    arguments_free(&arguments);
    return status;
}

// Memory holds passwords and keys. A handler of core dumps that is a pipe heeds the filter, not the limit.
static void dump_no_memory(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    int filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
    if (filter < 0)
        return;
    ssize_t written = write(filter, "0", 1);
    (void)written;
    close(filter);
}

// Else the next file would have the number of one that was closed: a connection to PostgreSQL that of the log. What is
// written to it fails, as before.
static void hold_standard_numbers(void)
{
    int held = 0;
    while (held >= 0 && held <= STDERR_FILENO)
        held = open("/dev/null", O_RDONLY); // NOLINT(android-cloexec-open): the three standard ones
    if (held > STDERR_FILENO)
        close(held);
}

static int obey(int count, char *words[])
{
    int length;
    if (!count) {
        print_all_help(stderr);
        return EXIT_USAGE;
    }
    if (asks_for_help(1, words)) {
        print_all_help(stdout);
        return 0;
    }
    if (strcmp(words[0], "--version") == 0)
        return command_version(NULL);
    const struct command *command = command_of_words(count, words, &length);
    if (!command) {
        print_no_command(count, words);
        return EXIT_USAGE;
    }
    if (asks_for_help(count - length, words + length)) {
        print_help(stdout, command);
        return 0;
    }
    return run_command(command, count - length, words + length);
}

// A script must not go on as if it had a key, or the journal's head, that a full disk did not take.
static int whole_or_failed(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fputs("thidua: what was to be printed could not be written\n", stderr);
    return status ? status : 1;
}

int main(int count, char *words[])
{
    hold_standard_numbers();
    dump_no_memory();
    features_register();
    return whole_or_failed(obey(count - 1, words + 1));
}
