#include "handler/feature.h"
#include "dossiers/private.h"

const struct feature dossiers_feature = {
    .name = "dossiers",
    .routes = {dossier_routes, dossier_move_routes, dossier_list_routes, nomination_routes, notification_routes,
               document_routes, minutes_routes, bundle_routes},
    .constraints = {dossier_constraints, minutes_constraints},
};
