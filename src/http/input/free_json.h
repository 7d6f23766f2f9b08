// JSON that no field describes: its feature checks the shape. Here its texts, and the names of its members, are read as
// all texts of one line are (field.h).
#ifndef THIDUA_HTTP_INPUT_FREE_JSON_H
#define THIDUA_HTTP_INPUT_FREE_JSON_H

#include <jansson.h>

struct request;

// The value with its texts normalised (a new reference), or NULL with a violation recorded under `pointer` or below it.
json_t *read_free(struct request *request, json_t *value, const char *pointer);
// One step of a pointer (RFC 6901), in which "~" and "/" are escaped. Takes at most twice the name, a slash and the
// end.
void write_pointer_step(char *text, const char *name);

#endif
