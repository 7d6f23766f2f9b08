// Manual pages as man(7) has them.
#ifndef THIDUA_APP_COMMAND_LINE_ROFF_H
#define THIDUA_APP_COMMAND_LINE_ROFF_H

#include <stdio.h>

// The head of a page in `section`: its title and its line of NAME.
void roff_begin(FILE *out, const char *name, unsigned section, const char *about);
// Text in which nothing is taken as a request of roff. `Backticks` are bold.
void roff_text(FILE *out, const char *text);

#endif
