#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic uint64_t most = UINT64_MAX, held;

void temporary_bound(uint64_t bytes)
{
    most = bytes;
}

uint64_t temporary_bytes(void)
{
    return held;
}

// ---- what they hold together ----

static bool take(uint64_t bytes)
{
    uint64_t before = held;
    do
        if (before > most || bytes > most - before) {
            errno = EDQUOT;
            return false;
        }
    while (!atomic_compare_exchange_weak(&held, &before, before + bytes));
    return true;
}

static void give_back(struct temporary *file)
{
    held -= file->size;
    file->size = 0;
}

static bool grow(struct temporary *file, uint64_t size)
{
    if (size <= file->size)
        return true;
    if (!take(size - file->size))
        return false;
    file->size = size;
    return true;
}

// ---- files ----

bool temporary_open(struct temporary *ret_file)
{
    const char *directory = getenv("TMPDIR");
    *ret_file = (struct temporary){open(directory ? directory : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), 0};
    if (ret_file->descriptor >= 0)
        return true;
    char name[] = "/tmp/thidua-XXXXXX"; // file systems without O_TMPFILE
    ret_file->descriptor = mkostemp(name, O_CLOEXEC);
    if (ret_file->descriptor < 0)
        return false;
    unlink(name);
    return true;
}

bool temporary_write(struct temporary *file, const void *bytes, size_t length, uint64_t at)
{
    if (!grow(file, at + length))
        return false;
    for (size_t done = 0; done < length;) {
        ssize_t written = pwrite(file->descriptor, (const char *)bytes + done, length - done, (off_t)(at + done));
        if (written < 0 && errno != EINTR)
            return false;
        done += written > 0 ? (size_t)written : 0;
    }
    return true;
}

bool temporary_reserve(struct temporary *file, size_t length)
{
    return grow(file, file->size + length);
}

bool temporary_measure(struct temporary *file)
{
    struct stat found;
    if (fstat(file->descriptor, &found) != 0)
        return false;
    uint64_t size = (uint64_t)found.st_size;
    if (size < file->size) { // more was reserved
        held -= file->size - size;
        file->size = size;
    }
    return grow(file, size);
}

bool temporary_empty(struct temporary *file)
{
    if (ftruncate(file->descriptor, 0) < 0)
        return false;
    give_back(file);
    return true;
}

void temporary_close(struct temporary *file)
{
    if (file->descriptor < 0)
        return;
    close(file->descriptor);
    give_back(file);
    file->descriptor = -1;
}

bool temporary_lacks_room(int reason)
{
    return reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
}
