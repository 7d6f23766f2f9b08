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

bool spool_open(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    int descriptor = temporary_file();
    if (descriptor < 0)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
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
            return refuse(request, PROBLEM_UNAVAILABLE,
                          say(request, "Máy chủ hết chỗ chứa tạm.", "The server has no room for temporary files."));
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
