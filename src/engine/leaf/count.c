// How many entries of a register match, against a number. An incomplete register gives a lower bound only: it can show
// that there are enough, never that there are too few.
#include "engine/leaf/private.h"

LEAF_FIRST(struct entries_leaf, over.leaf);

static const struct leaf_member count_members[] = {
    REGISTER_MEMBERS,
    {CHOICE_MEMBER("op", struct entries_leaf, comparison, enum comparison, comparison_signs)},
    {INTEGER_MEMBER("n", struct entries_leaf, n, 0, 1000000)},
    {0},
};

static const char *required_count(const struct explainer *explainer)
{
    const struct entries_leaf *leaf = (const struct entries_leaf *)explainer->context.leaf;
    return compared_text(explainer, leaf->comparison, number_text(explainer, leaf->n, 0));
}

// In entries.
static bool margin_of_count(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct entries_leaf *leaf = (const struct entries_leaf *)context->leaf;
    return margin_of_tally(result, leaf->comparison, leaf->n, ret_margin);
}

const struct leaf_kind count_kind = {
    .name = "count",
    .size = sizeof(struct entries_leaf),
    .members = count_members,
    .check = check_entries,
    .evaluate = evaluate_entries,
    .work = work_of_entries,
    .observed = observed_entries,
    .required = required_count,
    .margin = margin_of_count,
    .gap = gap_of_window,
    .cite = cite_register,
};
