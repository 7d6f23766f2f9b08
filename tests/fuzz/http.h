// What targets that read requests have in common: a body with a field of every kind, routes that take it, and a request
// that no connection stands behind.
#ifndef THIDUA_FUZZ_HTTP_H
#define THIDUA_FUZZ_HTTP_H

#include "http/input/rows.h"
#include "http/request.h"
#include "http/route.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const states[] = {"draft", "open", "closed", NULL};
static const struct field named = {.type = FIELD_UUID};
static const struct field part_fields[] = {
    {.name = "code", .type = FIELD_LINE, .required = true, .least = 1, .most = 20, .offset = FIELD_UNBOUND},
    {.name = "from", .type = FIELD_DATE, .offset = FIELD_UNBOUND},
    {.name = "to", .type = FIELD_DATE, .not_before = "from", .offset = FIELD_UNBOUND},
    {.name = "facts", .type = FIELD_JSON, .offset = FIELD_UNBOUND},
    {0},
};
static const struct field part = {.type = FIELD_OBJECT, .fields = part_fields};

// Cells of a file are scalars: the first rows of the table are what a file takes.
static const struct field scalar_fields[] = {
    {.name = "name", .type = FIELD_LINE, .required = true, .least = 1, .most = 60, .offset = FIELD_UNBOUND},
    {.name = "note", .type = FIELD_TEXT, .nullable = true, .names_document = true, .offset = FIELD_UNBOUND},
    {.name = "number", .type = FIELD_NUMBER_SYMBOL, .offset = FIELD_UNBOUND},
    {.name = "state", .type = FIELD_CHOICE, .choices = states, .offset = FIELD_UNBOUND},
    {.name = "unit_id", .type = FIELD_UUID, .nullable = true, .offset = FIELD_UNBOUND},
    {.name = "day", .type = FIELD_DATE, .happened = true, .offset = FIELD_UNBOUND},
    {.name = "at", .type = FIELD_INSTANT, .offset = FIELD_UNBOUND},
    {.name = "count", .type = FIELD_INTEGER, .least = -5, .most = 100000, .offset = FIELD_UNBOUND},
    {.name = "points", .type = FIELD_DECIMAL, .scale = 2, .least = 0, .most = 10000, .offset = FIELD_UNBOUND},
    {.name = "good", .type = FIELD_BOOLEAN, .offset = FIELD_UNBOUND},
    {0},
};
static const struct field body_fields[] = {
    {.name = "name", .type = FIELD_LINE, .required = true, .least = 1, .most = 60, .offset = FIELD_UNBOUND},
    {.name = "note", .type = FIELD_TEXT, .nullable = true, .names_document = true, .offset = FIELD_UNBOUND},
    {.name = "number", .type = FIELD_NUMBER_SYMBOL, .offset = FIELD_UNBOUND},
    {.name = "state", .type = FIELD_CHOICE, .choices = states, .offset = FIELD_UNBOUND},
    {.name = "day", .type = FIELD_DATE, .happened = true, .offset = FIELD_UNBOUND},
    {.name = "at", .type = FIELD_INSTANT, .offset = FIELD_UNBOUND},
    {.name = "count", .type = FIELD_INTEGER, .least = -5, .most = 100000, .offset = FIELD_UNBOUND},
    {.name = "points", .type = FIELD_DECIMAL, .scale = 2, .least = 0, .most = 10000, .offset = FIELD_UNBOUND},
    {.name = "good", .type = FIELD_BOOLEAN, .offset = FIELD_UNBOUND},
    {.name = "part", .type = FIELD_OBJECT, .nullable = true, .fields = part_fields, .offset = FIELD_UNBOUND},
    {.name = "parts", .type = FIELD_LIST, .most = 20, .item = &part, .offset = FIELD_UNBOUND},
    {.name = "unit_ids", .type = FIELD_LIST, .least = 1, .most = 5, .item = &named, .offset = FIELD_UNBOUND},
    {.name = "facts", .type = FIELD_JSON, .offset = FIELD_UNBOUND},
    {0},
};

static const struct column columns[] = {
    {"Tên", "Name", "name", COLUMN_PLAIN, NULL},
    {"Điểm", "Points", "points", COLUMN_DECIMAL, NULL},
    {"Báo cáo", "Report", "report.due", COLUMN_DATE, NULL},
    {"Trạng thái báo cáo", "State of the report", "report.status", COLUMN_PLAIN, NULL},
    {0},
};
static const struct column *const headings[] = {columns, NULL};

static const struct query_field list_query[] = {
    QUERY_PAGE,
    {.name = "name", .type = FIELD_TEXT, .most = 60},
    {.name = "state", .type = FIELD_CHOICE, .choices = states},
    {.name = "unit_id", .type = FIELD_UUID},
    {.name = "day", .type = FIELD_DATE},
    {.name = "since", .type = FIELD_INSTANT},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2100},
    {.name = "open", .type = FIELD_BOOLEAN},
    {0},
};

static struct reply nothing(struct request *request)
{
    (void)request;
    return reply_no_content();
}

static const struct route table[] = {
    {"GET", "/v1/things", ANYONE, LANE_LOOP, .answer = nothing, .query = list_query, .columns = columns},
    {"GET", "/v1/things/{thing}", ANYONE, LANE_LOOP, .answer = nothing},
    {"GET", "/v1/things/{thing}/parts/{year}", ANY_KEY, LANE_LOOP, .answer = nothing, .query = list_query},
    {"POST", "/v1/things", ANYONE, LANE_WRITE, .body_kind = BODY_JSON, .body = body_fields},
    {"PATCH", "/v1/things/{thing}", ANYONE, LANE_WRITE, .body_kind = BODY_MERGE_PATCH, .body = body_fields},
    {"POST", "/v1/things/imports", ANYONE, LANE_WRITE, .body_kind = BODY_CSV, .body = scalar_fields},
    {"PUT", "/v1/things/{thing}/paper", ANYONE, LANE_WRITE, .body_kind = BODY_PDF},
    {0},
};
static const struct route *const tables[] = {table, NULL};

enum { NOON = 1767225600 }; // of a clock that stands still: the same bytes give the same answer

static inline void begin(struct request *request, const struct route *route)
{
    *request = (struct request){.route = route,
                                .method = route->method,
                                .target = route->path,
                                .language = ENGLISH,
                                .at = (int64_t)NOON * 1000000,
                                .spool.file.descriptor = -1};
}

static inline void end(struct request *request)
{
    release_deferred(request, NULL);
    arena_release(&request->arena);
}

// What was refused has been told why, within the bounds of a problem; what was not, has not.
static inline void examine_outcome(struct request *request, bool good)
{
    if (good != (request->problem.kind == PROBLEM_NONE))
        abort();
    if (good)
        return;
    struct reply reply = refusal(request);
    if (reply.status < 400 || reply.status >= 500 || !reply.body || strlen(reply.body) != reply.length)
        abort();
}

#endif
