// One value of a body, of a row or of a query against what its field takes.
#ifndef THIDUA_HTTP_INPUT_FIELD_H
#define THIDUA_HTTP_INPUT_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;

enum field_type {
    FIELD_NONE,
    FIELD_TEXT,          // least…most characters (default most 500); brought to NFC; fine by thidua/plain_text.h
    FIELD_LINE,          // such a text of one line: trimmed, and of several blanks in a row one is left
    FIELD_NUMBER_SYMBOL, // a text that thidua/number_symbol.h reads, handed on as it writes it
    FIELD_CHOICE,        // one of `choices`
    FIELD_UUID,          // lower-cased
    FIELD_DATE,          // YYYY-MM-DD, a day that we keep (thidua/civil.h)
    FIELD_INSTANT, // RFC 3339 with offset, kept likewise; handed on as instant_format() writes it, never as it came
    FIELD_INTEGER, // least…most
    FIELD_DECIMAL, // "64.35" or 64: at most `scale` decimals, least…most in units of 10^-scale; never a JSON real
    FIELD_BOOLEAN,
    FIELD_OBJECT, // of `fields`
    FIELD_LIST,   // least…most items of `item`
    FIELD_JSON,   // any object, only bounded and its texts fine: read by its feature
};

struct field {
    const char *name;
    enum field_type type;
    size_t offset; // of a `const char *` in the feature's struct; FIELD_UNBOUND: only passed on as JSON
    bool required;
    bool nullable;
    bool names_document; // FIELD_LINE, FIELD_TEXT: number-symbols in it are written as FIELD_NUMBER_SYMBOL writes them
    bool names_resource; // FIELD_TEXT: a path, in which ids are written as FIELD_UUID writes them
    int64_t least, most;
    int scale;
    const char *const *choices; // NULL-terminated
    const struct field *fields; // FIELD_OBJECT: its members
    const struct field *item;   // FIELD_LIST: one unnamed field
    const char *not_before;     // FIELD_DATE: the member of the same object whose day does not come later
    bool happened; // FIELD_DATE, FIELD_INSTANT: of something that has taken place, so never ahead of the clock
};

// The value as validated, normalised text; NULL when it does not fit, with one violation recorded under `pointer`.
const char *check_text(struct request *request, const struct field *field, const char *text, size_t length,
                       const char *pointer, int problem);
// Whether no day of `object` comes before the one that its field names as `not_before`. Each that does is a violation.
bool days_in_order(struct request *request, const struct field *fields, const json_t *object, const char *pointer);
// Whether texts are alike but for case, composition, and blanks at their ends. False where one is no UTF-8.
bool texts_alike(const char *one, const char *other);
// Whether a text of valid UTF-8 that no field describes is fine by thidua/plain_text.h; else false, with a violation.
bool text_is_plain(struct request *request, const char *text, const char *pointer);
// The same text as FIELD_LINE stores it, for who has no request: to be freed. NULL with what is wrong with it.
char *line_from(const char *text, size_t length, const char **ret_fault);

#endif
