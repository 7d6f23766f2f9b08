#include "paper/out.h"

#include <errno.h>
#include <string.h>

static bool fail(struct out *out, enum paper_fault fault)
{
    if (out->fault == PAPER_FINE)
        out->fault = fault;
    return false;
}

static bool write_whole(struct out *out, const void *bytes, size_t length)
{
    return temporary_write(out->file, bytes, length, out->file->size) ||
           fail(out, temporary_lacks_room(errno) ? PAPER_NO_ROOM : PAPER_FAILED);
}

bool out_flush(struct out *out)
{
    size_t held = out->held;
    out->held = 0;
    return out->fault == PAPER_FINE && write_whole(out, out->bytes, held);
}

bool out_write(struct out *out, const void *bytes, size_t length)
{
    if (out->fault != PAPER_FINE)
        return false;
    out->size += length;
    if (out->size > PAPER_FILE_BYTES_MAX)
        return fail(out, PAPER_TOO_LARGE);
    if (out->held + length > sizeof out->bytes && !out_flush(out))
        return false;
    if (length > sizeof out->bytes)
        return write_whole(out, bytes, length);
    memcpy(out->bytes + out->held, bytes, length);
    out->held += length;
    return true;
}
