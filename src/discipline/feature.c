#include "handler/feature.h"
#include "discipline/private.h"

const struct feature discipline_feature = {
    .name = "discipline",
    .routes = {discipline_routes, proceeding_routes},
    .constraints = {discipline_constraints, proceeding_constraints},
};
