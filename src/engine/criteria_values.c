#include "engine/private.h"

#include <string.h>

#include "thidua/civil.h"
#include "thidua/decimal.h"

const char *truth_name(enum truth truth)
{
    static const char *const names[] = {"FALSE", "UNDETERMINED", "TRUE"};
    return names[truth];
}

const char *value_type_name(enum value_type type)
{
    static const char *const names[] = {"unknown", "boolean", "text", "integer", "decimal", "date", "instant"};
    return names[type];
}

const char *comparison_sign(enum comparison comparison)
{
    static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};
    return signs[comparison];
}

const char *expression_kind_name(enum expression_kind kind)
{
    static const char *const names[] = {
        "all",   "any",   "not",     "at_least",     "guarded",  "threshold", "flag",   "one_of",
        "ratio", "count", "absence", "completeness", "deadline", "finding",   "streak", "cooldown",
    };
    return names[kind];
}

bool expression_kind_is_leaf(enum expression_kind kind)
{
    return kind >= KIND_THRESHOLD;
}

const char *leaf_reason_name(enum leaf_reason reason)
{
    static const char *const names[REASON_KINDS] = {
        NULL,
        "FACT_UNKNOWN",
        "WHOLE_IS_ZERO",
        "WHOLE_IS_NEGATIVE",
        "REGISTER_UNKNOWN",
        "REGISTER_INCOMPLETE",
        "ENTRY_UNCLEAR",
        "LIMIT_UNKNOWN",
        "NO_FINDING",
        "FINDER_NOT_COMPETENT",
        "DOCUMENTS_UNKNOWN",
    };
    return names[reason];
}

const char *criterion_outcome_name(enum criterion_outcome outcome)
{
    static const char *const names[] = {"PASS", "FAIL", "PENDING", "NOT_APPLICABLE", "DEFERRED"};
    return names[outcome];
}

const char *overall_outcome_name(enum overall_outcome outcome)
{
    static const char *const names[] = {"ELIGIBLE", "INELIGIBLE", "DEFERRED", "PENDING"};
    return names[outcome];
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

struct value *criteria_parameters(struct arena *arena, const struct rule_set_source *source, int64_t as_of,
                                  int32_t award_year)
{
    struct value *values = arena_array(arena, source->parameter_count, sizeof *values);
    int32_t first = 0, last = 0;
    values[PARAMETER_AS_OF] = (struct value){VALUE_DATE, {instant_local_date(as_of)}};
    values[PARAMETER_AWARD_YEAR] = (struct value){VALUE_INTEGER, {award_year}};
    if (date_from_civil((struct civil_date){award_year, 1, 1}, &first) &&
        date_from_civil((struct civil_date){award_year, 12, 31}, &last)) {
        values[PARAMETER_YEAR_FIRST_DAY] = (struct value){VALUE_DATE, {first}};
        values[PARAMETER_YEAR_LAST_DAY] = (struct value){VALUE_DATE, {last}};
    }
    return values;
}
