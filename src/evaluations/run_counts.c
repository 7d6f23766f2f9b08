// What evaluations came to since the process started, for /metrics.
#include "evaluations/engine_run.h"
#include "evaluations/private.h"

#include <stdatomic.h>

static atomic_ulong made, failed, units_judged, nanoseconds;

void run_count(const struct engine_run *run, bool good, int64_t duration)
{
    if (run->order->trial)
        return;
    atomic_fetch_add(good ? &made : &failed, 1);
    atomic_fetch_add(&units_judged, run->count);
    atomic_fetch_add(&nanoseconds, (unsigned long)duration);
}

static double evaluations_made(void)
{
    return (double)atomic_load(&made);
}

static double evaluations_failed(void)
{
    return (double)atomic_load(&failed);
}

static double evaluated_units(void)
{
    return (double)atomic_load(&units_judged);
}

static double evaluation_seconds(void)
{
    return (double)atomic_load(&nanoseconds) / 1e9;
}

const struct metrics_gauge evaluation_gauges[] = {
    {"thidua_evaluations_total", "Evaluations of rounds that were made.", evaluations_made, true,
     .tells_of_writes = true},
    {"thidua_evaluations_failed_total", "Evaluations of rounds that were refused or broke off.", evaluations_failed,
     true, .tells_of_writes = true},
    {"thidua_evaluated_units_total", "Units that they judged.", evaluated_units, true, .tells_of_writes = true},
    {"thidua_evaluation_seconds_total", "Seconds that they took.", evaluation_seconds, true, .tells_of_writes = true},
    {0},
};
