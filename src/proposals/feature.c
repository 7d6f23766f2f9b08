#include "handler/feature.h"
#include "proposals/private.h"

const struct feature proposals_feature = {
    .name = "proposals",
    .routes = {proposal_routes, proposal_move_routes, summary_routes, results_routes},
    .constraints = {proposal_constraints},
};
