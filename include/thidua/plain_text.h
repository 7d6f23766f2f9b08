// What a text of a legal record must not hold: what nobody sees, or what shows it otherwise than it is stored.
#ifndef THIDUA_PLAIN_TEXT_H
#define THIDUA_PLAIN_TEXT_H

#include <stddef.h>

enum text_fault {
    TEXT_FINE,    // also when it is empty
    TEXT_CONTROL, // control characters (Cc) but line feed and tab
    TEXT_BIDI,   // U+202A–U+202E, U+2066–U+2069: they let a text read otherwise than it is (UTR 36, CVE-2021-42574)
    TEXT_UNSEEN, // not empty, but only blanks and characters without a sign of their own
};

// `text` is valid UTF-8. The number of its characters; the first two faults before TEXT_UNSEEN.
enum text_fault text_examine(const char *text, size_t length, size_t *ret_characters);

#endif
