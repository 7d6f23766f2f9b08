// The one reader of header fields: a table says of each field that the service reads whether it is a list, which may
// stand on several lines, or a single value.
#ifndef THIDUA_HTTP_INPUT_HEADER_H
#define THIDUA_HTTP_INPUT_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct request;

// Takes one field line into the request. Fields that the table does not name are ignored.
void header_take(struct request *request, const char *name, const char *value);
// After the last line: checks every value, and drops those that are to be ignored. False with a problem recorded where
// one cannot be read.
bool headers_are_good(struct request *request);
// The fields that a script on a web page may set, separated by ", ". Returns the length; the text is cut at `size`.
size_t header_names_for_pages(char *ret_text, size_t size);
// Whether a text has nothing but visible ASCII characters, and none of `without`. So few are looked for by one
// instruction for sixteen bytes: `without` has at most 16.
bool is_visible_without(const char *text, const char *without);
// Whether a list (RFC 9110 section 5.6.1) holds only `item`, in any case of letters.
bool list_holds_only(const char *list, const char *item);

#endif
