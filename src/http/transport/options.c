// What the server was given at its start, and whether its end is near: any thread may ask.
#include "http/transport/exchange.h"

#include <stdatomic.h>
#include <time.h>

static struct server_options options;
static atomic_bool lame, draining;

void server_options_use(const struct server_options *given)
{
    options = *given;
}

const struct server_options *server_options(void)
{
    return &options;
}

const struct server_hooks *server_hooks(void)
{
    return &options.hooks;
}

const struct server_limits *server_limits(void)
{
    return &options.limits;
}

const struct server_rates *server_rates(void)
{
    return &options.rates;
}

bool server_lame(void)
{
    return atomic_load(&lame);
}

const struct server_log *server_log(void)
{
    return &options.log;
}

bool server_draining(void)
{
    return atomic_load(&draining);
}

void server_be_lame(void)
{
    atomic_store(&lame, true);
}

void server_drain(void)
{
    atomic_store(&draining, true);
}

int64_t server_now(void)
{
    struct timespec now;
    if (options.now)
        return options.now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
