// How many entries of a register match, against a number. An incomplete register gives a lower bound only: it can show
// that there are enough, never that there are too few.
#include "engine/leaf/private.h"

struct count_leaf {
    struct register_leaf over;
    enum comparison comparison;
    int64_t n;
};
LEAF_FIRST(struct count_leaf, over.leaf);

static const struct leaf_member count_members[] = {
    REGISTER_MEMBERS,
    {CHOICE_MEMBER("op", struct count_leaf, comparison, enum comparison, comparison_signs)},
    {INTEGER_MEMBER("n", struct count_leaf, n, 0, 1000000)},
    {0},
};

static void check_count(struct check *check, struct leaf *leaf)
{
    check_register(check, (struct register_leaf *)leaf);
}

static void evaluate_count(const struct leaf_context *context, struct node_result *result)
{
    const struct count_leaf *leaf = (const struct count_leaf *)context->leaf;
    evaluate_entries(context, leaf->comparison, leaf->n, result);
}

static const char *required_count(const struct explainer *explainer)
{
    const struct count_leaf *leaf = (const struct count_leaf *)explainer->context.leaf;
    return compared_text(explainer, leaf->comparison, number_text(explainer, leaf->n, 0));
}

// In entries.
static bool margin_of_count(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct count_leaf *leaf = (const struct count_leaf *)context->leaf;
    return margin_of_tally(result, leaf->comparison, leaf->n, ret_margin);
}

const struct leaf_kind count_kind = {
    .name = "count",
    .size = sizeof(struct count_leaf),
    .members = count_members,
    .check = check_count,
    .evaluate = evaluate_count,
    .work = work_of_entries,
    .observed = observed_entries,
    .required = required_count,
    .margin = margin_of_count,
    .gap = gap_of_window,
    .cite = cite_register,
};
