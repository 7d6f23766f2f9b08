// How the words of a command line become the options and operands of its command.
#include "app/command/command.h"

#include "base/nearest.h"

#include <stdlib.h>
#include <string.h>

static bool refuse_word(const struct command *command, const char *word, const char *reason, const char *meant)
{
    fprintf(stderr, "thidua %s: %s%s%s%s%s\n", command->name, reason, word ? " " : "", word ? word : "",
            meant ? "; did you mean " : "", meant ? meant : "");
    print_usage(stderr, command);
    return false;
}

static const struct option *option_named(const struct command *command, const char *name, size_t length)
{
    for (const struct option *option = command->options; option && option->name; option++)
        if (strlen(option->name) == length && strncmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

// NULL: none is near.
static const char *nearest_option(const struct command *command, const char *word)
{
    const char *nearest = NULL;
    for (const struct option *option = command->options; option && option->name; option++)
        if (is_near(word, option->name) &&
            (!nearest || edit_distance(word, option->name) < edit_distance(word, nearest)))
            nearest = option->name;
    return nearest;
}

const char *argument(const struct arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0)
            return arguments->given[i].value;
    return NULL;
}

bool argument_given(const struct arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0)
            return true;
    return false;
}

static bool value_fits(const struct command *command, const struct option *option, const char *value)
{
    const char *fault = option->fault ? option->fault(value) : NULL;
    if (!fault)
        return true;
    fprintf(stderr, "thidua %s: %s %s: %s\n", command->name, option->name, value, fault);
    print_usage(stderr, command);
    return false;
}

// "--year 2024" or "--year=2024": words[*i], and the word after it where that is the value.
static bool read_option(struct arguments *arguments, int count, char *words[], int *i)
{
    const struct command *command = arguments->command;
    const char *word = words[*i], *value = NULL;
    size_t length = strcspn(word, "=");
    const struct option *option = option_named(command, word, length);
    if (!option)
        return refuse_word(command, word, "unknown option", nearest_option(command, word));
    if (!option->many && argument_given(arguments, option->name))
        return refuse_word(command, option->name, "given twice:", NULL);
    if (word[length] && !option->value)
        return refuse_word(command, option->name, "no value belongs to", NULL);
    if (option->value) {
        value = word[length] ? word + length + 1 : *i + 1 < count ? words[++*i] : NULL;
        if (!value)
            return refuse_word(command, option->name, "a value is missing after", NULL);
        if (!value_fits(command, option, value))
            return false;
    }
    arguments->given[arguments->given_count++] = (struct given){option, value};
    return true;
}

static bool take_operand(struct arguments *arguments, const char *word)
{
    if (!arguments->command->operands)
        return refuse_word(arguments->command, word, "unknown word", NULL);
    arguments->operands[arguments->operand_count++] = word;
    return true;
}

static bool nothing_required_is_missing(const struct arguments *arguments)
{
    const struct command *command = arguments->command;
    for (const struct option *option = command->options; option && option->name; option++)
        if (option->needed && !argument_given(arguments, option->name))
            return refuse_word(command, option->name, "missing:", NULL);
    if (command->operands_needed && !arguments->operand_count)
        return refuse_word(command, command->operands, "missing:", NULL);
    return true;
}

bool arguments_read(const struct command *command, int count, char *words[], struct arguments *ret_arguments)
{
    size_t room = (size_t)count + 1;
    *ret_arguments = (struct arguments){
        .command = command,
        .given = calloc(room, sizeof *ret_arguments->given),
        .operands = calloc(room, sizeof *ret_arguments->operands),
    };
    if (!ret_arguments->given || !ret_arguments->operands)
        return refuse_word(command, NULL, "out of memory", NULL);
    for (int i = 0; i < count; i++)
        if (words[i][0] == '-' ? !read_option(ret_arguments, count, words, &i) : !take_operand(ret_arguments, words[i]))
            return false;
    return nothing_required_is_missing(ret_arguments);
}

void arguments_free(struct arguments *arguments)
{
    free(arguments->given);
    free(arguments->operands);
    *arguments = (struct arguments){0};
}
