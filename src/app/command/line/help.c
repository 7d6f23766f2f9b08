// `thidua help [COMMAND]`, and which command the words of a line name.
#include "app/command/command.h"

#include "app/command/line/manual.h"
#include "base/nearest.h"
#include "commit.h"

#include <string.h>

// How many words of the line are the command's name; 0: they are not.
static int name_length(const struct command *command, int count, char *words[])
{
    const char *second = strchr(command->name, ' ');
    size_t first = second ? (size_t)(second - command->name) : strlen(command->name);
    if (count < 1 || strlen(words[0]) != first || strncmp(words[0], command->name, first) != 0)
        return 0;
    if (!second)
        return 1;
    return count > 1 && strcmp(words[1], second + 1) == 0 ? 2 : 0;
}

const struct command *command_of_words(int count, char *words[], int *ret_length)
{
    for (const struct command *command = all_commands; command->name; command++)
        if ((*ret_length = name_length(command, count, words)))
            return command;
    return NULL;
}

// With the first word of a name of two, whatever comes after it.
static bool begins_as(const char *line, const struct command *command)
{
    size_t first = strcspn(command->name, " ");
    return command->name[first] && strcspn(line, " ") == first && strncmp(line, command->name, first) == 0;
}

// NULL: none is near.
static const struct command *nearest_command(const char *line)
{
    const struct command *nearest = NULL;
    for (const struct command *command = all_commands; command->name; command++)
        if ((begins_as(line, command) || is_near(line, command->name)) &&
            (!nearest || edit_distance(line, command->name) < edit_distance(line, nearest->name)))
            nearest = command;
    return nearest;
}

void print_no_command(int count, char *words[])
{
    char line[128];
    bool two = count > 1 && words[1][0] != '-';
    snprintf(line, sizeof line, "%s%s%s", words[0], two ? " " : "", two ? words[1] : "");
    const struct command *nearest = nearest_command(line + strspn(line, "-"));
    fprintf(stderr, "thidua: %s: there is no such command; %s%s%s`thidua help` lists them all\n", line,
            nearest ? "did you mean " : "", nearest ? nearest->name : "", nearest ? "? " : "");
}

void print_all_help(FILE *out)
{
    fputs("thidua: phong trào thi đua, rules and awards over HTTP\n\nUsage: thidua COMMAND\n\n", out);
    for (const struct command *command = all_commands; command->name; command++)
        fprintf(out, "  %-12s %s\n", command->name, command->about);
    fputs(
        "\nthidua help COMMAND tells all about one. Settings come from the environment: thidua settings shows them.\n",
        out);
}

int command_help(const struct arguments *arguments)
{
    int length;
    if (argument_given(arguments, "--man"))
        return print_manual(stdout);
    if (argument_given(arguments, "--completion"))
        return print_completion(stdout);
    char **words = (char **)(void *)arguments->operands;
    int count = (int)arguments->operand_count;
    if (!count) {
        print_all_help(stdout);
        return 0;
    }
    const struct command *command = command_of_words(count, words, &length);
    if (command && length == count) {
        print_help(stdout, command);
        return 0;
    }
    print_no_command(count, words);
    return EXIT_USAGE;
}

int command_version(const struct arguments *arguments)
{
    (void)arguments;
    return puts("thidua " THIDUA_VERSION " (" THIDUA_COMMIT ")") < 0;
}
