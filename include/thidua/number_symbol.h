// The number-symbol of a document ("số, ký hiệu"), in the one spelling that the service stores and compares.
//
// "230/KH-UBND", "1082/TTr-SNV", "15/2024/QĐ-UBND", of the Party "69-QĐ/TW". It begins with a digit, holds a '/', and
// consists of letters of Vietnamese, digits, '.', '/' and '-'. No separator comes first, last or twice in a row.
// The plan prints "230 /KH-UBND", so blanks do not count. What looks like one of these signs is taken for it: dashes
// and slashes of other kinds, signs of full width, Ð (U+00D0) and Ɖ (U+0189) for Đ. Anything else is refused.
// Case and leading zeros are kept as they were written. In SQL number_symbol_key() lets them not count either: numbers
// with equal keys are the same number.
#ifndef THIDUA_NUMBER_SYMBOL_H
#define THIDUA_NUMBER_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NUMBER_SYMBOL_MOST_BYTES = 64, // of UTF-8, as we write it
    NUMBER_SYMBOL_SIZE = NUMBER_SYMBOL_MOST_BYTES + 1,
};

// False if the text is no number-symbol. `text` is in NFC.
bool number_symbol_read(const char *text, size_t length, char ret_written[static NUMBER_SYMBOL_SIZE]);
// The same of a text that may say more: blanks stand beside a '/', '-' or '.' only, so that no words run together.
// "230 /KH-UBND" is a number-symbol, "230/KH-UBND ngày 15" holds one.
bool number_symbol_stands_alone(const char *text, size_t length, char ret_written[static NUMBER_SYMBOL_SIZE]);

#endif
