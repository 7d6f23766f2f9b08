// The form of identifiers. One is never derived from another.
#ifndef THIDUA_IDENTIFIER_H
#define THIDUA_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    UUID_TEXT_LENGTH = 36,
    SHA256_HEX_LENGTH = 64,
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool utf8_is_valid(const char *text, size_t length);

// RFC 9562 section 4, hex digits of either case.
bool uuid_text_is_valid(const char *text, size_t length);
// Brings one to lower case, in which it is written and compared.
void uuid_text_lower(char *uuid);
// The same of each segment of a path that is one.
void uuid_segments_lower(char *path);
// 64 hex digits in lower case.
bool sha256_hex_is_valid(const char *text, size_t length);

#endif
