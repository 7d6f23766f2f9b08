// What this layer works with while the service runs. The application gives it once, before the first request.
#ifndef THIDUA_HANDLER_LANES_SETUP_H
#define THIDUA_HANDLER_LANES_SETUP_H

#include "database/pool.h"
#include "database/quick.h"
#include "database/session.h"
#include "handler/lanes/loop.h"
#include "http/metrics.h"

struct handler_options {
    struct pool *pool;                             // of the workers
    struct session_options session;                // how workers connect
    struct quick_options lane;                     // how loops connect
    unsigned request_mib;                          // the most memory that the work on one request may take
    unsigned work_seconds;                         // the longest that a long request may hold a worker
    unsigned table_rows;                           // the most rows of a list as a table
    const struct loop_part *parts[LOOP_PARTS_MAX]; // of the features; NULL: no more
};

void handler_setup(const struct handler_options *options);
const struct handler_options *handler_options(void);

// Of the workers, the loops and the database, for /metrics.
extern const struct metrics_gauge handler_gauges[];

#endif
