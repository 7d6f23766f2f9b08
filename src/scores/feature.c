#include "handler/feature.h"
#include "scores/private.h"

const struct feature scores_feature = {
    .name = "scores",
    .routes = {frame_routes, score_routes, score_list_routes},
    .constraints = {frame_constraints, score_constraints},
};
