// A text of a legal record must hold nothing invisible, and nothing that makes it look different from what is stored.
#ifndef THIDUA_PLAIN_TEXT_H
#define THIDUA_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_fault {
    TEXT_FINE,    // also when it is empty
    TEXT_CONTROL, // control characters (Cc) other than line feed and tab
    TEXT_BIDI,    // U+202A–U+202E, U+2066–U+2069: they make a text read differently (UTR 36, CVE-2021-42574)
    TEXT_BROKEN,  // U+FFFD, which stands where a character was lost, or a noncharacter (Unicode, section 23.7)
    TEXT_UNSEEN,  // not empty, but nothing in it is visible
};

// `text` must be valid UTF-8. `ret_characters` gets the number of its characters; after TEXT_CONTROL it is not set.
enum text_fault text_examine(const char *text, size_t length, size_t *ret_characters);

// For a text of one line: takes blanks away at both ends, and leaves one of several in a row, as an ordinary blank. A
// single no-break blank between words stays. False if there is a line feed, a tab or another break of lines.
bool text_make_line(char *text);

// Where the first character stands that somebody sees; the end, if none does. `text` must be valid UTF-8.
const char *text_seen(const char *text);

// The character at `*at`, which moves on to the next one. The text must be valid UTF-8.
uint32_t text_next_character(const unsigned char **at);

#endif
