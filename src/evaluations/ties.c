// Recorded decisions on ties: the order that people decided, or drew by lot, where no key of the standings sets units
// apart. The next evaluation takes them among its inputs.
#include "evaluations/private.h"
#include "evaluations/ties.sql.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"
#include "rounds/round.h"

static const char *const methods[] = {"DECISION", "LOT", NULL};
static const struct field unit_item = {.type = FIELD_UUID};

struct tie_body {
    const char *reason;
};

static const struct field tie_fields[] = {
    PASSED("units", FIELD_LIST, .required = true, .least = 2, .most = 1000, .item = &unit_item),
    PASSED("form", FIELD_LINE, .least = 1, .most = 40),
    PASSED("method", FIELD_CHOICE, .required = true, .choices = methods),
    BOUND(tie_body, reason, FIELD_TEXT, .required = true, .least = 1, .most = 2000),
    PASSED("document", FIELD_LINE, .names_document = true, .required = true, .least = 1, .most = 500),
    {0},
};

// Names each unit that cannot be in this tie.
static bool units_can_tie(struct request *request, struct session *session, const struct round *round)
{
    static const struct unit_bar bars[] = {
        {"repeated", PROBLEM_INVALID, NULL, "đã nêu ở trên; chỉ nêu một lần.", "is named above already: name it once."},
        {"not_registered", PROBLEM_RULE_REFUSED, "II.1", "không có trong danh sách đối tượng thi đua của năm.",
         "is not in the year's register of contestants."},
        {"other_group", PROBLEM_RULE_REFUSED, "III.1.a", "không cùng nhóm so sánh với đơn vị nêu đầu tiên.",
         "is not compared with the unit named first."},
        {0},
    };
    const struct tie_decision_asked *wrong;
    size_t count;
    if (!tie_decision_asked(request, session, round->campaign, round->year, request->body_json, &wrong, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        violate_bar(request, unit_bar_named(bars, wrong[i].why),
                    (struct unit_named){arena_format(&request->arena, "/units/%lld", wrong[i].place), wrong[i].unit_id,
                                        wrong[i].label});
    return count == 0;
}

static struct reply create_tie_decision(struct request *request, struct session *session)
{
    struct tie_body body = {0};
    struct round round;
    struct tie_decision_insert made;
    struct tie_decision_show shown;
    if (!read_body(request, tie_fields, &body) ||
        !round_writable(request, session, ROUND_ALONE, ROUND_PLACES, &round) ||
        !units_can_tie(request, session, &round) ||
        !tie_decision_insert(request, session, round.campaign, round.year, request->body_json, request->caller.key_id,
                             request->caller.name, &made) ||
        !tie_decision_show(request, session, round.campaign, round.year, made.id, &shown))
        return refusal(request);
    struct reply reply = created(request, session,
                                 (struct event){.type = "tie.decided",
                                                .resource = round_location(request, &round, "tie-decisions", made.id),
                                                .campaign = round.campaign,
                                                .year = round.year,
                                                .reason = body.reason,
                                                .restricted = true},
                                 NULL, shown.body);
    if (reply.status == 201) // as the caller named the campaign, whose code may need percent-encoding
        reply.location = arena_format(&request->arena, "%s/%s", put_location(request), made.id);
    return reply;
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};

static const struct column tie_columns[] = {
    {"Thứ tự", "Order", "order[].unit_label"},
    {"Hình thức", "Form", "form_label.@"},
    {"Cách quyết định", "Method", "method", .codes = "TieMethod"},
    {"Lý do", "Reason", "reason"},
    {"Văn bản", "Document", "document"},
    {"Người quyết định", "By", "recorded_by"},
    {"Lúc", "At", "recorded_at", COLUMN_INSTANT},
    {"Còn hiệu lực", "In force", "in_force"},
    {"Mã", "Id", "id"},
    {0},
};

// Who is ordered above or below one's own unit matters to it, whether it is named or not.
static const struct duty tie_duty = {.units = &tie_stake_statement, .rivals = true};

const struct route tie_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/tie-decisions",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &tie_decision_list_statement,
     .orders = (const struct order[]){FROM_START("recorded_at", tie_decision_list), {0}},
     .query = page_query,
     .columns = tie_columns},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/tie-decisions",
     .roles = ROLE_HOME_AFFAIRS | ROLE_CHAIR_OFFICE,
     .lane = LANE_WRITE,
     .duty = &tie_duty,
     .act = create_tie_decision,
     .body_kind = BODY_JSON,
     .body = tie_fields},
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/tie-decisions/{decision_id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &tie_decision_show_statement},
    {0},
};

const struct constraint_problem tie_constraints[] = {
    {"tie_decision_form", PROBLEM_INVALID, "/form", NULL, "Kế hoạch không có hình thức khen thưởng này.",
     "The plan has no such form of award."},
    {"tie_decision_units_once", PROBLEM_INVALID, "/units", NULL, "Một đơn vị được nêu hai lần.",
     "A unit is named twice."},
    {"tie_decision_not_registered", PROBLEM_RULE_REFUSED, "/units", "II.1",
     "Có đơn vị không có trong danh sách đối tượng thi đua của năm.",
     "One of the units is not in the year's register of contestants."},
    {"tie_decision_one_group", PROBLEM_RULE_REFUSED, "/units", "III.1.a",
     "Chỉ các đơn vị trong cùng một nhóm (và khối, cụm) được so sánh với nhau.",
     "Only units of one group (and cluster) are compared with one another."},
    {0},
};
