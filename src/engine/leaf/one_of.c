// A text or integer out of a list.
#include "engine/leaf/private.h"

struct one_of {
    struct leaf leaf;
    const char *fact;
    struct operands accepted;
    size_t slot;
};
LEAF_FIRST(struct one_of, leaf);

static const struct leaf_member one_of_members[] = {
    {FACT_MEMBER("fact", struct one_of, fact)},
    {OPERANDS_MEMBER("values", struct one_of, accepted)},
    {0},
};

static void check_one_of(struct check *check, struct leaf *leaf)
{
    struct one_of *one_of = (struct one_of *)leaf;
    check_choice(check, leaf, one_of->fact, TEXTS | INTEGERS, &one_of->accepted, &one_of->slot);
}

static void evaluate_one_of(const struct leaf_context *context, struct node_result *result)
{
    const struct one_of *leaf = (const struct one_of *)context->leaf;
    evaluate_is_one_of(context, leaf->slot, &leaf->accepted, result);
}

static const char *required_one_of(const struct explainer *explainer)
{
    return operands_text(explainer, &((const struct one_of *)explainer->context.leaf)->accepted);
}

static void cite_one_of(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct one_of *leaf = (const struct one_of *)context->leaf;
    cite_fact(evidence, leaf->slot);
    cite_operands(evidence, &leaf->accepted);
}

const struct leaf_kind one_of_kind = {
    .name = "one_of",
    .size = sizeof(struct one_of),
    .members = one_of_members,
    .check = check_one_of,
    .evaluate = evaluate_one_of,
    .observed = observed_value,
    .required = required_one_of,
    .cite = cite_one_of,
};
