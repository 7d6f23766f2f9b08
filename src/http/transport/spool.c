#include "http/transport/exchange.h"

#include "base/temporary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void release_descriptor(void *descriptor)
{
    close((int)(intptr_t)descriptor);
}

// A full disk is told apart: the caller comes again later, and a proxy does not take the instance for one that is away.
static bool refuse_spool(struct request *request, int reason)
{
    enum { ROOM_SECONDS = 30 };
    if (reason != ENOSPC && reason != EDQUOT)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    refuse(request, PROBLEM_INSUFFICIENT_STORAGE,
           say(request, "Máy chủ hết chỗ chứa tạm; hãy thử lại sau.",
               "The server has no room for temporary files: try again later."));
    request->problem.retry_after = ROOM_SECONDS;
    return false;
}

bool spool_open(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    int descriptor = temporary_file();
    if (descriptor < 0)
        return refuse_spool(request, errno);
    exchange->digest = sha256_start();
    request->spool.descriptor = descriptor;
    defer(request, release_descriptor, (void *)(intptr_t)descriptor);
    return true;
}

bool spool_write(struct exchange *exchange, const char *data, size_t size)
{
    struct request *request = &exchange->request;
    sha256_add(&exchange->digest, data, size);
    request->spool.size += size;
    while (size) {
        ssize_t written = write(request->spool.descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return refuse_spool(request, written < 0 ? errno : ENOSPC);
        data += written;
        size -= (size_t)written;
    }
    return true;
}

bool spool_close(struct exchange *exchange)
{
    sha256_finish_hex(&exchange->digest, exchange->request.spool.sha256);
    return lseek(exchange->request.spool.descriptor, 0, SEEK_SET) == 0;
}
