// III.1.d: no entry of a register matches. True only if the register is declared complete: silence is no evidence.
#include "engine/leaf/private.h"

LEAF_FIRST(struct entries_leaf, over.leaf);

static const struct leaf_member absence_members[] = {REGISTER_MEMBERS, {0}};

static void check_absence(struct check *check, struct leaf *leaf)
{
    struct entries_leaf *entries = (struct entries_leaf *)leaf;
    entries->comparison = LESS_EQUAL;
    entries->n = 0;
    check_entries(check, leaf);
}

const struct leaf_kind absence_kind = {
    .name = "absence",
    .size = sizeof(struct entries_leaf),
    .members = absence_members,
    .check = check_absence,
    .evaluate = evaluate_entries,
    .work = work_of_entries,
    .observed = observed_entries,
    .required = required_none,
    .margin = margin_of_none,
    .gap = gap_of_window,
    .cite = cite_register,
};
