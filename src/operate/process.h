// What /metrics tells of the program and its process.
#ifndef THIDUA_OPERATE_PROCESS_H
#define THIDUA_OPERATE_PROCESS_H

#include "http/metrics.h"

extern const struct metrics_gauge process_gauges[];

#endif
