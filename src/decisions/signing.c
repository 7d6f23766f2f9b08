#include "decisions/signing.h"

#include "decisions/bars.h"
#include "decisions/bonuses.h"
#include "evaluations/evaluations.h"
#include "evaluations/overrides.h"
#include "handler/run.h"
#include "proposals/proposals.sql.h"
#include "proposals/proposed_dossiers.h"
#include "rounds/quota.sql.h"
#include "rounds/round.h"
#include "thidua/life_cycle.h"

#include <string.h>

static bool refuse_signer(struct request *request, const struct decision_signer_bar *bar)
{
    const char *words;
    if (strcmp(bar->why, "SAME") == 0)
        words = say(request, "Người đã lập hoặc trình Tờ trình không được ký quyết định; người khác phải ký.",
                    "Who made or submitted the proposal cannot sign its decision: somebody else must.");
    else if (strcmp(bar->why, "NAME") == 0)
        words =
            say(request,
                "Tờ trình do \"%s\" lập hoặc trình, cùng tên với người gọi này; người khác phải ký. Hai người trùng "
                "tên thì khóa của mỗi người phải mang tên riêng.",
                "The proposal was made or submitted by \"%s\", who has this caller's name: somebody else must sign. "
                "Two persons of one name need keys that tell them apart.",
                bar->name);
    else
        words = say(
            request,
            "Khóa này và khóa của \"%s\", người lập hoặc trình Tờ trình, do nhau tạo ra, trực tiếp hoặc qua khóa khác: "
            "người tạo khóa đã biết khóa. Người khác phải ký.",
            "One of this key and that of \"%s\", who made or submitted the proposal, was made by the other, directly "
            "or by way of other keys: who makes a key has seen it. Somebody else must sign.",
            bar->name);
    return refuse(request, PROBLEM_SEPARATION_OF_DUTIES, words);
}

// By which of them somebody vouches for a proposal: its making, and each step that submits it.
static const char *vouching_events(struct request *request)
{
    const struct life_cycle *cycle = &proposal_life_cycle;
    const char *events = cycle->created;
    for (size_t i = 0; i < cycle->count; i++)
        if (strcmp(cycle->transitions[i].to, "SUBMITTED") == 0)
            events = arena_format(&request->arena, "%s %s", events, cycle->transitions[i].event);
    return events;
}

// Domain, section 1: who made or submitted a proposal cannot sign its decision, nor what becomes of it. A person may
// have a key and a token, so that callers of one name count as one person.
static bool duties_separate(struct signing *signing)
{
    struct request *request = signing->request;
    const struct decision_signer_bar *bar;
    if (!decision_signer_bar(request, signing->session, signing->id, request->caller.key_id, request->caller.name,
                             vouching_events(request), &bar))
        return false;
    return !bar || refuse_signer(request, bar);
}

static const char *const *unit_ids(struct signing *signing, const struct decision_units_list *units, size_t count)
{
    const char **ids = arena_array(&signing->request->arena, count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = units[i].unit_id;
    return ids;
}

static const char *const *forms_of(struct signing *signing, const struct decision_units_list *units, size_t count)
{
    const char **forms = arena_array(&signing->request->arena, count + 1, sizeof *forms);
    for (size_t i = 0; i < count; i++)
        forms[i] = units[i].form;
    return forms;
}

// Every unit that was judged is one of the decision: NULL is a fault of ours.
static const struct decision_units_list *unit_in(const struct decision_units_list *units, size_t count,
                                                 const char *unit_id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(units[i].unit_id, unit_id) == 0)
            return &units[i];
    return NULL;
}

// Names the unit with what its verdict says of its form of award; the others are named after it.
static bool bar_by_verdict(struct signing *signing, const struct unit_outcome *unit,
                           const struct decision_units_list *named)
{
    struct request *request = signing->request;
    const char *why;
    struct problem before = request->problem;
    request->problem.kind = PROBLEM_NONE;
    if (!evaluation_reasons(request, signing->session, signing->evaluation.id, unit->unit_id, named->form, &why))
        return false;
    request->problem = before;
    violate_unit(
        request, PROBLEM_NOT_ELIGIBLE,
        (struct unit_named){arena_format(&request->arena, "/units/%s", unit->unit_id), unit->unit_id, named->label},
        unit->overall,
        say(request, "%s: %s (khoản %s). %s", "%s: %s (clauses %s). %s", named->label,
            words_for(request, "Overall", unit->overall), unit->clauses, why));
    return true;
}

// A decision accepts only ELIGIBLE, each unit for the form of award that it is to have, re-evaluated in the transaction
// that checks the quota (domain, section 3). What was judged holds until the commit: facts of the units are held, those
// of the whole round by the round.
static bool all_eligible(struct signing *signing)
{
    struct request *request = signing->request;
    const struct decision_units_list *units;
    size_t count;
    if (!decision_facts_hold(request, signing->session, signing->id) ||
        !may_sign_dossiers(request, signing->session, signing->id) ||
        !decision_units_list(request, signing->session, signing->id, &units, &count))
        return false;
    struct evaluation_order order = {.campaign = signing->decision.campaign,
                                     .year = signing->decision.year,
                                     .signed_on = signing->body.signed_on,
                                     .submitted_on = signing->decision.submitted_on,
                                     .units = unit_ids(signing, units, count),
                                     .unit_count = count,
                                     .forms = forms_of(signing, units, count)};
    if (!evaluate(request, signing->session, &order, &signing->evaluation) ||
        !record(request, signing->session, signing->evaluation.event))
        return false;
    for (size_t i = 0; i < signing->evaluation.count; i++) {
        const struct unit_outcome *unit = &signing->evaluation.units[i];
        if (strcmp(unit->overall, "ELIGIBLE") == 0)
            continue;
        const struct decision_units_list *named = unit_in(units, count, unit->unit_id);
        if (!named)
            return refuse(request, PROBLEM_INTERNAL, NULL);
        if (!bar_by_verdict(signing, unit, named))
            return false;
    }
    return request->problem.kind == PROBLEM_NONE;
}

static struct unit_named decided_unit(struct request *request, const char *unit_id, const char *label)
{
    return (struct unit_named){arena_format(&request->arena, "/units/%s", unit_id), unit_id, label};
}

// What only the constraints of awards know: they can say of one unit alone that it is so, and not of which.
static bool awards_possible(struct signing *signing)
{
    static const struct unit_bar bars[] = {
        {"awarded", PROBLEM_CONFLICT, NULL, "đã được khen thưởng cho năm này.", "already has an award of this year."},
        {"initiative_used", PROBLEM_RULE_REFUSED, "III.1.c", "sáng kiến đã được dùng cho một lần khen thưởng.",
         "its initiative has already earned an award."},
        {"initiative_counts_not", PROBLEM_RULE_REFUSED, "III.1.c",
         "sáng kiến không còn được công nhận cho tập thể này; trả Tờ trình để Sở Nội vụ trình lại.",
         "its initiative no longer counts for it: return the proposal, so that it is submitted again."},
        {0},
    };
    struct request *request = signing->request;
    const struct decision_units_barred *barred;
    size_t count;
    if (!decision_units_barred(request, signing->session, signing->id, signing->decision.campaign,
                               signing->decision.year, &barred, &count))
        return false;
    for (const struct unit_bar *bar = bars; bar->why; bar++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(barred[i].why, bar->why) == 0)
                violate_bar(request, bar, decided_unit(request, barred[i].unit_id, barred[i].label));
    return count == 0;
}

// III.2.b: "Không vượt quá 06 tập thể", over the whole province and all decisions of the award year.
static bool places_left(struct signing *signing)
{
    struct request *request = signing->request;
    const struct decision_lock *decision = &signing->decision;
    struct award_slots_free slots;
    if (!award_slots_open(request, signing->session, decision->campaign, decision->year) ||
        !award_slots_free(request, signing->session, decision->campaign, decision->year, signing->id, &slots))
        return false;
    return slots.wanted <= slots.places_left ||
           refuse_by(request, PROBLEM_CAP_REACHED, "III.2.b",
                     say(request,
                         "Năm %s còn %lld suất, quyết định này cần %lld; hãy hủy dự thảo và lập quyết định cho ít tập "
                         "thể hơn (\"units\").",
                         "%s has %lld places left, this decision needs %lld: cancel the draft, and make a decision for "
                         "fewer units (\"units\").",
                         decision->year, slots.places_left, slots.wanted));
}

// III.2.b: what Sở Nội vụ allocated to the groups, which other decisions have taken from since it was submitted.
static bool shares_hold(struct signing *signing)
{
    struct request *request = signing->request;
    const struct quota_exceeded *over;
    size_t count;
    if (!quota_exceeded(request, signing->session, signing->decision.campaign, signing->decision.year, signing->id,
                        &over, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *detail = say(request, "%s được phân bổ %lld suất, với quyết định này là %lld: %s.",
                                 "%s was allocated %lld places; with this decision it would have %lld: %s.",
                                 request->language == ENGLISH ? over[i].share_en : over[i].share, over[i].slots,
                                 over[i].given, over[i].labels);
        refuse_by(request, PROBLEM_CAP_REACHED, "III.2.b", detail);
        violate(request, PROBLEM_CAP_REACHED, "/units", "quota_exceeded", detail);
    }
    return count == 0;
}

// The places of each form, group, cluster and tier, as the proposal's evaluation and the newest one worked them out and
// froze them: the fewer.
static bool forms_hold(struct signing *signing)
{
    struct request *request = signing->request;
    const struct decision_forms_exceeded *over;
    size_t count;
    if (!decision_forms_exceeded(request, signing->session, signing->id, &over, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *detail =
            say(request, "%s có %lld suất, với quyết định này là %lld.",
                "%s has %lld places; with this decision it would have %lld awards.",
                request->language == ENGLISH ? over[i].label_en : over[i].label, over[i].places, over[i].given);
        refuse_by(request, PROBLEM_CAP_REACHED, "III.2.b", detail);
        violate(request, PROBLEM_CAP_REACHED, "/units", "form_exceeded", detail);
    }
    return count == 0;
}

static bool grant(struct signing *signing)
{
    struct request *request = signing->request;
    struct session *session = signing->session;
    const char *campaign = signing->decision.campaign, *year = signing->decision.year, *bonuses;
    return round_writable_of(request, session, ROUND_ALONE, ROUND_AWARD_SIGN, campaign, year, &signing->round) &&
           all_eligible(signing) && awards_possible(signing) && may_sign_overrides(request, session, signing->id) &&
           places_left(signing) && forms_hold(signing) && shares_hold(signing) &&
           decision_bonuses(request, session, signing->id, signing->evaluation.id, campaign, signing->body.signed_on,
                            &bonuses) &&
           award_grant(request, session, signing->id, campaign, year, bonuses);
}

// What it names may have been revoked since it was drafted. Signers of one award year take turns.
static bool change_holds(struct signing *signing)
{
    struct request *request = signing->request;
    const struct decision_lock *decision = &signing->decision;
    return round_writable_of(request, signing->session, ROUND_ALONE, ROUND_CHANGE_SIGN, decision->campaign,
                             decision->year, &signing->round) &&
           fault_counts(request, signing->session, decision->campaign, decision->year, decision->fault_from,
                        decision->fault_to) &&
           decision_possible(request, signing->session, signing->id);
}

// All are touched first, so that their counters are taken in one order (facts_touch).
static bool revoke_awards(struct signing *signing)
{
    struct award_holders_touch row;
    const char *subject = signing->decision.subject_id;
    return award_holders_touch(signing->request, signing->session, subject, &row) &&
           award_revoke(signing->request, signing->session, signing->id, subject);
}

static bool date_fits(struct signing *signing)
{
    struct day_today day;
    struct request *request = signing->request;
    if (!day_today(request, signing->session, &day))
        return false;
    const char *today = day.today;
    if (!signing->body.signed_on)
        signing->body.signed_on = today;
    const struct decision_lock *decision = &signing->decision;
    const char *earliest = decision->submitted_on ? decision->submitted_on : decision->subject_signed_on;
    if (strcmp(signing->body.signed_on, today) <= 0 && (!earliest || strcmp(signing->body.signed_on, earliest) >= 0))
        return true;
    return violate(request, PROBLEM_INVALID, "/signed_on", "date",
                   say(request, "Ngày ký phải từ ngày trình (%s) đến hôm nay (%s).",
                       "The date must lie between the submission (%s) and today (%s).", earliest ? earliest : "–",
                       today));
}

static bool take_effect(struct signing *signing)
{
    const char *kind = signing->decision.kind;
    if (strcmp(kind, "AWARD") == 0)
        return grant(signing);
    return change_holds(signing) && (strcmp(kind, "CORRECT") == 0 || revoke_awards(signing));
}

// Holds the proposal from before the units are judged until the decision stands, so that nobody withdraws or returns it
// meanwhile. The statement that waited for the decision's lock may have seen the proposal as it was before.
static bool hold_proposal(struct signing *signing)
{
    struct proposal_lock proposal;
    struct request *request = signing->request;
    if (!signing->decision.proposal_id)
        return true;
    return proposal_lock(request, signing->session, signing->decision.proposal_id, &proposal) &&
           (strcmp(proposal.state, "SUBMITTED") == 0 ||
            refuse(request, PROBLEM_CONFLICT,
                   say(request, "Tờ trình không còn ở trạng thái đã trình.", "The proposal is no longer submitted.")));
}

static bool close_proposal(struct signing *signing)
{
    struct proposal_now now;
    const char *proposal = signing->decision.proposal_id;
    return !proposal || (proposal_step(signing->request, signing->session, proposal, "DECIDED", NULL, &now) &&
                         dossiers_conceal(signing->request, signing->session, proposal));
}

bool decision_signed(struct signing *signing, struct decision_now *ret_signed)
{
    struct request *request = signing->request;
    struct session *session = signing->session;
    if (!hold_proposal(signing) || !decision_lock(request, session, signing->id, &signing->decision))
        return false;
    const struct sign_body *body = &signing->body;
    return duties_separate(signing) && date_fits(signing) && take_effect(signing) &&
           decision_sign(request, session, signing->id, body->number, body->issued_by, body->signed_on,
                         request->caller.key_id, body->signed_by ? body->signed_by : request->caller.name,
                         signing->evaluation.id, ret_signed) &&
           close_proposal(signing) && round_follows(request, session, &signing->round, NULL);
}
