// What operators ask: is it alive, is it ready, how is it doing; and the contract itself.
#include "handler/feature.h"
#include "handler/work.h"
#include "http/metrics.h"
#include "http/route.h"
#include "operate/contract.h"

#include <string.h>

static struct reply health(struct request *request)
{
    (void)request;
    struct reply reply = reply_json(200, "{\"status\":\"ok\"}", strlen("{\"status\":\"ok\"}"));
    reply.cache_control = "no-store";
    return reply;
}

static struct reply readiness(struct request *request)
{
    if (loops_ready())
        return health(request);
    refuse_busy(request);
    return refusal(request);
}

static struct reply show(struct request *request, const struct contract *contract, const char *content_type)
{
    struct reply reply = reply_json(200, contract->text, contract->length);
    reply.content_type = content_type;
    reply.etag = etag_of(request, NULL, contract->text, contract->length);
    return reply;
}

static struct reply show_yaml(struct request *request)
{
    return show(request, &contract_yaml, "application/yaml; charset=utf-8");
}

static struct reply show_json(struct request *request)
{
    return show(request, &contract_json, "application/json");
}

static struct reply show_page(struct request *request)
{
    return show(request, &contract_page, "text/html; charset=utf-8");
}

#define KEPT_A_WHILE "public, max-age=300"

static const struct route operate_routes[] = {
    {.method = "GET", .path = "/healthz", .roles = ANYONE, .lane = LANE_LOOP, .answer = health},
    {.method = "GET", .path = "/readyz", .roles = ANYONE, .lane = LANE_LOOP, .answer = readiness},
    {.method = "GET", .path = "/metrics", .roles = ANYONE, .lane = LANE_LOOP, .answer = metrics_reply},
    {.method = "GET",
     .path = "/openapi.yaml",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_yaml,
     .cache_control = KEPT_A_WHILE},
    {.method = "GET",
     .path = "/openapi.json",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_json,
     .cache_control = KEPT_A_WHILE},
    {.method = "GET",
     .path = "/docs",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_page,
     .cache_control = KEPT_A_WHILE},
    {0},
};

const struct feature operate_feature = {.name = "operate", .routes = {operate_routes}};
