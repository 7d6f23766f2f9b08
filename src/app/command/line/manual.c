// thidua(1), made from the table that `--help` shows.
#include "app/command/line/manual.h"

#include "app/command/command.h"
#include "app/command/line/roff.h"

#include <ctype.h>

static void print_bold(FILE *out, const char *text)
{
    fputs("\\fB", out);
    roff_text(out, text);
    fputs("\\fR", out);
}

static void print_option(FILE *out, const struct option *option)
{
    fputs(option->needed ? " " : " [", out);
    print_bold(out, option->name);
    if (option->value)
        fprintf(out, " \\fI%s\\fR", option->value);
    fputs(option->needed ? "" : "]", out);
    fputs(option->many ? " …" : "", out);
}

static void print_synopsis(FILE *out, const struct command *command)
{
    print_bold(out, "thidua ");
    print_bold(out, command->name);
    for (const struct option *option = command->options; option && option->name; option++)
        print_option(out, option);
    if (command->operands)
        fprintf(out, command->operands_needed ? " \\fI%s\\fR" : " [\\fI%s\\fR]", command->operands);
    fputc('\n', out);
}

static void print_command(FILE *out, const struct command *command)
{
    fputs(".SS ", out);
    print_synopsis(out, command);
    fprintf(out, "%c", toupper((unsigned char)command->about[0]));
    roff_text(out, command->about + 1);
    fputs(".\n", out);
    roff_text(out, command->description);
    fputc('\n', out);
    for (const struct option *option = command->options; option && option->name; option++) {
        fputs(".TP\n", out);
        print_bold(out, option->name);
        if (option->value)
            fprintf(out, " \\fI%s\\fR", option->value);
        fputc('\n', out);
        roff_text(out, option->about);
        fputs(".\n", out);
    }
}

int print_manual(FILE *out)
{
    roff_begin(out, "thidua", 1, "emulation campaigns of a province: rules and awards over HTTP");
    fputs(".SH SYNOPSIS\n.B thidua\n.I COMMAND\n.RI [ "
          "\"OPTIONS and OPERANDS\" ]\n.SH COMMANDS\n",
          out);
    for (const struct command *command = all_commands; command->name; command++)
        print_command(out, command);
    fputs(".SH EXIT STATUS\n0 where all went well, 1 where it did not, 2 where a word of the line is wrong.\n"
          ".SH ENVIRONMENT\nEvery setting comes from the environment:\n.BR thidua\\-settings (7).\n"
          ".SH SEE ALSO\n.BR thidua\\-settings (7)\n",
          out);
    return ferror(out) != 0;
}
