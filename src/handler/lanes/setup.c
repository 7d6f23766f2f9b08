#include "handler/lanes/setup.h"

#include "database/changes.h"
#include "http/server.h"

static struct handler_options given;

void handler_setup(const struct handler_options *options)
{
    given = *options;
}

const struct handler_options *handler_options(void)
{
    return &given;
}

static double queue_depth(void)
{
    return pool_gauges(given.pool).queued;
}

static double workers_busy(void)
{
    return pool_gauges(given.pool).busy;
}

static double workers(void)
{
    return pool_gauges(given.pool).workers;
}

static double queue_length(void)
{
    return pool_gauges(given.pool).queue_length;
}

static double database_up(void)
{
    return changes_seen(CHANGE_DATA) != 0;
}

static double client_connections(void)
{
    return server_clients();
}

const struct metrics_gauge handler_gauges[] = {
    {"thidua_queue_depth", "Writes waiting for a worker.", queue_depth, .tells_of_writes = true},
    {"thidua_queue_length", "Writes that may wait for a worker.", queue_length},
    {"thidua_workers_busy", "Workers running a write.", workers_busy, .tells_of_writes = true},
    {"thidua_workers", "Workers, each with one PostgreSQL connection.", workers},
    {"thidua_database_up", "1 while PostgreSQL answers.", database_up},
    {"thidua_client_connections", "Open client connections.", client_connections},
    {0},
};
