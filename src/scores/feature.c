#include "handler/feature.h"
#include "scores/private.h"

const struct feature scores_feature = {
    .name = "scores",
    .routes = {frame_routes, score_routes},
    .constraints = {frame_constraints, score_constraints},
};
