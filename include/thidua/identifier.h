// The identifiers of documents, agencies and records: validity only, never derivation of one from another.
#ifndef THIDUA_IDENTIFIER_H
#define THIDUA_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NUMBER_SYMBOL_MOST_BYTES = 64,
    UUID_TEXT_LENGTH = 36,
    SHA256_HEX_LENGTH = 64,
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool utf8_is_valid(const char *text, size_t length);

// "230/KH-UBND", "1082/TTr-SNV", "15/2024/QĐ-UBND", Party "69-QĐ/TW". The plan prints "230 /KH-UBND": blanks do not
// count. One to NUMBER_SYMBOL_MOST_BYTES of UTF-8 that begin with a digit and hold a '/', of letters (Đ is two bytes),
// digits,
// '.', '/' and '-', with no separator first, last or twice in a row.
bool number_symbol_is_valid(const char *text, size_t length);

// RFC 9562 section 4, hex digits of either case.
bool uuid_text_is_valid(const char *text, size_t length);
// 64 hex digits in lower case.
bool sha256_hex_is_valid(const char *text, size_t length);

#endif
