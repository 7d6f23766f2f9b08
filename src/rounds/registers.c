// Declaring a register complete: without it the absence of a record proves nothing.
#include "engine/json/json_reader.h"
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
    PASSED("complete_through", FIELD_DATE, .nullable = true, .happened = true),
    PASSED("source", FIELD_LINE, .names_document = true, .required = true, .most = 500),
    {0},
};

static const struct register_keeper *keeper_of(const char *name)
{
    const struct register_keeper *keeper = registers;
    while (keeper->name && strcmp(keeper->name, name) != 0)
        keeper++;
    return keeper->name ? keeper : NULL;
}

static const char *known_registers(struct request *request)
{
    return say(request, "Các sổ: initiatives, discipline, scores, proceedings, awards.",
               "The registers are: initiatives, discipline, scores, proceedings, awards.");
}

static bool keeps(struct request *request, const char *name)
{
    const struct register_keeper *keeper = keeper_of(name);
    if (!keeper)
        return refuse(request, PROBLEM_NOT_FOUND, known_registers(request));
    return has_role(request, keeper->roles) || refuse(request, PROBLEM_FORBIDDEN, NULL);
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
        !round_writable(request, session, ROUND_SHARED, ROUND_REGISTERS, &round) ||
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

// ---- several at once ----

static const struct field several_item_fields[] = {
    PASSED("register", FIELD_LINE, .required = true, .most = 40),
    PASSED("unit_id", FIELD_UUID, .nullable = true),
    PASSED("complete", FIELD_BOOLEAN, .required = true),
    PASSED("complete_through", FIELD_DATE, .nullable = true),
    PASSED("source", FIELD_LINE, .names_document = true, .required = true, .most = 500),
    {0},
};
static const struct field several_item = {.type = FIELD_OBJECT, .fields = several_item_fields};
static const struct field several_fields[] = {
    PASSED("declarations", FIELD_LIST, .required = true, .least = 1, .most = 200, .item = &several_item),
    {0},
};

static const struct fault {
    const char *why, *member, *vi, *en;
} faults[] = {
    {"repeated", "register", "Sổ này đã nêu ở trên cho cùng đơn vị; chỉ nêu một lần.",
     "This register is named above for the same unit already: name it once."},
    {"unknown", "unit_id", "Không có đơn vị này.", "There is no such unit."},
    {"through", "complete_through", "Sổ đầy đủ thì phải nêu đầy đủ đến ngày nào.",
     "A complete register needs the day through which it is complete."},
    {"ahead", "complete_through", "Không ai biết trước: ngày này không được sau hôm nay.",
     "This day must not lie after today: nobody knows what is still to come."},
    {0},
};

// Names everything that is wrong with it.
static void declarable(struct request *request, const struct registers_asked *item)
{
    const struct register_keeper *keeper = keeper_of(item->register_name);
    const char *at = arena_format(&request->arena, "/declarations/%lld", item->place);
    const char *name = arena_format(&request->arena, "%s/register", at);
    if (!keeper)
        violate(request, PROBLEM_INVALID, name, "choice", known_registers(request));
    else if (!has_role(request, keeper->roles))
        violate(request, PROBLEM_FORBIDDEN, name, "not_kept",
                say(request, "Khóa này không giữ sổ %s.", "This key does not keep the register %s.", keeper->name));
    for (const struct fault *fault = faults; item->why && fault->why; fault++)
        if (strcmp(item->why, fault->why) == 0)
            violate_unit(request, PROBLEM_INVALID,
                         (struct unit_named){arena_format(&request->arena, "%s/%s", at, fault->member), item->unit_id,
                                             item->label},
                         fault->why, request->language == ENGLISH ? fault->en : fault->vi);
}

static bool declare_item(struct request *request, struct session *session, const struct round *round,
                         const struct registers_asked *item, struct event *ret_event)
{
    const struct register_declared *old;
    struct register_declare now;
    const char *name = item->register_name;
    if (!register_declared(request, session, round->campaign, round->year, name, item->unit_id, &old) ||
        !register_declare(request, session, round->campaign, round->year, name, item->body, &now))
        return false;
    *ret_event = (struct event){.type = "register.declared",
                                .resource = round_location(request, round, "registers", name),
                                .unit_id = item->unit_id,
                                .campaign = round->campaign,
                                .year = round->year,
                                .restricted = item->unit_id != NULL,
                                .before = old ? old->json : NULL,
                                .after = now.json};
    return true;
}

// All or none. They are taken in one order of registers and units, so that two who declare several do not wait for one
// another.
static struct reply declare_several(struct request *request, struct session *session)
{
    struct round round;
    const struct registers_asked *items;
    size_t count;
    if (!read_body(request, several_fields, NULL) ||
        !round_writable(request, session, ROUND_SHARED, ROUND_REGISTERS, &round) ||
        !registers_asked(request, session, request->body_json, &items, &count))
        return refusal(request);
    for (size_t place = 0; place < count; place++) // in the order of the body
        for (size_t i = 0; i < count; i++)
            if ((size_t)items[i].place == place)
                declarable(request, &items[i]);
    if (request->problem.kind != PROBLEM_NONE ||
        !registers_hold(request, session, round.campaign, round.year, request->body_json))
        return refusal(request);
    json_t *shown = defer_json(request, json_array());
    struct event event = {0};
    for (size_t i = 0; i < count; i++)
        json_array_append_new(shown, json_null());
    for (size_t i = 0; i < count; i++) {
        if ((i > 0 && !record(request, session, event)) || !declare_item(request, session, &round, &items[i], &event))
            return refusal(request);
        json_array_set_new(shown, (size_t)items[i].place, json_loads(event.after, 0, NULL));
    }
    json_t *answer = json_pack("{s:O}", "declarations", shown);
    const char *text = json_canonical(&request->arena, answer, NULL);
    json_decref(answer);
    return changed(request, session, event, NULL, text);
}

static const char *const register_names[] = {"initiatives", "discipline", "scores", "proceedings", "awards", NULL};
static const struct query_field list_query[] = {
    {.name = "register", .type = FIELD_CHOICE, .choices = register_names},
    QUERY_PAGE,
    {0},
};

static const struct column register_columns[] = {
    {"Sổ", "Register", "register", .codes = "Register"},
    {"Đã khai (đơn vị, đầy đủ, đến ngày, nguồn)", "Declared (unit, complete, through, source)",
     "declarations[].unit_label+complete+complete_through+source"},
    {"Ghi lúc", "Recorded at", "declarations[].recorded_at"},
    {"Còn nữa", "More declared", "more"},
    {"Năm xét", "Award year", "year"},
    {"Phong trào", "Campaign", "campaign"},
    {0},
};

static const struct query_field declaration_query[] = {
    {.name = "unit_id", .type = FIELD_UUID},
    QUERY_PAGE,
    {0},
};

static const struct column declaration_columns[] = {
    {"Đơn vị", "Unit", "unit_label"},
    {"Đầy đủ", "Complete", "complete"},
    {"Đến ngày", "Through", "complete_through", COLUMN_DATE},
    {"Nguồn", "Source", "source"},
    {"Ghi lúc", "Recorded at", "recorded_at", COLUMN_INSTANT},
    {"Sổ", "Register", "register", .codes = "Register"},
    {"Năm xét", "Award year", "year"},
    {"Phong trào", "Campaign", "campaign"},
    {"Mã đơn vị", "Unit id", "unit_id"},
    {0},
};

// A declaration for all is one for each contestant.
static const struct duty register_duty = {.units = &register_stake_statement, .rivals = true},
                         registers_duty = {.units = &registers_stake_statement, .rivals = true};

const struct route register_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/registers",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT | ROLE_INITIATIVE_COUNCIL,
     .lane = LANE_QUICK,
     .read = &register_list_statement,
     .orders = (const struct order[]){FROM_START("register", register_list), {0}},
     .query = list_query,
     .columns = register_columns},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/registers/{register}",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT | ROLE_INITIATIVE_COUNCIL,
     .lane = LANE_QUICK,
     .read = &register_get_statement},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/registers/{register}/declarations",
     .roles = MAY_READ_RESTRICTED | ROLE_UNIT | ROLE_INITIATIVE_COUNCIL,
     .lane = LANE_QUICK,
     .read = &declaration_list_statement,
     .orders = (const struct order[]){FROM_START("unit_id", declaration_list), {0}},
     .query = declaration_query,
     .columns = declaration_columns},
    {.method = "PUT",
     .path = "/v1/campaigns/{code}/rounds/{year}/registers/{register}",
     .roles = ROLE_HOME_AFFAIRS | ROLE_INITIATIVE_COUNCIL | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &register_duty,
     .act = declare,
     .body_kind = BODY_JSON,
     .body = declaration_fields},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/registers",
     .roles = ROLE_HOME_AFFAIRS | ROLE_INITIATIVE_COUNCIL | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &registers_duty,
     .act = declare_several,
     .body_kind = BODY_JSON,
     .body = several_fields},
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
