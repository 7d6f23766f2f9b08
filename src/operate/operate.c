// What operators ask: is it alive, is it ready, how is it doing; and the contract itself.
#include "handler/feature.h"
#include "handler/lanes/work.h"
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

static struct reply show(const struct contract *contract)
{
    struct reply reply = reply_json(200, contract->text, contract->length);
    reply.content_type = contract->media_type;
    reply.gzip = contract->gzip;
    reply.gzip_length = contract->gzip_length;
    reply.etag = contract->etag;
    reply.content_security_policy = contract->content_security_policy;
    return reply;
}

static struct reply show_yaml(struct request *request)
{
    (void)request;
    return show(&contract_yaml);
}

static struct reply show_json(struct request *request)
{
    (void)request;
    return show(&contract_json);
}

static struct reply show_page(struct request *request)
{
    (void)request;
    return show(&contract_page);
}

#define KEPT_A_WHILE "public, max-age=300"

static const struct route operate_routes[] = {
    {.method = "GET", .path = "/healthz", .roles = ANYONE, .lane = LANE_LOOP, .answer = health},
    {.method = "GET", .path = "/readyz", .roles = ANYONE, .lane = LANE_LOOP, .answer = readiness},
    {.method = "GET",
     .path = "/metrics",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = metrics_reply,
     .produces = "text/plain"},
    {.method = "GET",
     .path = "/openapi.yaml",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_yaml,
     .produces = "application/yaml",
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
     .produces = "text/html",
     .cache_control = KEPT_A_WHILE},
    {0},
};

const struct feature operate_feature = {.name = "operate", .routes = {operate_routes}};
