// GET /v1/decisions/{id}/metadata: what systems of documents keep of a decision, as JSON or XML.
#include "decisions/paper.h"
#include "decisions/private.h"
#include "handler/run.h"
#include "http/route.h"

#include <string.h>

#define XML_TYPE "application/xml"

static struct reply answer_xml(struct request *request, const struct paper_metadata *metadata)
{
    const char *text = paper_metadata_xml(&request->arena, metadata);
    if (!text) {
        refuse(request, PROBLEM_UNAVAILABLE, NULL);
        return refusal(request);
    }
    return (struct reply){.status = 200,
                          .content_type = XML_TYPE,
                          .body = text,
                          .length = strlen(text),
                          .etag = etag_of(request, NULL, text, strlen(text))};
}

static const char *metadata_json(struct request *request, const struct paper_metadata *metadata)
{
    struct paper_field fields[PAPER_FIELDS];
    json_t *json = defer_json(request, json_object());
    paper_fields(metadata, fields);
    for (size_t i = 0; i < PAPER_FIELDS; i++) {
        if (fields[i].group && !json_object_get(json, fields[i].group))
            json_object_set_new(json, fields[i].group, json_object());
        json_t *object = fields[i].group ? json_object_get(json, fields[i].group) : json;
        json_object_set_new(object, fields[i].name, fields[i].value ? json_string(fields[i].value) : json_null());
    }
    char *text = json_dumps(json, JSON_COMPACT);
    defer_free(request, text);
    return text;
}

static struct reply show_metadata(struct request *request, struct session *session)
{
    struct paper_metadata metadata;
    if (!decision_metadata(request, session, &metadata))
        return refusal(request);
    const char *wanted = route_offer_wanted(request);
    return wanted && strcmp(wanted, XML_TYPE) == 0 ? answer_xml(request, &metadata)
                                                   : computed(request, NULL, metadata_json(request, &metadata));
}

const struct route metadata_routes[] = {
    {.method = "GET",
     .path = "/v1/decisions/{id}/metadata",
     .roles = ANYONE,
     .lane = LANE_COMPUTE,
     .act = show_metadata,
     .also_produces = XML_TYPE},
    {0},
};
