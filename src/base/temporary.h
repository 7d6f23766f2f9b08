// Room on the disk for what is too large for memory.
#ifndef THIDUA_BASE_TEMPORARY_H
#define THIDUA_BASE_TEMPORARY_H

// A file without a name under TMPDIR or /tmp, to read and write: nothing is left behind when the service dies. -1 where
// there is none to be had.
int temporary_file(void);

#endif
