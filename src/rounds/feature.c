#include "handler/feature.h"
#include "rounds/private.h"

const struct feature rounds_feature = {
    .name = "rounds",
    .routes = {round_routes, round_step_routes, contestant_routes, quota_routes, register_routes, finding_routes,
               report_routes, parameter_routes},
    .constraints = {round_constraints, contestant_constraints, quota_constraints, register_constraints,
                    finding_constraints, report_constraints},
};
