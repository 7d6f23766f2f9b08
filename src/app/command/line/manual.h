// What is made from the table that `--help` shows, for people and for shells.
#ifndef THIDUA_APP_COMMAND_LINE_MANUAL_H
#define THIDUA_APP_COMMAND_LINE_MANUAL_H

#include <stdio.h>

// thidua(1): every command. The exit status.
int print_manual(FILE *out);
// The bash completion of every command. The exit status.
int print_completion(FILE *out);

#endif
