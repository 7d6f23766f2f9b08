// A yes or no.
#include "engine/leaf/private.h"

struct flag {
    struct leaf leaf;
    const char *fact;
    struct operands wanted; // one
    size_t slot;
};
LEAF_FIRST(struct flag, leaf);

static const struct leaf_member flag_members[] = {
    {FACT_MEMBER("fact", struct flag, fact)},
    {OPERANDS_MEMBER("value", struct flag, wanted)},
    {0},
};

static void check_flag(struct check *check, struct leaf *leaf)
{
    struct flag *flag = (struct flag *)leaf;
    check_choice(check, leaf, flag->fact, BOOLEANS, &flag->wanted, &flag->slot);
}

static void evaluate_flag(const struct leaf_context *context, struct node_result *result)
{
    const struct flag *leaf = (const struct flag *)context->leaf;
    evaluate_is_one_of(context, leaf->slot, &leaf->wanted, result);
}

static const char *required_flag(const struct explainer *explainer)
{
    return operands_text(explainer, &((const struct flag *)explainer->context.leaf)->wanted);
}

static void cite_flag(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct flag *leaf = (const struct flag *)context->leaf;
    cite_fact(evidence, leaf->slot);
    cite_operands(evidence, &leaf->wanted);
}

const struct leaf_kind flag_kind = {
    .name = "flag",
    .size = sizeof(struct flag),
    .members = flag_members,
    .check = check_flag,
    .evaluate = evaluate_flag,
    .observed = observed_value,
    .required = required_flag,
    .cite = cite_flag,
};
