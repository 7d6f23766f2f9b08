// The steps of a scorecard's life (scorecard_life_cycle).
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"
#include "scores/private.h"
#include "scores/scores.sql.h"

#include <string.h>

// A step that is asked for.
struct move {
    const char *action, *reason, *decision_number, *decision_date;
};

const struct field move_fields[] = {
    BOUND(move, action, FIELD_LINE, .required = true, .most = 40),
    BOUND(move, reason, FIELD_TEXT, .nullable = true, .least = 1, .most = 2000),
    BOUND(move, decision_number, FIELD_NUMBER_SYMBOL, .nullable = true, .most = 64),
    BOUND(move, decision_date, FIELD_DATE, .nullable = true, .happened = true),
    {0},
};

// Which column must be complete before a step: later it is what the step vouches for.
static const struct {
    const char *action, *column;
} vouched[] = {{"submit", "self"}, {"appraise", "appraised"}, {"finalise", "appraised"}};

static bool column_complete(struct request *request, struct session *session, const char *unit_id, const char *year,
                            const char *column)
{
    struct card_missing missing;
    if (!card_missing(request, session, unit_id, year, column, &missing))
        return false;
    if (*missing.codes)
        return violate(
            request, PROBLEM_INVALID, "/action", "points_missing",
            say(request, "Còn thiếu điểm ở cột \"%s\" của các tiêu chí: %s. Chấm điểm hoặc ghi \"applies\" là false.",
                "Points are missing in the column \"%s\" of: %s. Give them or say that \"applies\" is false.", column,
                missing.codes));
    return missing.applies || violate(request, PROBLEM_INVALID, "/action", "nothing_applies",
                                      say(request, "Không có tiêu chí nào áp dụng cho đơn vị nên không có chỉ số.",
                                          "No leaf applies to the unit, so there is no index."));
}

static bool nothing_missing(struct request *request, struct session *session, const char *unit_id, const char *year,
                            const char *action)
{
    for (size_t i = 0; i < sizeof vouched / sizeof *vouched; i++)
        if (strcmp(vouched[i].action, action) == 0)
            return column_complete(request, session, unit_id, year, vouched[i].column);
    return true;
}

// Days are written with four digits for the year, so their texts compare as they do.
static bool year_is_over(struct request *request, const char *day, const char *year)
{
    if (strncmp(day, year, strlen(year)) > 0)
        return true;
    const char *words = say(
        request,
        "Chỉ số của một năm chỉ được phê duyệt sau khi năm đó kết thúc: ghi ngày của quyết định phê duyệt, từ 01/01 "
        "năm sau.",
        "The index of a year is approved once that year is over: give the date of the approving decision, 1 January of "
        "the next year or later.");
    refuse(request, PROBLEM_RULE_REFUSED, words);
    return violate(request, PROBLEM_RULE_REFUSED, "/decision_date", "scorecard_decided_in_year", words);
}

// Has `approve`, and no other step, its decision, taken once the year is over?
static bool decision_fits(struct request *request, const struct move *move, const char *year)
{
    if (strcmp(move->action, "approve") != 0) {
        if (move->decision_number || move->decision_date)
            violate(request, PROBLEM_INVALID, move->decision_number ? "/decision_number" : "/decision_date",
                    "only_approve",
                    say(request, "Chỉ bước approve có số và ngày quyết định.",
                        "Only the step approve takes a decision's number and date."));
        return request->problem.kind == PROBLEM_NONE;
    }
    if (!move->decision_number)
        violate(request, PROBLEM_INVALID, "/decision_number", "number_symbol",
                say(request, "Cần số, ký hiệu quyết định phê duyệt, như 451/QĐ-UBND.",
                    "The approving decision's number and symbol is needed, such as 451/QĐ-UBND."));
    if (!move->decision_date)
        violate(request, PROBLEM_INVALID, "/decision_date", "required",
                say(request, "Cần ngày quyết định phê duyệt.", "The approving decision's date is needed."));
    return move->decision_number && move->decision_date && year_is_over(request, move->decision_date, year);
}

bool is_office_step(const struct request *request)
{
    const char *action = json_string_value(json_object_get(request->json, "action"));
    for (size_t i = 0; action && i < scorecard_life_cycle.count; i++)
        if (strcmp(scorecard_life_cycle.transitions[i].action, action) == 0)
            return !(scorecard_life_cycle.transitions[i].roles & ROLE_UNIT);
    return true;
}

static bool is_own_or_read(struct request *request, struct session *session, const char *unit_id)
{
    return has_role(request, MAY_READ_RESTRICTED) || in_own_subtree(request, session, unit_id);
}

// May this caller take the step of this card as it stands, and does the card hold what the step vouches for?
static const struct transition *step_open(struct request *request, struct session *session, const struct card *card,
                                          const struct move *move)
{
    const struct transition *step =
        step_allowed(request, &scorecard_life_cycle, card->old->state, move->action, move->reason);
    return step && (!(step->roles & ROLE_UNIT) || in_own_subtree(request, session, card->unit_id)) &&
                   decision_fits(request, move, card->year) &&
                   nothing_missing(request, session, card->unit_id, card->year, move->action)
               ? step
               : NULL;
}

// Takes the step of one card, with everything that is asked of it; the caller records the event. `whole`: the card's
// JSON is wanted with its leaves.
static bool step_card(struct request *request, struct session *session, const struct move *move, bool whole,
                      struct card *card)
{
    struct card_move now;
    if (!is_own_or_read(request, session, card->unit_id) || !hold_card(request, session, false, card) ||
        !is_found(request, card->old) || !version_is(request, card->old->version))
        return false;
    const struct transition *step = step_open(request, session, card, move);
    if (!step || !card_move(request, session, card->unit_id, card->year, step->to, move->reason, move->decision_number,
                            move->decision_date, whole, &now))
        return false;
    card->version = now.version;
    card->json = now.json;
    // Until it is published the index is confidential, in the journal and its feed too (domain, section 4).
    card->event = (struct event){.type = step->event,
                                 .resource = card->resource,
                                 .unit_id = card->unit_id,
                                 .year = card->year,
                                 .reason = move->reason,
                                 .before = card->old->before,
                                 .after = now.head,
                                 .restricted = strcmp(step->to, "PUBLISHED") != 0};
    return true;
}

struct reply move_card(struct request *request, struct session *session)
{
    struct card card = card_of(request, path_value(request, "unit_id"), path_value(request, "year"));
    struct move move = {0};
    if (!read_body(request, move_fields, &move) || !step_card(request, session, &move, true, &card))
        return refusal(request);
    return changed(request, session, card.event, card.version, card.json);
}

bool card_step_listed(struct request *request, struct session *session, const struct listed *listed,
                      struct listed_made *ret_made)
{
    struct card card = card_of(request, listed->unit_id, listed->year);
    struct move move = {0};
    if (!read_item(request, move_fields, listed->body, &move) || !step_card(request, session, &move, false, &card))
        return false;
    *ret_made = (struct listed_made){.resource = card.resource, .version = card.version, .json = card.json};
    return record(request, session, card.event);
}
