// What a command takes, in one line and in full.
#include "app/command/command.h"

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
