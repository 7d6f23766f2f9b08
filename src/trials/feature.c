#include "handler/feature.h"
#include "trials/private.h"

const struct feature trials_feature = {
    .name = "trials",
    .routes = {impact_routes, replay_routes, what_if_routes},
};
