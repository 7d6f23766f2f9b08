// Files for what is too large for memory.
#ifndef THIDUA_BASE_TEMPORARY_H
#define THIDUA_BASE_TEMPORARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A file without a name under TMPDIR or /tmp, to read and write. Nothing is left behind when the service dies.
struct temporary {
    int descriptor; // -1: none
    uint64_t size;  // in bytes, with what is reserved
};

// All of them together hold no more than so many bytes; without this there is no bound.
void temporary_bound(uint64_t bytes);
// What they hold now.
uint64_t temporary_bytes(void);

// The rest is false with the reason in errno; EDQUOT: there would be more than the bound.
bool temporary_open(struct temporary *ret_file);
// Writes all of it at that place.
bool temporary_write(struct temporary *file, const void *bytes, size_t length, uint64_t at);
// Takes room for so many bytes more, which are written later.
bool temporary_reserve(struct temporary *file, size_t length);
// Takes note of what somebody else has written to the descriptor, in place of what was reserved.
bool temporary_measure(struct temporary *file);
bool temporary_empty(struct temporary *file);
void temporary_close(struct temporary *file);
// Whether that reason is want of room: of the disk, of a quota, of the bound, or of the largest file that the process
// may have.
bool temporary_lacks_room(int reason);

#endif
