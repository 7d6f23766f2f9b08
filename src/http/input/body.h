// Bodies and query parameters as const tables. What is not in the table is refused; all faults are named at once.
#ifndef THIDUA_HTTP_INPUT_BODY_H
#define THIDUA_HTTP_INPUT_BODY_H

#include "http/input/field.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
// The same for a body that came as one item of a list (handler/bulk/listed.h).
bool read_item(struct request *request, const struct field *fields, json_t *json, void *ret_body);
// The same for a body whose list `list` is left as it came: its items are read one by one (read_listed), so that a bad
// one hides nothing that is wrong with the others. `request->json` is what stands beside the list.
bool read_listing(struct request *request, const struct field *fields, const char *list, const struct field **ret_item,
                  const json_t **ret_items);
// One of them, normalised (a new reference); what is wrong with it is recorded with pointers that begin at the item.
json_t *read_listed(struct request *request, const struct field *item, json_t *json);

// A rule that concerns members of several names, "/codes /codes_add", each of another operation: the pointer to the one
// that was sent, else to one that the operation takes, else to the whole body: the path has said what is at fault.
const char *pointer_to_sent(struct request *request, const char *pointers);

struct query_field {
    const char *name;
    enum field_type type; // FIELD_TEXT, CHOICE, UUID, DATE, INSTANT, INTEGER, BOOLEAN
    int64_t least, most;
    const char *const *choices;
    const char *fallback; // value when absent
    bool names_resource;  // as in struct field
};
// A cursor is base64 of the last row's sort keys. The longest are a label, which is two names of 200 characters, with
// an id. A shorter bound would refuse cursors that the service itself has made.
enum { CURSOR_MOST = 2400 };
// The page of a list.
#define QUERY_PAGE                                                                                                     \
    {.name = "limit", .type = FIELD_INTEGER, .least = 1, .most = 200, .fallback = "50"},                               \
    {                                                                                                                  \
        .name = "cursor", .type = FIELD_TEXT, .most = CURSOR_MOST                                                      \
    }

// Checks the request's query against `fields` (NULL: none allowed), refusing the unknown and the repeated.
bool read_query(struct request *request, const struct query_field *fields);

#endif
