// What operators ask: is it alive, is it ready, how is it doing; the contract itself; and the front page.
#include "base/pure/labels.h"
#include "database/changes.h"
#include "handler/feature.h"
#include "handler/lanes/work.h"
#include "http/metrics.h"
#include "http/route.h"
#include "operate/contract.h"
#include "operate/links.h"
#include "operate/process.h"

#include <string.h>

static struct reply health(struct request *request)
{
    struct reply reply = reply_json(request, 200, "{\"status\":\"ok\"}", strlen("{\"status\":\"ok\"}"));
    reply.cache_control = "no-store";
    return reply;
}

static const struct query_field readiness_query[] = {
    {.name = "reads_only", .type = FIELD_BOOLEAN},
    {0},
};

static void refuse_writes(struct request *request)
{
    if (changes_commits_wait())
        refuse(request, PROBLEM_UNAVAILABLE,
               say(request, "Các lệnh ghi đang chờ máy chủ dự phòng đồng bộ; các lệnh đọc vẫn được trả lời.",
                   "Writes wait for a synchronous standby that is away. Reads are answered."));
    else
        refuse(request, PROBLEM_UNAVAILABLE,
               say(request, "Các lệnh ghi không có kết nối nào tới cơ sở dữ liệu; các lệnh đọc vẫn được trả lời.",
                   "Writes have no connection to the database. Reads are answered."));
}

static struct reply readiness(struct request *request)
{
    const char *reads_only = query_value(request, "reads_only");
    bool for_reads = reads_only && strcmp(reads_only, "true") == 0, ready = loops_ready();
    if (ready && (for_reads || (workers_ready() && !changes_commits_wait())))
        return health(request);
    if (ready)
        refuse_writes(request);
    else
        refuse_busy(request);
    return refusal(request);
}

static struct reply show(const struct contract *contract)
{
    struct reply reply = {.status = 200, .body = contract->text, .length = contract->length};
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

static struct reply show_schemas(struct request *request)
{
    (void)request;
    return show(&contract_schemas);
}

// A browser that asks for a page gets one, whoever else asks gets the links.
static struct reply show_front(struct request *request)
{
    const char *wanted = route_offer_wanted(request);
    return wanted && !strcmp(wanted, "text/html") ? show(&contract_front) : show_links(request);
}

// Made for each call, in less than a millisecond: whoever asks again sends the tag and gets 304.
static json_t *vocabulary_json(void)
{
    json_t *list = json_array(), *codes = NULL;
    const char *vocabulary = "";
    for (const struct label *label = labels; label->code; label++) {
        if (strcmp(label->vocabulary, vocabulary) != 0) {
            vocabulary = label->vocabulary;
            codes = json_array();
            json_array_append_new(list, json_pack("{s:s, s:o}", "name", vocabulary, "codes", codes));
        }
        json_array_append_new(codes,
                              json_pack("{s:s, s:s, s:s}", "code", label->code, "vi", label->vi, "en", label->en));
    }
    return json_pack("{s:o}", "vocabularies", list);
}

static struct reply show_vocabulary(struct request *request)
{
    json_t *json = vocabulary_json();
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!text) {
        refuse(request, PROBLEM_UNAVAILABLE, NULL);
        return refusal(request);
    }
    defer_free(request, text);
    return reply_json(request, 200, text, strlen(text));
}

#define KEPT_A_WHILE "public, max-age=300"

static const struct route operate_routes[] = {
    {.method = "GET",
     .path = "/",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_front,
     .also_produces = "text/html",
     .cache_control = KEPT_A_WHILE},
    {.method = "GET",
     .path = "/v1",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_links,
     .cache_control = KEPT_A_WHILE},
    {.method = "GET", .path = "/healthz", .roles = ANYONE, .lane = LANE_LOOP, .answer = health},
    {.method = "GET",
     .path = "/readyz",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = readiness,
     .query = readiness_query},
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
    {.method = "GET",
     .path = "/docs/schemas",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_schemas,
     .produces = "text/html",
     .cache_control = KEPT_A_WHILE},
    {.method = "GET",
     .path = "/v1/vocabulary",
     .roles = ANYONE,
     .lane = LANE_LOOP,
     .answer = show_vocabulary,
     .cache_control = KEPT_A_WHILE},
    {0},
};

const struct feature operate_feature = {
    .name = "operate",
    .routes = {operate_routes},
    .gauges = process_gauges,
};
