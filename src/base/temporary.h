// Files for what is too large for memory.
#ifndef THIDUA_BASE_TEMPORARY_H
#define THIDUA_BASE_TEMPORARY_H

// A file without a name under TMPDIR or /tmp, to read and write. Nothing is left behind when the service dies. Returns
// -1 if no file can be made.
int temporary_file(void);

#endif
