// Bodies and query parameters as const tables: what is not in the table is refused, everything wrong is named at once.
#ifndef THIDUA_HTTP_BODY_H
#define THIDUA_HTTP_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;

enum field_type {
    FIELD_NONE,
    FIELD_TEXT,    // least…most characters (default most 500); brought to NFC; no control characters but \n and \t
    FIELD_CHOICE,  // one of `choices`
    FIELD_UUID,    // lower-cased
    FIELD_DATE,    // YYYY-MM-DD, a day of the calendar
    FIELD_INSTANT, // RFC 3339 with offset
    FIELD_INTEGER, // least…most
    FIELD_DECIMAL, // "64.35" or 64: at most `scale` decimals, least…most in units of 10^-scale; never a JSON real
    FIELD_BOOLEAN,
    FIELD_OBJECT, // of `fields`
    FIELD_LIST,   // least…most items of `item`
    FIELD_JSON,   // any object, only bounded: read by its feature
};

struct field {
    const char *name;
    enum field_type type;
    size_t offset; // of a `const char *` in the feature's struct; FIELD_UNBOUND: only passed on as JSON
    bool required;
    bool nullable;
    int64_t least, most;
    int scale;
    const char *const *choices; // NULL-terminated
    const struct field *fields; // FIELD_OBJECT: its members
    const struct field *item;   // FIELD_LIST: one unnamed field
};

#define FIELD_UNBOUND ((size_t)-1)
// A member of the body that lands in `member` of struct `owner` as validated, normalised text (NULL when absent or
// null).
#define BOUND(owner, member, kind, ...)                                                                                \
    {                                                                                                                  \
        .name = #member, .type = (kind), .offset = offsetof(struct owner, member), __VA_ARGS__                         \
    }
// A member that only SQL reads, from request->body_json.
#define PASSED(member, kind, ...)                                                                                      \
    {                                                                                                                  \
        .name = (member), .type = (kind), .offset = FIELD_UNBOUND, __VA_ARGS__                                         \
    }

// Reads the JSON body against `fields` (ended by an empty row). Fills `ret_body` (may be NULL) and the request's
// `json` and `body_json`. False with one problem that names every violation.
bool read_body(struct request *request, const struct field *fields, void *ret_body);
// The same of a body that came another way: as one item of a list of many (imports/listed.h).
bool read_item(struct request *request, const struct field *fields, json_t *json, void *ret_body);

struct query_field {
    const char *name;
    enum field_type type; // FIELD_TEXT, CHOICE, UUID, DATE, INSTANT, INTEGER, BOOLEAN
    int64_t least, most;
    const char *const *choices;
    const char *fallback; // value when absent
};
// The page of a list.
#define QUERY_PAGE                                                                                                     \
    {.name = "limit", .type = FIELD_INTEGER, .least = 1, .most = 200, .fallback = "50"},                               \
    {                                                                                                                  \
        .name = "cursor", .type = FIELD_TEXT, .most = 400                                                              \
    }

// Checks the request's query against `fields` (NULL: none allowed), refusing the unknown and the repeated.
bool read_query(struct request *request, const struct query_field *fields);

// Shared by both: NULL when the value does not fit, with one violation recorded under `pointer`.
const char *check_text(struct request *request, const struct field *field, const char *text, size_t length,
                       const char *pointer, int problem);

#endif
