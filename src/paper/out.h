// A file that grows to a bounded size.
#ifndef THIDUA_PAPER_OUT_H
#define THIDUA_PAPER_OUT_H

#include "base/temporary.h"
#include "paper/paper.h"

struct out {
    struct temporary *file;
    uint64_t size; // with what waits to be written
    size_t held;   // bytes that wait to be written
    enum paper_fault fault;
    char bytes[64 * 1024];
};

bool out_write(struct out *out, const void *bytes, size_t length);
bool out_flush(struct out *out);

#endif
