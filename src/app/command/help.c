// `thidua help [COMMAND]`, and which command the words of a line name.
#include "app/command/command.h"

#include "base/nearest.h"

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

// 0 for the first word of a name of two.
static unsigned distance(const char *line, const struct command *command)
{
    size_t length = strlen(line);
    bool begins = strncmp(line, command->name, length) == 0 && command->name[length] == ' ';
    return begins ? 0 : edit_distance(line, command->name);
}

void print_no_command(int count, char *words[])
{
    char line[128];
    bool two = count > 1 && words[1][0] != '-';
    snprintf(line, sizeof line, "%s%s%s", words[0], two ? " " : "", two ? words[1] : "");
    const struct command *nearest = all_commands;
    for (const struct command *command = all_commands; command->name; command++)
        if (distance(line, command) < distance(line, nearest))
            nearest = command;
    fprintf(stderr, "thidua: %s: there is no such command; did you mean %s? `thidua help` lists them all\n", line,
            nearest->name);
}

// ---- what is printed ----

static void print_option(FILE *out, const struct option *option)
{
    fprintf(out, option->needed ? " %s" : " [%s", option->name);
    if (option->value)
        fprintf(out, " %s", option->value);
    if (!option->needed)
        fputc(']', out);
    if (option->many)
        fputs(" …", out);
}

static void print_synopsis(FILE *out, const struct command *command)
{
    fprintf(out, "thidua %s", command->name);
    for (const struct option *option = command->options; option && option->name; option++)
        print_option(out, option);
    if (command->operands)
        fprintf(out, command->operands_needed ? " %s" : " [%s]", command->operands);
}

void print_usage(FILE *out, const struct command *command)
{
    fputs("Usage: ", out);
    print_synopsis(out, command);
    fputc('\n', out);
}

void print_help(FILE *out, const struct command *command)
{
    print_usage(out, command);
    fprintf(out, "\n%s: %s.\n%s\n", command->name, command->about, command->description);
    for (const struct option *option = command->options; option && option->name; option++)
        fprintf(out, "%s  %s%s%s\n      %s\n", option == command->options ? "\n" : "", option->name,
                option->value ? " " : "", option->value ? option->value : "", option->about);
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
    return puts("thidua " THIDUA_VERSION) < 0;
}
