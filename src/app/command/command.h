// The command line. Each command is a row of the table in table.c: reading its words, --help and `thidua help` come
// from there.
#ifndef THIDUA_APP_COMMAND_COMMAND_H
#define THIDUA_APP_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct option {
    const char *name;  // "--year"
    const char *value; // how help calls its value; NULL: it takes none
    const char *about;
    bool needed, many;                       // must be given; may be given more than once
    const char *(*fault)(const char *value); // what the value must be, where it is not; NULL: any text
};

// What was given to a command: its options in the order of the line, and the words that belong to none.
struct arguments {
    const struct command *command;
    struct given {
        const struct option *option;
        const char *value;
    } * given;
    size_t given_count;
    const char **operands;
    size_t operand_count;
};

struct command {
    const char *name;                              // one word or two: "serve", "key create"
    const char *operands;                          // how help calls them, such as "FILE …"; NULL: it takes none
    bool operands_needed;                          // at least one
    const struct option *options;                  // ends with one without name; NULL: none
    const char *about;                             // one line
    const char *description;                       // sentences
    int (*run)(const struct arguments *arguments); // returns the exit status
};
extern const struct command all_commands[]; // ends with one without name

enum { EXIT_USAGE = 2 };

// Reads the words after the command's name. False after a line that names the wrong one, and the usage.
bool arguments_read(const struct command *command, int count, char *words[], struct arguments *ret_arguments);
void arguments_free(struct arguments *arguments);
// The value of the first option of that name; NULL where it was not given.
const char *argument(const struct arguments *arguments, const char *name);
bool argument_given(const struct arguments *arguments, const char *name);

// The command by which the line begins, and of how many words its name is; NULL: none.
const struct command *command_of_words(int count, char *words[], int *ret_length);
// One line on standard error about a word that begins no command.
void print_no_command(int count, char *words[]);
void print_usage(FILE *out, const struct command *command);
void print_help(FILE *out, const struct command *command);
void print_all_help(FILE *out);

int command_serve(const struct arguments *arguments);
int command_migrate(const struct arguments *arguments);
int command_load(const struct arguments *arguments);
int command_key_create(const struct arguments *arguments);
int command_evaluate(const struct arguments *arguments);
int command_restored(const struct arguments *arguments);
int command_verify(const struct arguments *arguments);
int command_head(const struct arguments *arguments);
int command_health(const struct arguments *arguments);
int command_settings(const struct arguments *arguments);
int command_routes(const struct arguments *arguments);
int command_version(const struct arguments *arguments);
int command_help(const struct arguments *arguments);

#endif
