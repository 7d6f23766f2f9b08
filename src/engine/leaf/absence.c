// III.1.d: no entry of a register matches. True only if the register is declared complete: silence is no evidence.
#include "engine/leaf/private.h"

LEAF_FIRST(struct register_leaf, leaf);

static const struct leaf_member absence_members[] = {REGISTER_MEMBERS, {0}};

static void check_absence(struct check *check, struct leaf *leaf)
{
    check_register(check, (struct register_leaf *)leaf);
}

static void evaluate_absence(const struct leaf_context *context, struct node_result *result)
{
    evaluate_entries(context, LESS_EQUAL, 0, result);
}

const struct leaf_kind absence_kind = {
    .name = "absence",
    .size = sizeof(struct register_leaf),
    .members = absence_members,
    .check = check_absence,
    .evaluate = evaluate_absence,
    .work = work_of_entries,
    .observed = observed_entries,
    .required = required_none,
    .margin = margin_of_none,
    .gap = gap_of_window,
    .cite = cite_register,
};
