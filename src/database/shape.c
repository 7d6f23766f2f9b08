#include "database/shape.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_DIGITS = 4 };

static bool is_from(const struct statement *statement, int parameter, const char *source)
{
    return statement->sources[parameter] && strcmp(statement->sources[parameter], source) == 0;
}

static bool is_limit(const struct statement *statement, int parameter)
{
    return is_from(statement, parameter, "?limit");
}

static bool is_right(const struct statement *statement, int parameter)
{
    return is_from(statement, parameter, "@offices") || is_from(statement, parameter, "@operators") ||
           is_from(statement, parameter, "@drafts");
}

// The day as of which a list is told leaves nothing out by itself: one plan serves any.
static bool is_filter(const struct statement *statement, int parameter)
{
    const char *source = statement->sources[parameter];
    return source && source[0] == '?' && !is_limit(statement, parameter) && !is_from(statement, parameter, "?cursor") &&
           !is_from(statement, parameter, "?on");
}

struct shape shape_of(const struct statement *statement, const char *const values[])
{
    struct shape shape = {.statement = statement};
    for (int i = 0; i < statement->parameters; i++) {
        shape.given |= values[i] ? 1U << i : 0;
        if (is_right(statement, i))
            shape.rights |= values[i] && strcmp(values[i], "true") == 0 ? 1U << i : 0;
        if (is_limit(statement, i) && values[i] && strlen(values[i]) <= LIMIT_DIGITS)
            shape.limit = (unsigned)strtoul(values[i], NULL, 10);
    }
    return shape;
}

bool shape_plan_lasts(const struct shape *shape)
{
    for (int i = 0; i < shape->statement->parameters; i++)
        if (shape->given >> i & 1 && is_filter(shape->statement, i))
            return false;
    return true;
}

static const char *after_type(const char *at)
{
    if (strncmp(at, "::", 2) != 0)
        return at;
    at += 2;
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    return strncmp(at, "[]", 2) == 0 ? at + 2 : at;
}

static const char *after_word(const char *at, const char *word)
{
    size_t length = strlen(word);
    return strncmp(at, word, length) == 0 ? at + length : NULL;
}

// A use of a parameter, from its $ on: writes what stands there in this shape, and moves on behind what that replaces.
static char *write_use(char *out, const char **at, const struct shape *shape, unsigned *used)
{
    char *digits;
    const char *name = *at;
    unsigned number = (unsigned)strtoul(name + 1, &digits, 10) - 1;
    bool given = shape->given >> number & 1;
    const char *type = after_type(digits), *missing = after_word(type, " IS NULL");
    const char *asked = missing ? missing : after_word(type, " IS NOT NULL");
    if (asked) {
        *at = asked;
        return stpcpy(out, given == !missing ? "true" : "false");
    }
    if (!given && type > digits) {
        *at = digits;
        return stpcpy(out, "NULL");
    }
    *at = digits;
    if (shape->limit && is_limit(shape->statement, (int)number))
        return out + snprintf(out, LIMIT_DIGITS + 1, "%u", shape->limit);
    if (given && is_right(shape->statement, (int)number))
        return stpcpy(out, shape->rights >> number & 1 ? "true" : "false");
    *used |= 1U << number;
    return stpncpy(out, name, (size_t)(digits - name));
}

char *shape_text(const struct shape *shape, unsigned *ret_used)
{
    const char *at = shape->statement->sql;
    char *text = malloc(3 * strlen(at) + LIMIT_DIGITS + 1), *out = text; // the longest: false for $1
    *ret_used = 0;
    while (text && *at) {
        if (*at == '$' && isdigit((unsigned char)at[1])) {
            out = write_use(out, &at, shape, ret_used);
        } else {
            *out++ = *at++;
        }
    }
    if (text)
        *out = '\0';
    return text;
}

// PostgreSQL finds the type of a parameter where it is used. Of others it wants to be told one.
static char *text_and_types(const struct shape *shape, Oid ret_types[])
{
    enum { ANY = 0, TEXT = 25 };
    unsigned used;
    char *text = shape_text(shape, &used);
    for (int i = 0; i < shape->statement->parameters; i++)
        ret_types[i] = used >> i & 1 ? ANY : TEXT;
    return text;
}

bool shape_run(PGconn *connection, const struct shape *shape, const char *const values[])
{
    Oid types[STATEMENT_PARAMETERS_MAX];
    const struct statement *statement = shape->statement;
    char *text = text_and_types(shape, types);
    bool sent = text && PQsendQueryParams(connection, text, statement->parameters, types, values, NULL, NULL,
                                          statement->binary) == 1;
    free(text);
    return sent;
}

// ---- what a connection keeps plans of ----

// Its place, or where to put it; NULL: there is no room.
static struct shape *place_of(struct shapes *shapes, const struct shape *shape, bool *ret_known)
{
    struct shape *empty = NULL;
    *ret_known = false;
    for (struct shape *place = shapes->places; place < shapes->places + SHAPES_MAX; place++) {
        if (place->statement == shape->statement && place->given == shape->given && place->limit == shape->limit &&
            place->rights == shape->rights) {
            *ret_known = true;
            return place;
        }
        if (!place->statement && !empty)
            empty = place;
    }
    return empty;
}

// Between syncs of its own: no query that fails takes it along.
static bool prepare_shape(PGconn *connection, const char *name, const struct shape *shape)
{
    Oid types[STATEMENT_PARAMETERS_MAX];
    char *text = text_and_types(shape, types);
    bool sent = text && PQpipelineSync(connection) == 1 &&
                PQsendPrepare(connection, name, text, shape->statement->parameters, types) == 1 &&
                PQpipelineSync(connection) == 1;
    free(text);
    return sent;
}

bool shapes_send(struct shapes *shapes, PGconn *connection, const struct statement *list, const char *const values[],
                 struct shape **ret_preparing)
{
    bool known;
    struct shape shape = shape_of(list, values);
    struct shape *place = shape_plan_lasts(&shape) ? place_of(shapes, &shape, &known) : NULL;
    char name[24];
    if (!place)
        return shape_run(connection, &shape, values);
    snprintf(name, sizeof name, "shape_%d", (int)(place - shapes->places));
    *ret_preparing = known ? NULL : place;
    if (!known && !prepare_shape(connection, name, &shape))
        return false;
    *place = shape;
    return PQsendQueryPrepared(connection, name, list->parameters, values, NULL, NULL, list->binary) == 1;
}

void shape_forget(struct shape *place)
{
    place->statement = NULL;
}
