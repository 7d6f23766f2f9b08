// A typed value: of a fact, of a field of a register's entry, of a parameter, or written in a rule. Integers, dates and
// texts only, never a float.
#ifndef THIDUA_VALUE_H
#define THIDUA_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "thidua/arena.h"

enum value_type { VALUE_UNKNOWN, VALUE_BOOLEAN, VALUE_TEXT, VALUE_INTEGER, VALUE_DECIMAL, VALUE_DATE, VALUE_INSTANT };
const char *value_type_name(enum value_type type); // "unknown", "boolean", "text", "integer", "decimal", …

struct value {
    enum value_type type;
    union {
        int64_t number;   // 0 or 1, the integer, the scaled decimal, the day number or the microseconds (civil.h)
        const char *text; // VALUE_TEXT
    };
};

// Reads `text` as a value of that type; BOOLEAN from "true" and "false". Returns false if it is none. A value of type
// TEXT points to `text` itself.
bool value_parse(enum value_type type, unsigned decimals, const char *text, struct value *ret_value);
// The text of a value as JSON shows it. NULL for VALUE_UNKNOWN.
const char *value_text(struct arena *arena, struct value value, unsigned decimals);

#endif
