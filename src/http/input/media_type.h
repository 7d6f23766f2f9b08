// The value of Content-Type (RFC 9110 section 8.3).
#ifndef THIDUA_HTTP_INPUT_MEDIA_TYPE_H
#define THIDUA_HTTP_INPUT_MEDIA_TYPE_H

#include <stdbool.h>

// Whether `given` (may be NULL) is that type, whatever its parameters.
bool media_type_is(const char *given, const char *wanted);
// Whether its parameters are well formed and name no charset but UTF-8.
bool media_type_is_utf8(const char *given);

#endif
