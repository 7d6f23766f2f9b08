// What operators ask: is it alive, is it ready, how is it doing; and the contract itself.
#include "http/metrics.h"
#include "http/route.h"
#include "operate/contract.h"
#include "service/work.h"

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
    if (service_ready())
        return health(request);
    refuse_busy(request);
    return refusal(request);
}

static struct reply contract(struct request *request)
{
    struct reply reply = reply_json(200, contract_text, contract_length);
    reply.content_type = "application/yaml; charset=utf-8";
    reply.etag = etag_of(request, NULL, contract_text, contract_length);
    return reply;
}

const struct route operate_routes[] = {
    {.method = "GET", .path = "/healthz", .roles = ANYONE, .lane = LANE_LOOP, .answer = health},
    {.method = "GET", .path = "/readyz", .roles = ANYONE, .lane = LANE_LOOP, .answer = readiness},
    {.method = "GET", .path = "/metrics", .roles = ANYONE, .lane = LANE_LOOP, .answer = metrics_reply},
    {.method = "GET",
     .path = "/openapi.yaml",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = contract,
     .cache_control = "public, max-age=300"},
    {0},
};
