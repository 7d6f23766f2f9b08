#include "app/command/load/load.h"

#include "http/input/field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTER_SIZE = 256, DEPTH_MAX = 64 };

// `pointer`: to the value, as far as there is room for it.
static bool take_texts(const char *file, json_t *value, const char *pointer, unsigned depth);

static bool take_line(const char *file, json_t *value, const char *pointer)
{
    const char *fault;
    char *line = line_from(json_string_value(value), json_string_length(value), &fault);
    bool good = line && json_string_set(value, line) == 0;
    if (!good)
        fprintf(stderr, "thidua load: %s: %s %s\n", file, pointer, line ? "is too large for the memory" : fault);
    free(line);
    return good;
}

static bool take_member(const char *file, const char *name, json_t *member, const char *pointer, unsigned depth)
{
    char below[POINTER_SIZE];
    const char *fault;
    char *line = line_from(name, strlen(name), &fault);
    bool good = line && strcmp(line, name) == 0;
    free(line);
    snprintf(below, sizeof below, "%s/%s", pointer, name);
    if (!good)
        fprintf(stderr, "thidua load: %s: %s: the member's name must be one line without needless blanks\n", file,
                below);
    return take_texts(file, member, below, depth) && good;
}

static bool take_texts(const char *file, json_t *value, const char *pointer, unsigned depth)
{
    bool good = true;
    char below[POINTER_SIZE];
    const char *name;
    size_t i;
    json_t *member;
    if (depth > DEPTH_MAX) {
        fprintf(stderr, "thidua load: %s: %s lies deeper than %d levels\n", file, pointer, DEPTH_MAX);
        return false;
    }
    if (json_is_string(value))
        return take_line(file, value, pointer);
    json_object_foreach(value, name, member) good = take_member(file, name, member, pointer, depth + 1) && good;
    json_array_foreach(value, i, member)
    {
        snprintf(below, sizeof below, "%s/%zu", pointer, i);
        good = take_texts(file, member, below, depth + 1) && good;
    }
    return good;
}

bool load_texts(const char *file, json_t *json)
{
    return take_texts(file, json, "", 0);
}
