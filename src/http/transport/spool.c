#include "http/transport/exchange.h"

#include <errno.h>

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

bool spool_write(struct exchange *exchange, const char *data, size_t size)
{
    struct request *request = &exchange->request;
    sha256_add(&exchange->digest, data, size);
    return temporary_write(&request->spool.file, data, size, request->spool.file.size) ||
           refuse_temporary(request, errno);
}

void spool_close(struct exchange *exchange)
{
    sha256_finish_hex(&exchange->digest, exchange->request.spool.sha256);
}
