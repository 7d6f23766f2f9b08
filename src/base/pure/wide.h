// 128 bits, which two numbers of 64 bits need when they are multiplied.
#ifndef THIDUA_BASE_PURE_WIDE_H
#define THIDUA_BASE_PURE_WIDE_H

__extension__ typedef __int128 wide;

#endif
