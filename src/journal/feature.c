#include "handler/feature.h"
#include "journal/feed.h"
#include "journal/private.h"
#include "journal/sealer.h"

static double journal_lag(void)
{
    return (double)sealer_lag();
}

static double journal_lag_seconds(void)
{
    return sealer_lag_seconds();
}

static double event_listeners(void)
{
    return feed_listeners();
}

static const struct metrics_gauge journal_gauges[] = {
    {"thidua_journal_lag", "Committed journal rows not yet sealed.", journal_lag, .tells_of_writes = true},
    {"thidua_journal_lag_seconds", "Seconds since every committed journal row was sealed.", journal_lag_seconds,
     .tells_of_writes = true},
    {"thidua_event_listeners", "Open event streams.", event_listeners},
    {0},
};

const struct feature journal_feature = {
    .name = "journal",
    .routes = {journal_routes, event_routes},
    .constraints = {journal_constraints},
    .gauges = journal_gauges,
    .loop = &feed_part,
};
