// One spelling for all JSON that goes out: no blank outside strings, whoever wrote it (PostgreSQL's json and jsonb
// differ).
#ifndef THIDUA_JSON_SPELLING_H
#define THIDUA_JSON_SPELLING_H

#include <stddef.h>

// Writes a valid JSON text without its blanks and returns the new length, which is `length` at most. No byte is added.
size_t json_spell(const char *json, size_t length, char *out);

#endif
