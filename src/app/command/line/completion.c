// What bash offers after `thidua`: commands, the options of each, files where a command takes some.
#include "app/command/command.h"
#include "app/command/line/manual.h"

#include <string.h>

// The first words of the names, each once: commands of two words stand one below the other.
static void print_first_words(FILE *out)
{
    const char *before = "";
    for (const struct command *command = all_commands; command->name; command++) {
        size_t length = strcspn(command->name, " ");
        if (strncmp(before, command->name, length) != 0 || (before[length] && before[length] != ' '))
            fprintf(out, "%.*s ", (int)length, command->name);
        before = command->name;
    }
}

// After "key " come the second words of all such commands.
static void print_second_words(FILE *out, const struct command *command)
{
    size_t length = strcspn(command->name, " ");
    if (!command->name[length])
        return;
    fprintf(out, "    \"%.*s \")\n        words='", (int)length, command->name);
    for (const struct command *other = all_commands; other->name; other++)
        if (strncmp(command->name, other->name, length + 1) == 0)
            fprintf(out, "%s ", other->name + length + 1);
    fputs("' ;;\n", out);
}

static void print_words_of(FILE *out, const struct command *command)
{
    fprintf(out, "    \"%s \"*)\n        words='", command->name);
    for (const struct option *option = command->options; option && option->name; option++)
        fprintf(out, "%s ", option->name);
    fputs("--help ", out);
    if (command->run == command_help)
        print_first_words(out);
    fputs("'\n", out);
    if (command->operands_needed) // files
        fputs("        compopt -o default\n", out);
    fputs("        ;;\n", out);
}

int print_completion(FILE *out)
{
    fputs("# Bash completion of thidua, made by `thidua help --completion`.\n"
          "_thidua() {\n"
          "    local before=\"${COMP_WORDS[*]:1:COMP_CWORD-1} \" words=\n"
          "    COMPREPLY=()\n"
          "    case $before in\n"
          "    \" \")\n        words='",
          out);
    print_first_words(out);
    fputs("--help --version' ;;\n", out);
    for (const struct command *command = all_commands; command->name; command++) {
        print_words_of(out, command);
        print_second_words(out, command);
    }
    fputs("    esac\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
          "}\n"
          "complete -F _thidua thidua\n",
          out);
    return ferror(out) != 0;
}
