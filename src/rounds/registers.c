// Declaring a register complete: without it the absence of a record proves nothing.
#include "handler/constraints.h"
#include "http/route.h"
#include "rounds/private.h"
#include "rounds/registers.sql.h"
#include "rounds/round.h"

#include <string.h>

// Who keeps which register, and so may declare it complete.
static const struct register_keeper {
    const char *name;
    unsigned roles;
} registers[] = {
    {"initiatives", ROLE_HOME_AFFAIRS | ROLE_INITIATIVE_COUNCIL},
    {"discipline", ROLE_HOME_AFFAIRS},
    {"scores", ROLE_HOME_AFFAIRS},
    {"proceedings", ROLE_HOME_AFFAIRS},
    {"awards", ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE},
    {0},
};

struct declaration {
    const char *unit_id;
};
static const struct field declaration_fields[] = {
    BOUND(declaration, unit_id, FIELD_UUID, .nullable = true),
    PASSED("complete", FIELD_BOOLEAN, .required = true),
    PASSED("complete_through", FIELD_DATE, .nullable = true),
    PASSED("source", FIELD_LINE, .names_document = true, .required = true, .most = 500),
    {0},
};

static bool keeps(struct request *request, const char *name)
{
    for (const struct register_keeper *keeper = registers; keeper->name; keeper++)
        if (strcmp(keeper->name, name) == 0)
            return has_role(request, keeper->roles) || refuse(request, PROBLEM_FORBIDDEN, NULL);
    return refuse(request, PROBLEM_NOT_FOUND,
                  say(request, "Các sổ: initiatives, discipline, scores, proceedings, awards.",
                      "The registers are: initiatives, discipline, scores, proceedings, awards."));
}

static struct reply declare(struct request *request, struct session *session)
{
    struct declaration body = {0};
    struct round round;
    struct register_find head;
    const struct register_declared *old;
    struct register_declare now;
    const char *name = path_value(request, "register");
    if (!keeps(request, name) || !read_body(request, declaration_fields, &body) ||
        !round_writable(request, session, ROUND_SHARED, &round) ||
        !register_find(request, session, round.campaign, round.year, name, &head) ||
        !version_is(request, head.version) ||
        !register_declared(request, session, round.campaign, round.year, name, body.unit_id, &old) ||
        !register_declare(request, session, round.campaign, round.year, name, request->body_json, &now))
        return refusal(request);
    return changed(request, session,
                   (struct event){.type = "register.declared",
                                  .resource = round_location(request, &round, "registers", name),
                                  .unit_id = body.unit_id,
                                  .campaign = round.campaign,
                                  .year = round.year,
                                  .restricted = body.unit_id != NULL,
                                  .before = old ? old->json : NULL},
                   now.version, now.json);
}

// A declaration for all is one for each contestant.
static const struct duty register_duty = {.units = &register_stake_statement, .rivals = true};

const struct route register_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/registers/{register}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT | ROLE_INITIATIVE_COUNCIL,
     .lane = LANE_QUICK,
     .read = &register_get_statement},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/registers/{register}",
     .roles = ROLE_HOME_AFFAIRS | ROLE_INITIATIVE_COUNCIL | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &register_duty,
     .act = declare,
     .body_kind = BODY_JSON,
     .body = declaration_fields},
    {0},
};

const struct constraint_problem register_constraints[] = {
    {"register_declarations_unit", PROBLEM_INVALID, "/unit_id", NULL, "Không có đơn vị này.", "There is no such unit."},
    {"register_declarations_through", PROBLEM_INVALID, "/complete_through", NULL,
     "Sổ đầy đủ thì phải nêu đầy đủ đến ngày nào.", "A complete register needs the day through which it is complete."},
    {"register_declarations_not_ahead", PROBLEM_INVALID, "/complete_through", NULL,
     "Không ai biết trước: ngày này không được sau hôm nay.",
     "This day must not lie after today: nobody knows what is still to come."},
    {0},
};
