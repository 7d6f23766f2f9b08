// The features of the service. A new one adds its two tables here and its files to src/meson.build.
#include "http/route.h"
#include "service/constraints.h"

extern const struct route operate_routes[], key_routes[], journal_routes[], unit_routes[];
extern const struct route dossier_routes[], nomination_routes[], document_routes[];

const struct route *const all_routes[] = {
    operate_routes,
    key_routes,
    journal_routes,
    unit_routes,
    dossier_routes,
    nomination_routes,
    document_routes,
    NULL,
};

extern const struct constraint_problem key_constraints[], unit_constraints[];
extern const struct constraint_problem dossier_constraints[];

static const struct constraint_problem common_constraints[] = {
    {"cursor_malformed", PROBLEM_INVALID_QUERY, "cursor", NULL, "Con trỏ trang không hợp lệ; hãy đọc lại từ đầu.",
     "The cursor is malformed: read the list from its start."},
    {0},
};

const struct constraint_problem *const all_constraint_problems[] = {
    common_constraints,
    key_constraints,
    unit_constraints,
    dossier_constraints,
    NULL,
};
