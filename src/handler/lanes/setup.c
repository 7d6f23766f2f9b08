#include "handler/lanes/setup.h"

#include "database/changes.h"
#include "handler/handler.sql.h"
#include "http/server.h"

#include <math.h>

static struct handler_options given;

void handler_setup(const struct handler_options *options)
{
    given = *options;
    given.lane.written = &wal_written_statement;
    given.lane.replayed = &wal_replayed_statement;
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

static double commits_wait(void)
{
    return changes_commits_wait();
}

static double database_up(void)
{
    return changes_seen(CHANGE_DATA) != 0;
}

static double client_connections(void)
{
    return server_clients();
}

static double clients_held_up(void)
{
    return (double)server_clients_held_up();
}

static double standbys_up(void)
{
    return given.lane.read_url ? (double)standby_connections() : NAN;
}

static double reads_by(enum standby_outcome outcome)
{
    return given.lane.read_url ? (double)standby_reads(outcome) : NAN;
}

static double reads_answered(void)
{
    return reads_by(STANDBY_ANSWERED);
}

static double reads_behind(void)
{
    return reads_by(STANDBY_BEHIND);
}

static double reads_away(void)
{
    return reads_by(STANDBY_AWAY);
}

static double reads_slow(void)
{
    return reads_by(STANDBY_SLOW);
}

static double reads_failed(void)
{
    return reads_by(STANDBY_FAILED);
}

#define STANDBY_READS "thidua_standby_reads_total"
#define STANDBY_HELP  "Reads that a standby answered, or the primary instead, by reason; none without THIDUA_READ_URL."

const struct metrics_gauge handler_gauges[] = {
    {"thidua_queue_depth", "Writes waiting for a worker.", queue_depth, .tells_of_writes = true},
    {"thidua_queue_length", "Writes that may wait for a worker.", queue_length},
    {"thidua_workers_busy", "Workers running a write.", workers_busy, .tells_of_writes = true},
    {"thidua_workers", "Workers, each with one PostgreSQL connection.", workers},
    {"thidua_database_up", "1 while PostgreSQL answers.", database_up},
    {"thidua_commits_wait", "1 while COMMITs wait for a synchronous standby that is away.", commits_wait},
    {"thidua_client_connections", "Open client connections.", client_connections},
    {"thidua_clients_held_up_total", "Times that new clients had to wait for want of descriptors or memory.",
     clients_held_up, true},
    {"thidua_standby_connections", "Connections to standbys that follow the primary; none without THIDUA_READ_URL.",
     standbys_up},
    {STANDBY_READS, STANDBY_HELP, reads_answered, true, true, .labels = "outcome=\"answered\""},
    {STANDBY_READS, STANDBY_HELP, reads_behind, true, true, .labels = "outcome=\"behind\""},
    {STANDBY_READS, STANDBY_HELP, reads_away, true, true, .labels = "outcome=\"away\""},
    {STANDBY_READS, STANDBY_HELP, reads_slow, true, true, .labels = "outcome=\"slow\""},
    {STANDBY_READS, STANDBY_HELP, reads_failed, true, true, .labels = "outcome=\"failed\""},
    {0},
};
