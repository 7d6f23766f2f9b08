// The features of the service. A new one adds its two tables here and its files to src/meson.build.
#include "handler/constraints.h"
#include "http/route.h"

extern const struct route operate_routes[], key_routes[], journal_routes[], event_routes[], unit_routes[];
extern const struct route campaign_routes[], criteria_set_routes[], what_if_routes[], round_routes[],
    contestant_routes[], quota_routes[], register_routes[];
extern const struct route finding_routes[], report_routes[];
extern const struct route evaluation_routes[], proposal_routes[], summary_routes[], decision_routes[], award_routes[];
extern const struct route override_routes[], tie_routes[], holiday_routes[], impact_routes[];
extern const struct route frame_routes[], score_routes[], initiative_routes[], discipline_routes[], proceeding_routes[];
extern const struct route dossier_routes[], dossier_move_routes[], nomination_routes[], document_routes[];
extern const struct route import_routes[];
extern const struct route webhook_routes[], delivery_routes[];

// One a line, so that branches which add features merge.
// clang-format off
const struct route *const all_routes[] = {
    operate_routes,
    key_routes,
    journal_routes,
    event_routes,
    unit_routes,
    campaign_routes,
    criteria_set_routes,
    impact_routes,
    holiday_routes,
    what_if_routes,
    round_routes,
    contestant_routes,
    quota_routes,
    register_routes,
    finding_routes,
    report_routes,
    evaluation_routes,
    override_routes,
    tie_routes,
    proposal_routes,
    summary_routes,
    decision_routes,
    award_routes,
    frame_routes,
    score_routes,
    initiative_routes,
    discipline_routes,
    proceeding_routes,
    dossier_routes,
    dossier_move_routes,
    nomination_routes,
    document_routes,
    import_routes,
    webhook_routes,
    delivery_routes,
    NULL,
};
// clang-format on

extern const struct constraint_problem key_constraints[], unit_constraints[];
extern const struct constraint_problem campaign_constraints[], criteria_set_constraints[], round_constraints[],
    contestant_constraints[];
extern const struct constraint_problem quota_constraints[], register_constraints[], finding_constraints[];
extern const struct constraint_problem report_constraints[];
extern const struct constraint_problem override_constraints[], tie_constraints[];
extern const struct constraint_problem proposal_constraints[], decision_constraints[], award_constraints[];
extern const struct constraint_problem frame_constraints[], score_constraints[], initiative_constraints[];
extern const struct constraint_problem discipline_constraints[], proceeding_constraints[];
extern const struct constraint_problem dossier_constraints[];
extern const struct constraint_problem webhook_constraints[];
extern const struct constraint_problem frame_constraints[], score_constraints[], initiative_constraints[];
extern const struct constraint_problem discipline_constraints[], proceeding_constraints[];

static const struct constraint_problem common_constraints[] = {
    {"cursor_malformed", PROBLEM_INVALID_QUERY, "cursor", NULL, "Con trỏ trang không hợp lệ; hãy đọc lại từ đầu.",
     "The cursor is malformed: read the list from its start."},
    {0},
};

// clang-format off
const struct constraint_problem *const all_constraint_problems[] = {
    common_constraints,
    key_constraints,
    unit_constraints,
    campaign_constraints,
    criteria_set_constraints,
    round_constraints,
    contestant_constraints,
    quota_constraints,
    register_constraints,
    finding_constraints,
    report_constraints,
    override_constraints,
    tie_constraints,
    proposal_constraints,
    decision_constraints,
    award_constraints,
    frame_constraints,
    score_constraints,
    initiative_constraints,
    discipline_constraints,
    proceeding_constraints,
    dossier_constraints,
    webhook_constraints,
    NULL,
};
// clang-format on
