#include "handler/feature.h"
#include "decisions/private.h"

const struct feature decisions_feature = {
    .name = "decisions",
    .routes = {draft_routes, decision_routes, award_routes, certificate_routes, metadata_routes},
    .constraints = {decision_constraints, award_constraints, certificate_constraints},
};
