// Which of several known words was meant by one that is not among them.
#ifndef THIDUA_BASE_NEAREST_H
#define THIDUA_BASE_NEAREST_H

#include <stdbool.h>

// How many characters must be added, removed or replaced to make the one word of the other, small and capital letters
// alike. Words of at most 63 bytes are compared; a longer one counts as its first 63.
unsigned edit_distance(const char *one, const char *other);
// May `word` be a misspelt `known`? At most every third character is wrong: a guess that is further off only misleads.
bool is_near(const char *word, const char *known);

#endif
