#include "app/command/line/faults.h"

#include "http/input/field.h"
#include "keys/keys.h"
#include "thidua/civil.h"
#include "thidua/identifier.h"
#include "thidua/plain_text.h"
#include "thidua/roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS_MOST = 36500 };

// As POST /v1/keys takes it.
const char *fault_of_name(const char *value)
{
    const char *fault;
    size_t characters = 0;
    char *name = line_from(value, strlen(value), &fault);
    if (!name)
        return fault;
    text_examine(name, strlen(name), &characters);
    free(name);
    _Static_assert(KEY_NAME_MOST == 120, "as the text says");
    return characters >= 1 && characters <= KEY_NAME_MOST ? NULL : "must have 1 to 120 characters";
}

const char *fault_of_role(const char *value)
{
    static char text[200];
    if (role_of_name(value, strlen(value)))
        return NULL;
    size_t length = (size_t)snprintf(text, sizeof text, "must be one of ");
    for (unsigned role = 1; role <= ROLES_ALL && length < sizeof text; role <<= 1)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", role > 1 ? ", " : "", role_name(role));
    return text;
}

const char *fault_of_uuid(const char *value)
{
    return uuid_text_is_valid(value, strlen(value)) ? NULL : "must be a UUID";
}

static bool is_number(const char *value, size_t digits_most)
{
    size_t length = strlen(value);
    return length && length <= digits_most && strspn(value, "0123456789") == length;
}

const char *fault_of_days(const char *value)
{
    long days = is_number(value, 5) ? strtol(value, NULL, 10) : 0;
    return days >= 1 && days <= DAYS_MOST ? NULL : "must be a whole number from 1 to 36500";
}

const char *fault_of_year(const char *value)
{
    return strlen(value) == 4 && is_number(value, 4) ? NULL : "must be a year";
}

const char *fault_of_instant(const char *value)
{
    int64_t instant;
    return instant_parse(value, strlen(value), &instant) && instant_is_kept(instant)
               ? NULL
               : "must be an instant of the years 1945 to 9998, as in 2025-03-05T08:00:00+07:00";
}

bool read_noted_head(const char *text, long long *ret_seq, const char **ret_hash)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] != ':')
        return false;
    *ret_seq = strtoll(text, NULL, 10);
    *ret_hash = text + digits + 1;
    return *ret_seq > 0 && sha256_hex_is_valid(*ret_hash, strlen(*ret_hash));
}

const char *fault_of_head(const char *value)
{
    long long seq;
    const char *hash;
    return read_noted_head(value, &seq, &hash) ? NULL : "must be a number, a colon and 64 hexadecimal digits";
}
