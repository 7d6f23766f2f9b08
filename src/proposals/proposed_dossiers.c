#include "proposals/proposed_dossiers.h"

#include "handler/run.h"
#include "statements.h"

static const struct {
    const char *from, *to, *type;
} steps[] = {
    [DOSSIERS_PROPOSED] = {"ACCEPTED", "IN_PROPOSAL", "dossier.proposed"},
    [DOSSIERS_PUT_BACK] = {"IN_PROPOSAL", "ACCEPTED", "dossier.put_back"},
    [DOSSIERS_DECIDED] = {"IN_PROPOSAL", "DECIDED", "dossier.decided"},
};

// III.4.b: "Sở Nội vụ thẩm định thành tích và trình": what it submits it has received and appraised. A late dossier is
// accepted only with a reason (III.4.a), which nobody may get round here.
bool may_submit_dossiers(struct request *request, struct session *session, const char *proposal)
{
    struct rows *held, *barred;
    if (!run(request, session, proposed_dossiers_hold, &held, proposal) ||
        !run(request, session, proposed_units_unaccepted, &barred, proposal))
        return false;
    if (rows_count(barred) > 0)
        request->problem.clause = "III.4.b";
    for (int i = 0; i < rows_count(barred); i++)
        violate(request, PROBLEM_RULE_REFUSED, arena_format(&request->arena, "/units/%s", rows_text(barred, i, 0)),
                "dossier_not_accepted",
                say(request, "%s: hồ sơ chưa được Sở Nội vụ chấp nhận (accept).",
                    "%s: Home Affairs has not accepted its dossier (accept).", rows_text(barred, i, 1)));
    return rows_count(barred) == 0;
}

bool may_sign_dossiers(struct request *request, struct session *session, const char *decision)
{
    struct rows *gone;
    if (!run(request, session, proposed_dossiers_gone, &gone, decision))
        return false;
    if (rows_count(gone) > 0)
        request->problem.clause = "III.4.b";
    for (int i = 0; i < rows_count(gone); i++) {
        const char *state = rows_text(gone, i, 2) ? rows_text(gone, i, 2) : "-";
        violate(request, PROBLEM_RULE_REFUSED, arena_format(&request->arena, "/units/%s", rows_text(gone, i, 0)),
                "dossier_not_proposed",
                say(request, "%s: hồ sơ không còn ở Tờ trình (%s); trả Tờ trình để Sở Nội vụ trình lại.",
                    "%s: its dossier is not before the Chair (%s): return the proposal, to be submitted anew.",
                    rows_text(gone, i, 1), state));
    }
    return rows_count(gone) == 0;
}

bool dossiers_follow(struct request *request, struct session *session, const char *proposal, enum dossiers_step step)
{
    struct rows *moved;
    if (!run(request, session, proposed_dossiers_move, &moved, proposal, steps[step].from, steps[step].to))
        return false;
    for (int i = 0; i < rows_count(moved); i++)
        if (!journal(request, session,
                     (struct journal_entry){
                         .type = steps[step].type,
                         .resource = arena_format(&request->arena, "/v1/dossiers/%s", rows_text(moved, i, 0)),
                         .unit_id = rows_text(moved, i, 1),
                         .campaign = rows_text(moved, i, 2),
                         .year = rows_text(moved, i, 3),
                         .before = rows_text(moved, i, 4),
                         .after = rows_text(moved, i, 5),
                         .restricted = true}))
            return false;
    return true;
}
