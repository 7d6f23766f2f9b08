#include "thidua/value.h"

#include <string.h>

#include "thidua/civil.h"
#include "thidua/decimal.h"

const char *value_type_name(enum value_type type)
{
    static const char *const names[] = {"unknown", "boolean", "text", "integer", "decimal", "date", "instant"};
    return names[type];
}

static bool parse_boolean(const char *text, int64_t *ret_number)
{
    *ret_number = strcmp(text, "true") == 0;
    return *ret_number || strcmp(text, "false") == 0;
}

bool value_parse(enum value_type type, unsigned decimals, const char *text, struct value *ret_value)
{
    size_t length = strlen(text);
    int32_t date = 0;
    int64_t number = 0;
    bool good = false;
    switch (type) {
    case VALUE_TEXT:
        *ret_value = (struct value){.type = VALUE_TEXT, .text = text};
        return true;
    case VALUE_BOOLEAN:
        good = parse_boolean(text, &number);
        break;
    case VALUE_INTEGER:
        good = decimal_parse(text, length, 0, &number) == DECIMAL_OK;
        break;
    case VALUE_DECIMAL:
        good = decimal_parse(text, length, decimals, &number) == DECIMAL_OK;
        break;
    case VALUE_DATE:
        good = date_parse(text, length, &date);
        number = date;
        break;
    case VALUE_INSTANT:
        good = instant_parse(text, length, &number);
        break;
    case VALUE_UNKNOWN:
        break;
    }
    if (good)
        *ret_value = (struct value){type, {number}};
    return good;
}

const char *value_text(struct arena *arena, struct value value, unsigned decimals)
{
    char text[INSTANT_TEXT_SIZE]; // the longest of them
    _Static_assert((int)INSTANT_TEXT_SIZE >= (int)DECIMAL_TEXT_SIZE, "an instant is the longest text");
    switch (value.type) {
    case VALUE_TEXT:
        return value.text;
    case VALUE_BOOLEAN:
        return value.number ? "true" : "false";
    case VALUE_INTEGER:
        decimal_format(value.number, 0, text);
        break;
    case VALUE_DECIMAL:
        decimal_format(value.number, decimals, text);
        break;
    case VALUE_DATE:
        date_format((int32_t)value.number, text);
        break;
    case VALUE_INSTANT:
        instant_format(value.number, text);
        break;
    case VALUE_UNKNOWN:
        return NULL;
    }
    return arena_text(arena, text);
}
