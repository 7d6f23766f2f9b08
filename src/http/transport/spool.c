#include "http/transport/exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { GATHERED_MOST = 16 * 1024 };

static void release_spool(void *spool)
{
    temporary_close(&((struct spool *)spool)->file);
}

bool spool_open(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    if (!temporary_open(&request->spool.file))
        return refuse_temporary(request, errno);
    exchange->digest = sha256_start();
    defer(request, release_spool, &request->spool);
    return true;
}

static bool write_out(struct exchange *exchange, const char *data, size_t size, uint64_t at)
{
    struct request *request = &exchange->request;
    sha256_add(&exchange->digest, data, size);
    return temporary_write(&request->spool.file, data, size, at) || refuse_temporary(request, errno);
}

static bool write_gathered(struct exchange *exchange)
{
    size_t size = exchange->gathered;
    exchange->gathered = 0;
    return size == 0 || write_out(exchange, exchange->buffer, size, exchange->request.spool.file.size - size);
}

// What is gathered has its room in the file already.
static bool gather(struct exchange *exchange, const char *data, size_t size)
{
    struct request *request = &exchange->request;
    if (!exchange->buffer)
        exchange->buffer = malloc(GATHERED_MOST);
    if (!exchange->buffer)
        return refuse(request, PROBLEM_UNAVAILABLE, NULL);
    if (!temporary_reserve(&request->spool.file, size))
        return refuse_temporary(request, errno);
    memcpy(exchange->buffer + exchange->gathered, data, size);
    exchange->gathered += size;
    return true;
}

// Of small chunks each is a piece: written one by one, 25 MiB of them would keep the loop for half a minute.
bool spool_write(struct exchange *exchange, const char *data, size_t size)
{
    if (exchange->gathered + size > GATHERED_MOST && !write_gathered(exchange))
        return false;
    return size > GATHERED_MOST ? write_out(exchange, data, size, exchange->request.spool.file.size)
                                : gather(exchange, data, size);
}

bool spool_close(struct exchange *exchange)
{
    if (!write_gathered(exchange))
        return false;
    sha256_finish_hex(&exchange->digest, exchange->request.spool.sha256);
    return true;
}
