#include "handler/feature.h"
#include "webhooks/dispatcher.h"
#include "webhooks/private.h"

const struct feature webhooks_feature = {
    .name = "webhooks",
    .routes = {webhook_routes, delivery_routes},
    .constraints = {webhook_constraints},
    .gauges = dispatcher_gauges,
};
