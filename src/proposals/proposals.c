// Sở Nội vụ's submissions to the Chair (III.4.b).
#include "engine/json/json_reader.h"
#include "handler/constraints.h"
#include "handler/run.h"
#include "http/route.h"
#include "proposals/paper.h"
#include "proposals/private.h"
#include "proposals/proposals.sql.h"
#include "proposals/proposed_units.h"
#include "rounds/round.h"
#include "thidua/life_cycle.h"

static const struct field unit_fields[] = {
    PASSED("unit_id", FIELD_UUID, .required = true),
    PASSED("initiative_id", FIELD_UUID, .nullable = true),
    PASSED("form", FIELD_LINE, .least = 1, .most = 40),
    PASSED("tier", FIELD_LINE, .least = 1, .most = 64),
    {0},
};
static const struct field unit_item = {.type = FIELD_OBJECT, .fields = unit_fields};

struct proposal_body {
    const char *evaluation_id;
};

static const struct field proposal_fields[] = {
    BOUND(proposal_body, evaluation_id, FIELD_UUID, .required = true),
    PASSED("units", FIELD_LIST, .required = true, .least = 1, .most = 200, .item = &unit_item),
    PASSED("letter_number", FIELD_NUMBER_SYMBOL, .most = 64),
    PASSED("letter_date", FIELD_DATE, .happened = true),
    {0},
};

static struct reply create_proposal(struct request *request, struct session *session)
{
    struct proposal_body body = {0};
    const struct proposal_create *made;
    const struct proposed_unit *units;
    size_t count;
    struct proposal_show shown;
    struct round round;
    if (!read_body(request, proposal_fields, &body) ||
        !round_writable(request, session, ROUND_SHARED, ROUND_PROPOSAL_DRAFT, &round) ||
        !proposal_asked(request, session, round.campaign, round.year, request->body_json, &units, &count))
        return refusal(request);
    if (count == 0) {
        violate(request, PROBLEM_INVALID, "/evaluation_id", "unknown",
                say(request, "Không có lần đánh giá này của đợt xét.", "The round has no such evaluation."));
        return refusal(request);
    }
    bar_units(request, session, body.evaluation_id, units, count);
    if (!have_sure_places(request, session, round.campaign, round.year, body.evaluation_id, units, count) ||
        !proposal_create(request, session, round.campaign, round.year,
                         json_canonical(&request->arena, request->json, NULL), request->caller.key_id, &made))
        return refusal(request);
    if (!is_found(request, made) || !proposal_show(request, session, made->id, &shown))
        return refusal(request);
    return created(request, session,
                   (struct event){.type = proposal_life_cycle.created,
                                  .resource = arena_format(&request->arena, "/v1/proposals/%s", made->id),
                                  .campaign = round.campaign,
                                  .year = round.year},
                   shown.version, shown.body);
}

static const struct query_field page_query[] = {QUERY_PAGE, {0}};

static const struct query_field list_query[] = {
    {.name = "campaign", .type = FIELD_TEXT, .most = 64},
    {.name = "year", .type = FIELD_INTEGER, .least = 2000, .most = 2999},
    {.name = "state", .type = FIELD_CHOICE, .choices = proposal_states},
    QUERY_PAGE,
    {0},
};

static const struct column proposal_columns[] = {
    {"Số tờ trình", "Letter number", "letter_number"},
    {"Ngày tờ trình", "Letter date", "letter_date", COLUMN_DATE},
    {"Phong trào", "Campaign", "campaign"},
    {"Năm xét", "Award year", "year"},
    {"Trạng thái", "State", "state", .codes = "ProposalState"},
    {"Đơn vị", "Units", "units[].unit_label"},
    {"Trình lúc", "Submitted at", "submitted_at", COLUMN_INSTANT},
    {"Đúng hạn", "In time", "in_time"},
    {"Hạn trình", "Proposal until", "proposal_deadline", COLUMN_DATE},
    {"Lý do", "Reason", "reason"},
    {"Tạo lúc", "Created at", "created_at", COLUMN_INSTANT},
    {"Mã lần xét", "Evaluation id", "evaluation_id"},
    {"Mã", "Id", "id"},
    {0},
};

// Nobody puts their own unit forward for an award.
static const struct duty new_duty = {.units = &proposal_new_stake_statement};

const struct route proposal_routes[] = {
    {.method = "GET",
     .path = "/v1/campaigns/{code}/rounds/{year}/proposals",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_list_statement,
     .orders = (const struct order[]){FROM_START("created_at", proposal_list), {0}},
     .query = page_query,
     .columns = proposal_columns},
    {.method = "POST",
     .path = "/v1/campaigns/{code}/rounds/{year}/proposals",
     .roles = ROLE_HOME_AFFAIRS,
     .lane = LANE_WRITE,
     .duty = &new_duty,
     .act = create_proposal,
     .body_kind = BODY_JSON,
     .body = proposal_fields},
    {.method = "GET",
     .path = "/v1/proposals",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_list_all_statement,
     .orders = (const struct order[]){FROM_START("created_at", proposal_list_all), {0}},
     .query = list_query,
     .columns = proposal_columns},
    {.method = "GET",
     .path = "/v1/proposals/{id}",
     .roles = MAY_READ_RESTRICTED,
     .lane = LANE_QUICK,
     .read = &proposal_show_statement,
     .paper = proposal_as_paper},
    {0},
};

const struct constraint_problem proposal_constraints[] = {
    {"proposal_unit_twice", PROBLEM_INVALID, "/units", NULL, "Một đơn vị được nêu hai lần.", "A unit is named twice."},
    {"proposal_unit_not_eligible", PROBLEM_NOT_ELIGIBLE, "/units", "III.1",
     "Có đơn vị mà lần đánh giá đó không xác định là đủ điều kiện.",
     "The evaluation did not find every one of these units eligible."},
    {"proposal_initiative_not_recognised", PROBLEM_RULE_REFUSED, "/units", "III.1.c",
     "Sáng kiến được nêu không phải của đơn vị, chưa được hội đồng mà tiêu chuẩn đòi hỏi công nhận, hoặc đã dùng cho "
     "lần khen khác.",
     "The initiative named is not the unit's, not recognised by a council that the rules ask for, or has already "
     "earned "
     "an award."},
    {"proposal_letter_after", PROBLEM_INVALID, "/submitted_at", "III.4.b",
     "Không thể trình trước ngày của Tờ trình (\"letter_date\"); hãy sửa lại ngày.",
     "Nothing is submitted before the day of its letter (\"letter_date\"): correct the day."},
    {"proposal_submitted_in_intake", PROBLEM_INVALID, "/submitted_at", "III.4.a",
     "Không thể trình khi còn nhận hồ sơ (đến hết \"submission_deadline\" của đợt xét); hãy sửa lại thời điểm.",
     "Nothing is submitted while dossiers are still received (until \"submission_deadline\" of the round): correct the "
     "instant."},
    {"proposals_letter", PROBLEM_CONFLICT, "/letter_number /letter_date", "III.4.b",
     "Tờ trình này (số, ngày) đã dùng cho một đề nghị khác của phong trào. Hãy ghi số, ngày của đúng tờ trình, hoặc "
     "rút (withdraw) đề "
     "nghị kia.",
     "Another proposal of the campaign has this letter (number and date): give the number and date of the right one, "
     "or withdraw that "
     "proposal."},
    {"proposal_units_initiative", PROBLEM_INVALID, "/units", "III.1.c", "Không có sáng kiến này.",
     "There is no such initiative."},
    {0},
};
