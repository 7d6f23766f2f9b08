// The identifiers of documents, agencies and records: validity only, never derivation of one from another.
#ifndef THIDUA_IDENTIFIER_H
#define THIDUA_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NUMBER_SYMBOL_MOST_BYTES = 64,
    AGENCY_CODE_MOST_BYTES = 35, // QĐ 20/2020/QĐ-TTg
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
// Equal when blanks (space, tab, U+00A0) are left out; case counts, because TTr and TTR are not the same symbol.
bool number_symbol_equal(const char *a, size_t a_length, const char *b, size_t b_length);

// QĐ 20/2020/QĐ-TTg: ^[A-Z][0-9]{2}(\.[0-9A-Z]{2,3}){0,8}$ and at most 35 characters: "H10", "H10.58".
bool agency_code_is_valid(const char *text, size_t length);
// QCVN 102:2016/BTTTT, still met in files: "000.00.04.H10", ^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}$.
bool legacy_agency_code_is_valid(const char *text, size_t length);
// General Statistics Office territorial code: 2 digits a province, 3 a district unit, 5 a commune.
bool territorial_code_is_valid(const char *text, size_t length);

// RFC 9562 section 4, hex digits of either case.
bool uuid_text_is_valid(const char *text, size_t length);
// 64 hex digits in lower case.
bool sha256_hex_is_valid(const char *text, size_t length);

#endif
