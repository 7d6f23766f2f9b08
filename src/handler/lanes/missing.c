// What a 404 says. Everybody may know which campaigns, rounds and units there are, so the first of them that the path
// names in vain is told. Of anything else a 404 stays silent: whether it exists or is not shown to this caller looks
// the same.
#include "handler/lanes/missing.h"

#include "base/container_of.h"
#include "handler/handler.sql.h"
#include "handler/run_statement.h"
#include "http/problem.h"
#include "http/route.h"
#include "http/server.h"

#include <string.h>

enum { MISSING_PARTS = 3 };

// The parts of the path, in the order of the statement; NULL: the path has no such part.
struct missing_parts {
    const char *campaign, *year, *unit;
};

struct missing_query {
    struct quick_query query;
    struct request *request;
    struct missing_parts parts;
    const char *values[MISSING_PARTS];
};

static bool begins(const char *path, const char *beginning)
{
    return strncmp(path, beginning, strlen(beginning)) == 0;
}

static struct missing_parts parts_of(const struct request *request)
{
    bool campaign = begins(request->route->path, "/v1/campaigns/"), unit = begins(request->route->path, "/v1/units/");
    return (struct missing_parts){.campaign = campaign ? path_part(request, "code") : NULL,
                                  .year = campaign ? path_part(request, "year") : NULL,
                                  .unit = path_part(request, unit ? "id" : "unit_id")};
}

static bool is_silent(const struct request *request)
{
    const struct problem *problem = &request->problem;
    return request->route && problem->kind == PROBLEM_NOT_FOUND && !problem->detail && !problem->violations_count;
}

static const char *words_of(struct request *request, const struct missing_parts *parts, const char *what)
{
    if (strcmp(what, "campaign") == 0)
        return say(request, "Không có phong trào %s.", "There is no campaign %s.", parts->campaign);
    if (strcmp(what, "round") == 0)
        return say(request, "Không có đợt xét %s của phong trào %s.", "There is no round %s of campaign %s.",
                   parts->year, parts->campaign);
    return say(request, "Không có đơn vị %s.", "There is no unit %s.", parts->unit);
}

static void tell(struct request *request, const struct missing_parts *parts, const struct rows *rows)
{
    const char *what = rows && rows_count(rows) > 0 ? path_missing_at(rows, 0).what : NULL;
    if (what)
        request->problem.detail = words_of(request, parts, what);
}

void missing_tell(struct request *request, struct session *session)
{
    struct failure ignored;
    if (!session || !is_silent(request))
        return;
    struct missing_parts parts = parts_of(request);
    if (!parts.campaign && !parts.unit)
        return;
    struct rows *rows = path_missing_run(session, parts.campaign, parts.year, parts.unit, &ignored);
    tell(request, &parts, rows);
    rows_free(rows);
}

static void answer_came(struct quick_query *query, struct rows *rows, const struct failure *failure)
{
    (void)failure; // then it stays as it was
    struct missing_query *missing = container_of(query, struct missing_query, query);
    tell(missing->request, &missing->parts, rows);
    rows_free(rows);
    request_answer(missing->request, refusal(missing->request));
}

void refuse_telling(struct request *request, struct quick_lane *lane)
{
    struct missing_query *missing = arena_new(&request->arena, struct missing_query);
    *missing = (struct missing_query){.request = request};
    if (is_silent(request)) {
        missing->parts = parts_of(request);
        path_missing_values(missing->values, missing->parts.campaign, missing->parts.year, missing->parts.unit);
        missing->query.statement = &path_missing_statement;
        missing->query.values = missing->values;
        missing->query.done = answer_came;
        if ((missing->parts.campaign || missing->parts.unit) && quick_submit(lane, &missing->query))
            return;
    }
    request_answer(request, refusal(request));
}
