// `thidua routes`: the route table as JSON, for the tests that hold it against openapi.yaml and the authorisation
// matrix.
#include "app/command/command.h"
#include "app/features.h"
#include "http/route.h"

#include <stdio.h>
#include <stdlib.h>

static json_t *roles_json(unsigned roles)
{
    json_t *names = json_array();
    if (roles & ANYONE)
        json_array_append_new(names, json_string("anyone"));
    for (unsigned role = 1; role <= ROLES_ALL; role <<= 1)
        if (roles & role)
            json_array_append_new(names, json_string(role_name(role)));
    return names;
}

static json_t *choices_json(const char *const *choices)
{
    json_t *list = choices ? json_array() : NULL;
    for (; choices && *choices; choices++)
        json_array_append_new(list, json_string(*choices));
    return list;
}

static json_t *fields_json(const struct field *fields);

static const char *type_name(enum field_type type)
{
    static const char *const names[] = {"none",    "text",    "line",    "number_symbol", "choice", "uuid", "date",
                                        "instant", "integer", "decimal", "boolean",       "object", "list", "json"};
    return names[type];
}

static json_t *field_json(const struct field *field)
{
    json_t *json = json_pack("{s:s, s:b, s:b, s:b, s:I, s:I, s:i, s:o*}", "type", type_name(field->type), "required",
                             field->required, "nullable", field->nullable, "happened", field->happened, "least",
                             (json_int_t)field->least, "most", (json_int_t)field->most, "scale", field->scale,
                             "choices", choices_json(field->choices));
    if (field->fields)
        json_object_set_new(json, "fields", fields_json(field->fields));
    if (field->item)
        json_object_set_new(json, "item", field_json(field->item));
    return json;
}

static json_t *fields_json(const struct field *fields)
{
    json_t *json = json_object();
    for (; fields && fields->name; fields++)
        json_object_set_new(json, fields->name, field_json(fields));
    return json;
}

static json_t *query_field_json(const struct query_field *field)
{
    return json_pack("{s:s, s:I, s:I, s:s?, s:o*}", "type", type_name(field->type), "least", (json_int_t)field->least,
                     "most", (json_int_t)field->most, "fallback", field->fallback, "choices",
                     choices_json(field->choices));
}

static json_t *query_json(const struct route *route)
{
    struct common_query common;
    json_t *json = json_object();
    route_common_query(route, &common);
    for (const struct query_field *field = common.fields; field->name; field++)
        json_object_set_new(json, field->name, query_field_json(field));
    for (const struct query_field *field = route->query; field && field->name; field++)
        json_object_set_new(json, field->name, query_field_json(field));
    return json;
}

static json_t *columns_json(const struct column *columns)
{
    static const char *const types[] = {"plain", "date", "instant", "decimal", "amount"};
    json_t *list = columns ? json_array() : json_null();
    for (; columns && columns->member; columns++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s?}", "vi", columns->vi, "en", columns->en, "member",
                                        columns->member, "type", types[columns->type], "codes", columns->codes));
    return list;
}

// On whom a write bears: the statement that names the units and what it asks for, or why there are none.
static json_t *duty_json(const struct duty *duty)
{
    if (!duty)
        return json_null();
    json_t *sources = json_array();
    for (int i = 0; duty->units && i < duty->units->parameters - 1; i++) // the last one says whether rivals count
        json_array_append_new(sources, json_string(duty->units->sources[i]));
    return json_pack("{s:s?, s:o, s:b, s:b, s:s?}", "units", duty->units ? duty->units->name : NULL, "of", sources,
                     "rivals", duty->rivals, "sometimes", duty->as_office != NULL, "none", duty->none);
}

static json_t *offers_json(const struct route *route)
{
    const char *offers[OFFERS_MAX];
    size_t count = route_offers(route, offers);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(offers[i]));
    return list;
}

// Does a worker make the answer, or what else may be asked for: the table, the paper?
static bool computes(const struct route *route)
{
    return route->lane == LANE_COMPUTE || route->columns || route->paper;
}

int command_routes(const struct arguments *arguments)
{
    static const char *const bodies[] = {NULL, "application/json", "application/merge-patch+json", "text/csv",
                                         "application/pdf"};
    (void)arguments;
    json_t *list = json_array();
    routes_use(features_routes());
    for (int i = 0; i < routes_count(); i++) {
        const struct route *route = route_at(i);
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o, s:s?, s:s*, s:o, s:o, s:b, s:b, s:o, s:s?, s:o, s:o, s:s?}", "method",
                      route->method, "path", route->path, "roles", roles_json(route->roles), "content_type",
                      bodies[route->body_kind], "also_type", route->body_kind == BODY_CSV ? XLSX_TYPE : NULL, "query",
                      query_json(route), "body", fields_json(route->body), "write", route_writes(route), "computes",
                      computes(route), "columns", columns_json(route->columns), "rows_of", route->rows_of, "duty",
                      duty_json(route->duty), "produces", offers_json(route), "cache_control", route->cache_control));
    }
    char *text = json_dumps(list, JSON_INDENT(1));
    json_decref(list);
    int status = text && puts(text) >= 0 ? 0 : 1;
    free(text);
    return status;
}
