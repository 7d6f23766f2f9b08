// Whether the process was told to end, for those who wait long before there is anybody who could stop them.
#ifndef THIDUA_BASE_STOPPING_H
#define THIDUA_BASE_STOPPING_H

#include <stdbool.h>

void stopping_note(void); // from any thread
bool stopping(void);

#endif
