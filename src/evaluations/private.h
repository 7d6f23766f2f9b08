// What the files of this folder share with one another alone.
#ifndef THIDUA_EVALUATIONS_PRIVATE_H
#define THIDUA_EVALUATIONS_PRIVATE_H

#include "evaluations/stored/stored.h"
#include "handler/constraints.h"
#include "http/metrics.h"
#include "http/route.h"

extern const struct route evaluation_routes[], override_routes[], tie_routes[], unit_verdict_routes[], verdict_routes[];

// What of a verdict the caller may read: a unit its own subtree's, without what is restricted.
enum audience verdict_audience(const struct request *request);

extern const struct metrics_gauge evaluation_gauges[]; // run_counts.c
extern const struct constraint_problem override_constraints[], tie_constraints[];

#endif
