// A text of a legal record must hold nothing invisible, and nothing that makes it look different from what is stored.
#ifndef THIDUA_PLAIN_TEXT_H
#define THIDUA_PLAIN_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum text_fault {
    TEXT_FINE,    // also when it is empty
    TEXT_CONTROL, // control characters (Cc) other than line feed and tab
    TEXT_BIDI,    // U+202A–U+202E, U+2066–U+2069: they make a text read differently (UTR 36, CVE-2021-42574)
    TEXT_UNSEEN,  // not empty, but nothing in it is visible
};

// `text` must be valid UTF-8. `ret_characters` gets the number of its characters; after TEXT_CONTROL it is not set.
enum text_fault text_examine(const char *text, size_t length, size_t *ret_characters);

// The character at `*at`, which moves on to the next one. The text must be valid UTF-8.
uint32_t text_next_character(const unsigned char **at);

#endif
