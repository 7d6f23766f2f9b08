#include "handler/validator.h"

#include "handler/lanes/work.h"
#include "handler/run_statement.h"
#include "http/gzip.h"
#include "http/route.h"

#include <string.h>

const char *validator_in_coding(struct request *request, struct reply reply)
{
    bool packed = gzip_accepted(request->accept_encoding) && gzip_body(request, &reply);
    return packed ? etag_gzip(request, reply.etag) : reply.etag;
}

// The body and the version of a read are its first columns.
static const char *validator_read(struct request *request, struct session *session, const char *otherwise)
{
    const struct statement *read = request->route->read;
    const char **values = arena_array(&request->arena, (size_t)read->parameters + 1, sizeof *values);
    struct rows *rows;
    read_parameters(request, values);
    if (!run_statement(request, session, read, values, &rows))
        return NULL;
    struct read_row row = rows_count(rows) > 0 ? read_row_of(rows) : (struct read_row){0};
    if (!row.body)
        return otherwise;
    struct reply reply = reply_json(request, 200, row.body, row.length);
    reply.etag = etag_of(request, row.version, reply.body, reply.length);
    return validator_in_coding(request, reply);
}

static const char *validator_here(struct request *request, struct session *session, const char *otherwise)
{
    const struct route *route = request->route;
    if (!(route->roles & ANYONE) && !has_role(request, route->roles))
        return otherwise;
    if (route->lane == LANE_QUICK && route->read)
        return validator_read(request, session, otherwise);
    if (route->lane != LANE_COMPUTE)
        return otherwise;
    struct reply reply = route->act(request, session);
    return request->problem.kind == PROBLEM_NONE && reply.etag ? validator_in_coding(request, reply) : NULL;
}

const char *validator_of(struct request *request, struct session *session, const char *path, const char *otherwise)
{
    const struct route *route = request->route;
    const char *method = request->method, *target = request->target, *allow, *misfit;
    size_t query_count = request->query_count;
    struct pair parts[PATH_PARAMETERS_MAX];
    memcpy(parts, request->path, sizeof parts);
    request->method = "GET";
    request->target = path;
    request->query_count = 0;
    const char *found = otherwise;
    if (route_find(request, &allow, &misfit) == ROUTE_FOUND)
        found = validator_here(request, session, otherwise);
    request->route = route;
    request->method = method;
    request->target = target;
    request->query_count = query_count;
    memcpy(request->path, parts, sizeof parts);
    return found;
}
