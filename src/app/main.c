#include "app/command/command.h"

#include <string.h>

static bool asks_for_help(int count, char *words[])
{
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0)
            return true;
    return false;
}

static int run(const struct command *command, int count, char *words[])
{
    struct arguments arguments;
    int status = arguments_read(command, count, words, &arguments) ? command->run(&arguments) : EXIT_USAGE;
    arguments_free(&arguments);
    return status;
}

int main(int count, char *words[])
{
    int length;
    count--, words++;
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
    return run(command, count - length, words + length);
}
