// The steps of a scorecard's life (scorecard_life_cycle).
#include "handler/run.h"
#include "handler/step.h"
#include "http/route.h"
#include "scores/private.h"
#include "scores/scores.h"
#include "scores/scores.sql.h"
#include "thidua/identifier.h"

#include <string.h>

struct move {
    const char *action, *reason, *decision_number, *decision_date;
};

const struct field move_fields[] = {
    BOUND(move, action, FIELD_LINE, .required = true, .most = 40),
    BOUND(move, reason, FIELD_TEXT, .nullable = true, .most = 2000),
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

static bool decision_fits(struct request *request, const struct move *move)
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
    return request->problem.kind == PROBLEM_NONE;
}

bool is_office_step(const struct request *request)
{
    const char *action = json_string_value(json_object_get(request->json, "action"));
    for (size_t i = 0; action && i < scorecard_life_cycle.count; i++)
        if (strcmp(scorecard_life_cycle.transitions[i].action, action) == 0)
            return !(scorecard_life_cycle.transitions[i].roles & ROLE_UNIT);
    return true;
}

static struct reply apply(struct request *request, struct session *session, const struct card_lock *old,
                          const struct transition *step, const struct move *move)
{
    const char *unit_id = path_value(request, "unit_id"), *year = path_value(request, "year");
    struct card_move now;
    if (!card_move(request, session, unit_id, year, step->to, move->reason, move->decision_number, move->decision_date,
                   &now))
        return refusal(request);
    // Until it is published the index is confidential, in the journal and its feed too (domain, section 4).
    return changed(request, session,
                   (struct event){.type = step->event,
                                  .resource = arena_format(&request->arena, "/v1/scores/%s/%s", unit_id, year),
                                  .unit_id = unit_id,
                                  .year = year,
                                  .reason = move->reason,
                                  .before = old->head,
                                  .after = now.head,
                                  .restricted = strcmp(step->to, "PUBLISHED") != 0},
                   now.version, now.json);
}

struct reply move_card(struct request *request, struct session *session)
{
    const char *unit_id = path_value(request, "unit_id"), *year = path_value(request, "year");
    struct move move = {0};
    const struct card_lock *old;
    if (!read_body(request, move_fields, &move) ||
        (!has_role(request, MAY_READ_RESTRICTED) && !in_own_subtree(request, session, unit_id)) ||
        !card_lock(request, session, unit_id, year, &old) || !is_found(request, old) ||
        !version_is(request, old->version))
        return refusal(request);
    const struct transition *step = step_allowed(request, &scorecard_life_cycle, old->state, move.action, move.reason);
    if (!step || (step->roles & ROLE_UNIT && !in_own_subtree(request, session, unit_id)) ||
        !decision_fits(request, &move) || !nothing_missing(request, session, unit_id, year, move.action))
        return refusal(request);
    return apply(request, session, old, step, &move);
}
