#include "decisions/signing.h"

#include "decisions/law.h"
#include "evaluations/overrides.h"
#include "handler/run.h"
#include "proposals/proposed_dossiers.h"
#include "rounds/round.h"
#include "statements.h"
#include "thidua/identifier.h"

#include <string.h>

// Domain, section 1: who submits a proposal cannot sign its decision; nobody decides on their own unit.
static bool duties_separate(struct signing *signing, const char *submitted_by)
{
    struct request *request = signing->request;
    struct rows *units;
    if (submitted_by && strcmp(submitted_by, request->caller.key_id) == 0)
        return refuse(request, PROBLEM_SEPARATION_OF_DUTIES,
                      say(request, "Người đã trình không được ký quyết định; người khác phải ký.",
                          "Who submitted the proposal cannot sign its decision: somebody else must."));
    if (!run(request, signing->session, decision_units_list, &units, signing->id))
        return false;
    for (int i = 0; i < rows_count(units); i++)
        if (!not_own_unit(request, signing->session, rows_text(units, i, 0)))
            return false;
    return true;
}

static const char *const *unit_ids(struct signing *signing, const struct rows *rows)
{
    const char **units = arena_array(&signing->request->arena, (size_t)rows_count(rows), sizeof *units);
    for (int i = 0; i < rows_count(rows); i++)
        units[i] = rows_text(rows, i, 0);
    return units;
}

static const char *label_in(const struct rows *units, const char *unit_id)
{
    for (int i = 0; i < rows_count(units); i++)
        if (strcmp(rows_text(units, i, 0), unit_id) == 0)
            return rows_text(units, i, 2);
    return unit_id;
}

// A decision accepts only ELIGIBLE, re-evaluated in the transaction that checks the quota (domain, section 3). What was
// judged holds until the commit: facts of the units are held, those of the whole round by round_lock.
static bool all_eligible(struct signing *signing)
{
    struct request *request = signing->request;
    struct rows *units, *held;
    if (!run(request, signing->session, decision_facts_hold, &held, signing->id) ||
        !may_sign_dossiers(request, signing->session, signing->id) ||
        !run_one(request, signing->session, decision_units_list, &units, signing->id))
        return false;
    struct evaluation_order order = {.campaign = signing->campaign,
                                     .year = signing->year,
                                     .signed_on = signing->body.signed_on,
                                     .submitted_on = signing->submitted_on,
                                     .units = unit_ids(signing, units),
                                     .unit_count = (size_t)rows_count(units)};
    if (!evaluate(request, signing->session, &order, &signing->evaluation))
        return false;
    for (size_t i = 0; i < signing->evaluation.count; i++) {
        const struct unit_outcome *unit = &signing->evaluation.units[i];
        const char *label = label_in(units, unit->unit_id);
        if (strcmp(unit->overall, "ELIGIBLE") != 0)
            violate(request, PROBLEM_NOT_ELIGIBLE, arena_format(&request->arena, "/units/%s", unit->unit_id),
                    unit->overall,
                    say(request, "%s: %s (khoản %s).", "%s: %s (clauses %s).", label, unit->overall, unit->clauses));
    }
    return request->problem.kind == PROBLEM_NONE;
}

// III.2.b: "Không vượt quá 06 tập thể", over the whole province and all decisions of the award year.
static bool places_left(struct signing *signing)
{
    struct request *request = signing->request;
    struct rows *rows;
    if (!run(request, signing->session, award_slots_open, &rows, signing->campaign, signing->year) ||
        !run_one(request, signing->session, award_slots_free, &rows, signing->campaign, signing->year, signing->id))
        return false;
    long long left = rows_number(rows, 0, 0), wanted = rows_number(rows, 0, 1);
    return wanted <= left ||
           refuse_by(request, PROBLEM_CAP_REACHED, "III.2.b",
                     say(request, "Năm %s còn %lld suất, quyết định này cần %lld.",
                         "%s has %lld places left, this decision needs %lld.", signing->year, left, wanted));
}

// III.2.b: what Sở Nội vụ allocated to the groups, which other decisions have taken from since it was submitted.
static bool shares_hold(struct signing *signing)
{
    struct request *request = signing->request;
    struct rows *over;
    if (!run(request, signing->session, quota_exceeded, &over, signing->campaign, signing->year, signing->id))
        return false;
    for (int i = 0; i < rows_count(over); i++)
        refuse_by(request, PROBLEM_CAP_REACHED, "III.2.b",
                  say(request, "%s được phân bổ %lld suất, với quyết định này là %lld.",
                      "%s was allocated %lld places; with this decision it would have %lld.", rows_text(over, i, 0),
                      rows_number(over, i, 1), rows_number(over, i, 2)));
    return rows_count(over) == 0;
}

static bool grant(struct signing *signing)
{
    struct request *request = signing->request;
    struct rows *rows;
    const char *bonus, *basis;
    return run_one(request, signing->session, round_lock, &rows, signing->campaign, signing->year) &&
           round_is_open(request, rows_text(rows, 0, 0)) && all_eligible(signing) &&
           may_sign_overrides(request, signing->session, signing->id) && places_left(signing) && shares_hold(signing) &&
           bonus_in_force(request, signing->session, signing->campaign, signing->body.signed_on, &bonus, &basis) &&
           run_one(request, signing->session, award_grant, &rows, signing->id, signing->campaign, signing->year, bonus,
                   basis);
}

// Ground (d) holds only for a fault inside the period for which the merit was counted: the award year.
static bool revoke(struct signing *signing, struct rows *decision)
{
    struct rows *rows;
    struct request *request = signing->request;
    json_t *now = json_loads(rows_text(decision, 0, 8), 0, NULL);
    const char *from = json_string_value(json_object_get(now, "fault_from"));
    const char *to = json_string_value(json_object_get(now, "fault_to"));
    const char *first = arena_format(&request->arena, "%s-01-01", signing->year);
    const char *last = arena_format(&request->arena, "%s-12-31", signing->year);
    bool outside = from && (strcmp(from, last) > 0 || strcmp(to ? to : from, first) < 0);
    json_decref(now);
    if (outside)
        return violate(request, PROBLEM_RULE_REFUSED, "/fault_from", "outside_period",
                       say(request, "Sai phạm phải xảy ra trong năm tính thành tích (%s).",
                           "The fault must lie in the year for which the merit was counted (%s).", signing->year));
    return run_one(request, signing->session, round_lock, &rows, signing->campaign, signing->year) &&
           run_one(request, signing->session, award_revoke, &rows, signing->id, signing->subject_id);
}

static bool date_fits(struct signing *signing, struct rows *decision)
{
    struct rows *clock;
    struct request *request = signing->request;
    if (!run_one(request, signing->session, clock_text, &clock, NULL))
        return false;
    const char *today = rows_text(clock, 0, 2);
    if (!signing->body.signed_on)
        signing->body.signed_on = today;
    const char *earliest = rows_text(decision, 0, 9) ? rows_text(decision, 0, 9) : rows_text(decision, 0, 10);
    if (strcmp(signing->body.signed_on, today) > 0 || (earliest && strcmp(signing->body.signed_on, earliest) < 0))
        return violate(request, PROBLEM_INVALID, "/signed_on", "date",
                       say(request, "Ngày ký phải từ ngày trình (%s) đến hôm nay (%s).",
                           "The date must lie between the submission (%s) and today (%s).", earliest ? earliest : "–",
                           today));
    return number_symbol_is_valid(signing->body.number, strlen(signing->body.number)) ||
           violate(request, PROBLEM_INVALID, "/number", "number_symbol",
                   say(request, "Phải là số, ký hiệu văn bản như 451/QĐ-UBND.",
                       "Must be a number-symbol such as 451/QĐ-UBND."));
}

static bool take_effect(struct signing *signing, struct rows *decision)
{
    if (strcmp(signing->kind, "AWARD") == 0)
        return grant(signing);
    return strcmp(signing->kind, "CORRECT") == 0 || revoke(signing, decision);
}

// Held from before the units are judged until the decision stands, so that nobody withdraws or returns it meanwhile.
// A statement of its own: the one that waited for the decision's lock may have seen the proposal as it was before.
static bool hold_proposal(struct signing *signing)
{
    struct rows *rows;
    struct request *request = signing->request;
    if (!signing->proposal_id)
        return true;
    return run_one(request, signing->session, proposal_lock, &rows, signing->proposal_id) &&
           (strcmp(rows_text(rows, 0, 0), "SUBMITTED") == 0 ||
            refuse(request, PROBLEM_CONFLICT,
                   say(request, "Tờ trình không còn ở trạng thái đã trình.", "The proposal is no longer submitted.")));
}

static bool close_proposal(struct signing *signing)
{
    struct rows *rows;
    const char *proposal = signing->proposal_id;
    return !proposal || (run_one(signing->request, signing->session, proposal_step, &rows, proposal, "DECIDED", NULL) &&
                         dossiers_follow(signing->request, signing->session, proposal, DOSSIERS_DECIDED));
}

bool decision_signed(struct signing *signing, struct rows **decision, struct rows **ret_signed)
{
    struct request *request = signing->request;
    struct session *session = signing->session;
    signing->kind = rows_text(*decision, 0, 2);
    signing->campaign = rows_text(*decision, 0, 3);
    signing->year = rows_text(*decision, 0, 4);
    signing->subject_id = rows_text(*decision, 0, 5);
    signing->proposal_id = rows_text(*decision, 0, 7);
    if (!hold_proposal(signing) || !run_one(request, session, decision_lock, decision, signing->id))
        return false;
    signing->submitted_on = rows_text(*decision, 0, 9); // as it stands in the proposal that is held now
    const struct sign_body *body = &signing->body;
    return duties_separate(signing, rows_text(*decision, 0, 6)) && date_fits(signing, *decision) &&
           take_effect(signing, *decision) &&
           run_one(request, session, decision_sign, ret_signed, signing->id, body->number, body->signed_on,
                   request->caller.key_id, body->signer ? body->signer : request->caller.name,
                   signing->evaluation.id) &&
           close_proposal(signing);
}
