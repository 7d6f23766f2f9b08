// Memory of requests.
#include "http/transport/exchange.h"

#include <stdlib.h>
#include <string.h>

enum {
#ifdef __SANITIZE_ADDRESS__
    SPARE_MOST = 0, // so that it sees who still touches a request that has ended
#else
    SPARE_MOST = 16, // as many as are under way at once on a busy loop; others are allocated
#endif
};

// Of requests of this thread that have ended: memory for those to come, each with the first block of its arena.
static _Thread_local struct {
    struct exchange *first; // by `next`
    unsigned count;
} spare;

static struct exchange *take_spare(void)
{
    struct exchange *exchange = spare.first;
    const struct arena arena = exchange->request.arena;
    const struct arena_mark start = exchange->start;
    spare.first = exchange->next;
    spare.count--;
    memset(exchange, 0, sizeof *exchange);
    exchange->request.arena = arena;
    exchange->start = start;
    return exchange;
}

static struct exchange *make_exchange(void)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return NULL;
    arena_allocate(&exchange->request.arena, 1); // so that rewinding keeps the first block
    exchange->start = arena_mark(&exchange->request.arena);
    return exchange;
}

void exchange_let_go(struct exchange *exchange)
{
    if (spare.count == SPARE_MOST) {
        arena_release(&exchange->request.arena);
        free(exchange);
        return;
    }
    arena_rewind(&exchange->request.arena, exchange->start);
    exchange->next = spare.first;
    spare.first = exchange;
    spare.count++;
}

struct exchange *exchange_take(void)
{
    return spare.count ? take_spare() : make_exchange();
}

void exchanges_forget(void)
{
    while (spare.count) {
        struct exchange *exchange = take_spare();
        arena_release(&exchange->request.arena);
        free(exchange);
    }
}
