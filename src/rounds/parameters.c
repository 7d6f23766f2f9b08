// Numbers of a round that its rules ask for: whole lists, each value with the document that it is taken from.
#include "rounds/parameters.h"

#include "facts/rules.h"
#include "handler/run.h"
#include "http/route.h"
#include "rounds/parameters.sql.h"
#include "rounds/private.h"
#include "rounds/round.h"

#include <string.h>

const char *const round_day_names[] = {"dossier_cut_off",       "report_cut_off", "conference_on",      "submitted_on",
                                       "submitted_on_or_as_of", "signed_on",      "signed_on_or_as_of", NULL};

static bool is_day_of_round(const char *name)
{
    for (size_t i = 0; round_day_names[i]; i++)
        if (strcmp(round_day_names[i], name) == 0)
            return true;
    return false;
}

static const struct field item_fields[] = {
    PASSED("name", FIELD_LINE, .required = true, .least = 1, .most = 64),
    PASSED("value", FIELD_LINE, .required = true, .least = 1, .most = 40),
    PASSED("source", FIELD_LINE, .required = true, .least = 1, .most = 300),
    {0},
};
static const struct field parameter_item = {.type = FIELD_OBJECT, .fields = item_fields};

struct parameters_body {
    const char *reason;
};
static const struct field parameters_fields[] = {
    PASSED("parameters", FIELD_LIST, .required = true, .most = 100, .item = &parameter_item),
    BOUND(parameters_body, reason, FIELD_TEXT, .required = true, .least = 1, .most = 2000),
    {0},
};

// The service knows the days of the round, and reckons others from them.
static bool is_given_by_people(const struct parameter_declaration *parameter)
{
    return !parameter->reckoned && !is_day_of_round(parameter->name);
}

static const struct parameter_declaration *parameter_named(const struct rule_set_source *source, const char *name)
{
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (strcmp(source->parameters[i].name, name) == 0 && is_given_by_people(&source->parameters[i]))
            return &source->parameters[i];
    return NULL;
}

static const char *names_shown(struct request *request, const struct rule_set_source *source)
{
    const char *names = NULL;
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (is_given_by_people(&source->parameters[i]))
            names = arena_format(&request->arena, "%s%s\"%s\"", names ? names : "", names ? ", " : "",
                                 source->parameters[i].name);
    return names ? names : "–";
}

static bool is_named_above(const json_t *list, size_t index, const char *name)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "name")), name) == 0)
            return true;
    return false;
}

static void check_item(struct request *request, const struct rule_set_source *source, const json_t *list, size_t index)
{
    const json_t *item = json_array_get(list, index);
    const char *name = json_string_value(json_object_get(item, "name"));
    const char *text = json_string_value(json_object_get(item, "value"));
    const struct parameter_declaration *declared = parameter_named(source, name);
    struct value value;
    if (!declared)
        violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/parameters/%zu/name", index), "unknown",
                say(request, "Bộ tiêu chí của kế hoạch chỉ dùng các tham số: %s.",
                    "The criteria set of the plan asks for these only: %s.", names_shown(request, source)));
    else if (is_named_above(list, index, name))
        violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/parameters/%zu/name", index), "repeated",
                say(request, "Tham số này đã nêu ở trên.", "It is named above already."));
    else if (!value_parse(declared->type, declared->decimals, text, &value))
        violate(request, PROBLEM_INVALID, arena_format(&request->arena, "/parameters/%zu/value", index), "type",
                declared->type == VALUE_DATE
                    ? say(request, "Cần một ngày YYYY-MM-DD.", "A day as YYYY-MM-DD is needed.")
                    : say(request, "Cần một số, nhiều nhất %u chữ số thập phân sau dấu chấm.",
                          "A number is needed, with at most %u digits after the point.", declared->decimals));
}

static bool parameters_fit(struct request *request, struct session *session, const char *hash)
{
    const struct rules *rules = hash ? rules_by_hash(request, session, hash) : NULL;
    if (!hash)
        return refuse(
            request, PROBLEM_CONFLICT,
            say(request, "Kế hoạch chưa có bộ tiêu chí đã công bố.", "The campaign has no published criteria set."));
    const json_t *list = json_object_get(request->json, "parameters");
    for (size_t i = 0; rules && i < json_array_size(list); i++)
        check_item(request, rules->document.rules->source, list, i);
    return request->problem.kind == PROBLEM_NONE;
}

static struct reply put_parameters(struct request *request, struct session *session)
{
    struct parameters_body body = {0};
    struct round round;
    struct round_parameters old;
    struct round_parameters_put now;
    if (!read_body(request, parameters_fields, &body) ||
        !round_writable(request, session, ROUND_ALONE, ROUND_PARAMETERS, &round) ||
        !round_parameters(request, session, round.campaign, round.year, &old) || !version_is(request, old.version) ||
        !parameters_fit(request, session, old.rules_hash) ||
        !round_parameters_put(request, session, round.campaign, round.year, request->body_json, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "round.parameters_set",
                                  .resource = arena_format(&request->arena, "%s/parameters", round.path),
                                  .campaign = round.campaign,
                                  .year = round.year,
                                  .reason = body.reason,
                                  .before = old.json},
                   now.version, now.json);
}

const struct route parameter_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/parameters",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &round_parameters_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/parameters",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = NO_UNIT_AT_STAKE("What all contestants of a round are measured against holds for them alike."),
     .act = put_parameters,
     .body_kind = BODY_JSON,
     .body = parameters_fields},
    {0},
};
