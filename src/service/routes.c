// The features of the service. A new one adds its two tables here and its files to src/meson.build.
#include "http/route.h"
#include "service/constraints.h"

extern const struct route operate_routes[], key_routes[], journal_routes[], unit_routes[];
extern const struct route frame_routes[], score_routes[], initiative_routes[], discipline_routes[], proceeding_routes[];

const struct route *const all_routes[] = {
    operate_routes,
    key_routes,
    journal_routes,
    unit_routes,
    frame_routes,
    score_routes,
    initiative_routes,
    discipline_routes,
    proceeding_routes,
    NULL,
};

extern const struct constraint_problem key_constraints[], unit_constraints[];
extern const struct constraint_problem frame_constraints[], score_constraints[], initiative_constraints[];
extern const struct constraint_problem discipline_constraints[], proceeding_constraints[];

static const struct constraint_problem common_constraints[] = {
    {"cursor_malformed", PROBLEM_INVALID_QUERY, "cursor", NULL, "Con trỏ trang không hợp lệ; hãy đọc lại từ đầu.",
     "The cursor is malformed: read the list from its start."},
    {0},
};

const struct constraint_problem *const all_constraint_problems[] = {
    common_constraints,
    key_constraints,
    unit_constraints,
    frame_constraints,
    score_constraints,
    initiative_constraints,
    discipline_constraints,
    proceeding_constraints,
    NULL,
};
