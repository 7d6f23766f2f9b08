#include "handler/duty.h"

#include "handler/bulk/listed.h"
#include "handler/lanes/work.h"
#include "handler/run.h"
#include "handler/run_statement.h"
#include "http/route.h"

#include <string.h>

// What an item of an import says in place of the request; NULL where it says nothing of it.
static const char *listed_parameter(struct request *request, const struct listed *listed, const char *source)
{
    const struct {
        const char *source, *value;
    } given[] = {{"{unit_id}", listed->unit_id},
                 {"{id}", listed->subject},
                 {"{code}", listed->campaign},
                 {"{year}", listed->year}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (strcmp(given[i].source, source) == 0)
            return given[i].value;
    if (strcmp(source, "@body") != 0)
        return read_parameter(request, source);
    char *text = json_dumps(listed->body, JSON_COMPACT);
    defer_free(request, text);
    return text;
}

static bool refuse_stake(struct request *request, bool own)
{
    return refuse(request, PROBLEM_SEPARATION_OF_DUTIES,
                  own ? say(request,
                            "Việc này liên quan đến chính đơn vị của khóa này, hoặc đơn vị từng thuộc đơn vị đó trong "
                            "năm xét; người của đơn vị khác phải làm.",
                            "This bears on the very unit of this key, or on one that belonged to it in the award "
                            "year: somebody of another unit must act.")
                      : say(request,
                            "Đơn vị của khóa này thi đua cùng nhóm với đơn vị được xét; người của đơn vị ngoài nhóm "
                            "phải làm việc này.",
                            "The unit of this key competes with that one in the same group: somebody of a unit "
                            "outside the group must act."));
}

static bool judge_duty(struct request *request, const struct rows *rows)
{
    return rows_count(rows) == 0 || refuse_stake(request, rows_true(rows, 0, 0));
}

static bool duty_kept(struct request *request, struct session *session, const struct duty *duty,
                      const struct listed *listed)
{
    const char *values[STATEMENT_PARAMETERS_MAX];
    int last = duty->units->parameters - 1;
    for (int i = 0; i < last; i++)
        values[i] = listed ? listed_parameter(request, listed, duty->units->sources[i])
                           : read_parameter(request, duty->units->sources[i]);
    values[last] = duty->rivals ? "true" : "false";
    return run_guard(request, session, duty->units, values, judge_duty);
}

// Who calls as a unit alone does what units do there, which the handler holds to its own subtree.
static bool is_office(const struct request *request)
{
    return request->caller.roles & request->route->roles & ~(unsigned)(ROLE_UNIT | ROLE_VIEWER);
}

bool route_duty_kept(struct request *request, struct session *session)
{
    const struct route *route = request->route;
    const struct duty *duty = route->duty;
    if (!duty || !duty->units || !is_office(request) || !caller_unit(request))
        return true;
    // The body is read here for its units alone; `act` reads it again, as it needs it.
    if (route->body && !read_body(request, route->body, NULL))
        return false;
    return (duty->as_office && !duty->as_office(request)) || duty_kept(request, session, duty, NULL);
}

bool listed_duty_kept(struct request *request, struct session *session, const struct duty *duty,
                      const struct listed *listed)
{
    return !duty || !is_office(request) || !caller_unit(request) || (duty->as_office && !duty->as_office(request)) ||
           duty_kept(request, session, duty, listed);
}
