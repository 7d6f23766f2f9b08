// Which build of the program runs: what two builds make of the same data may differ, so it is part of a tag that
// digests the data instead of what was made of them.
#ifndef THIDUA_BASE_BUILD_ID_H
#define THIDUA_BASE_BUILD_ID_H

// In hexadecimal, of what the linker digested the program to. Where it left nothing, another text for each process.
const char *build_id(void);

#endif
