#include "proposals/proposed_dossiers.h"

#include "handler/run.h"
#include "proposals/proposed_dossiers.sql.h"
#include "thidua/life_cycle.h"

static const struct {
    const char *from, *action;
} steps[] = {
    [DOSSIERS_PROPOSED] = {"ACCEPTED", "propose"},
    [DOSSIERS_TAKEN_BACK] = {"IN_PROPOSAL", "take_back"},
    [DOSSIERS_DECIDED] = {"IN_PROPOSAL", "decide"},
};

// III.4.b: "Sở Nội vụ thẩm định thành tích và trình": what it submits it has received and appraised. A late dossier is
// accepted only with a reason (III.4.a), which nobody may get round here.
bool may_submit_dossiers(struct request *request, struct session *session, const char *proposal)
{
    const struct proposed_units_unaccepted *barred;
    size_t count;
    if (!proposed_dossiers_hold(request, session, proposal) ||
        !proposed_units_unaccepted(request, session, proposal, &barred, &count))
        return false;
    if (count > 0)
        by_clause(request, "III.4.b");
    for (size_t i = 0; i < count; i++)
        violate_unit(request, PROBLEM_RULE_REFUSED,
                     (struct unit_named){arena_format(&request->arena, "/units/%s", barred[i].unit_id),
                                         barred[i].unit_id, barred[i].label},
                     "dossier_not_accepted",
                     say(request, "%s: hồ sơ chưa được Sở Nội vụ tiếp nhận.",
                         "%s: Home Affairs has not accepted its dossier (accept).", barred[i].label));
    return count == 0;
}

bool may_sign_dossiers(struct request *request, struct session *session, const char *decision)
{
    const struct proposed_dossiers_gone *gone;
    size_t count;
    if (!proposed_dossiers_gone(request, session, decision, &gone, &count))
        return false;
    if (count > 0)
        by_clause(request, "III.4.b");
    for (size_t i = 0; i < count; i++) {
        const char *state = gone[i].dossier_state ? gone[i].dossier_state : "-";
        violate_unit(
            request, PROBLEM_RULE_REFUSED,
            (struct unit_named){arena_format(&request->arena, "/units/%s", gone[i].unit_id), gone[i].unit_id,
                                gone[i].label},
            "dossier_not_proposed",
            say(request, "%s: hồ sơ không còn ở Tờ trình (%s); trả Tờ trình để Sở Nội vụ trình lại.",
                "%s: its dossier is not with the Chair (%s): return the proposal, so that it is submitted again.",
                gone[i].label, words_for(request, "DossierState", state)));
    }
    return count == 0;
}

bool dossiers_follow(struct request *request, struct session *session, const char *proposal, enum dossiers_step step,
                     const char *reason)
{
    const struct proposed_dossiers_move *moved;
    size_t count;
    const struct transition *row = life_cycle_find(&dossier_life_cycle, steps[step].from, steps[step].action);
    reason = row->needs_reason ? reason : NULL;
    if (!proposed_dossiers_move(request, session, proposal, row->from, row->to, reason, &moved, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!record(request, session,
                    (struct event){.type = row->event,
                                   .resource = arena_format(&request->arena, "/v1/dossiers/%s", moved[i].id),
                                   .unit_id = moved[i].nominator_id,
                                   .campaign = moved[i].campaign,
                                   .year = moved[i].year,
                                   .reason = reason,
                                   .before = moved[i].before,
                                   .after = moved[i].after,
                                   .restricted = true}))
            return false;
    return true;
}

bool dossiers_conceal(struct request *request, struct session *session, const char *proposal)
{
    struct proposed_nominees_touch row;
    return proposed_nominees_touch(request, session, proposal, &row);
}
