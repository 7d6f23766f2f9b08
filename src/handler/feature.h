// What a feature brings to the service: one `const struct feature <folder>_feature` a folder, at the end of its only
// file with routes or in its feature.c, and one row in src/app/features.c.
#ifndef THIDUA_HANDLER_FEATURE_H
#define THIDUA_HANDLER_FEATURE_H

#include "handler/constraints.h"
#include "handler/lanes/loop.h"
#include "http/metrics.h"
#include "http/route.h"

enum { FEATURE_TABLES_MAX = 8 };

struct feature {
    const char *name;
    const struct route *routes[FEATURE_TABLES_MAX];                   // tables, each ended by an empty row
    const struct constraint_problem *constraints[FEATURE_TABLES_MAX]; // the same
    const struct metrics_gauge *gauges;                               // ended by an empty row; NULL: none
    const struct loop_part *loop; // what it keeps on every event loop; NULL: nothing
};

#endif
