#include "http/input/body.h"
#include "http/input/cursor.h"
#include "http/request.h"
#include "http/route.h"

#include <string.h>

// Every write takes it.
static const struct query_field dry_run = {.name = "dry_run", .type = FIELD_BOOLEAN};

static const struct query_field *field_named(const struct query_field *fields, const char *name)
{
    for (; fields && fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

static const char *known_names(struct request *request, const struct query_field *fields)
{
    const char *text = "";
    for (; fields && fields->name; fields++)
        text = arena_format(&request->arena, "%s%s\"%s\"", text, *text ? ", " : "", fields->name);
    if (route_writes(request->route))
        text = arena_format(&request->arena, "%s%s\"%s\"", text, *text ? ", " : "", dry_run.name);
    return *text ? text : "–";
}

static void check_parameter(struct request *request, const struct query_field *fields, size_t index)
{
    struct pair *parameter = &request->query[index];
    const struct query_field *field = field_named(fields, parameter->name);
    if (!field && route_writes(request->route) && strcmp(parameter->name, dry_run.name) == 0)
        field = &dry_run;
    if (!field) {
        violate(request, PROBLEM_INVALID_QUERY, parameter->name, "unknown",
                say(request, "Không có tham số này. Các tham số dùng được: %s.", "No such parameter. Known ones: %s.",
                    known_names(request, fields)));
        return;
    }
    for (size_t i = 0; i < index; i++)
        if (strcmp(request->query[i].name, parameter->name) == 0)
            violate(request, PROBLEM_INVALID_QUERY, parameter->name, "repeated",
                    say(request, "Tham số xuất hiện hai lần.", "The parameter appears twice."));
    const struct field as_field = {.name = field->name,
                                   .type = field->type,
                                   .required = true,
                                   .least = field->least,
                                   .most = field->most,
                                   .choices = field->choices};
    parameter->value = check_text(request, &as_field, parameter->value, strlen(parameter->value), parameter->name,
                                  PROBLEM_INVALID_QUERY);
}

bool read_query(struct request *request, const struct query_field *fields)
{
    size_t given = request->query_count;
    for (size_t i = 0; i < given; i++)
        check_parameter(request, fields, i);
    for (const struct query_field *field = fields; field && field->name; field++)
        if (field->fallback && !query_value(request, field->name) && request->query_count < QUERY_PARAMETERS_MAX)
            request->query[request->query_count++] = (struct pair){field->name, field->fallback};
    const char *asked = route_writes(request->route) ? query_value(request, dry_run.name) : NULL;
    request->dry_run = request->route->trial || (asked && strcmp(asked, "true") == 0);
    return request->problem.kind == PROBLEM_NONE && cursor_open(request);
}
