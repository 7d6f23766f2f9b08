#include "handler/feature.h"
#include "evaluations/private.h"

const struct feature evaluations_feature = {
    .name = "evaluations",
    .routes = {evaluation_routes, override_routes, tie_routes, unit_verdict_routes, verdict_routes},
    .constraints = {override_constraints, tie_constraints},
    .gauges = evaluation_gauges,
};
