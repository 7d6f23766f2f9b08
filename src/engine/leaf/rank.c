// A unit's rank among those of its group or cluster: "đứng đầu cụm", "ba đơn vị có điểm cao nhất của khối". It is
// judged in a second pass, when all units of the round are known (thidua/round_ranks.h). While facts are open, a rank
// is an interval.
#include "engine/leaf/private.h"
#include "thidua/round_ranks.h"

LEAF_FIRST(struct rank_leaf, leaf);

static const char *const withins[] = {"group", "cluster", NULL};

static const struct leaf_member rank_members[] = {
    {MEMBER("keys", MEMBER_KEYS, struct standing_keys, struct rank_leaf, keys)},
    {CHOICE_MEMBER("within", struct rank_leaf, within, enum rank_within, withins)},
    {INTEGER_MEMBER("at_most", struct rank_leaf, at_most, 1, 1000000)},
    {0},
};

static void check_rank(struct check *check, struct leaf *leaf)
{
    ((struct rank_leaf *)leaf)->slot = check->rank_count;
    check->ranks[check->rank_count++] = leaf;
}

static void evaluate_rank(const struct leaf_context *context, struct node_result *result)
{
    const struct rank_leaf *leaf = (const struct rank_leaf *)context->leaf;
    const struct rank_interval *ranks = context->facts->ranks;
    if (!ranks || !ranks[leaf->slot].best) {
        leave_open(result, REASON_RANK_OPEN);
        return;
    }
    struct rank_interval rank = ranks[leaf->slot];
    result->observed = (struct value){VALUE_INTEGER, {rank.best}};
    result->most = rank.worst;
    if (rank.worst <= leaf->at_most)
        result->truth = TRUTH_TRUE;
    else if (rank.best > leaf->at_most)
        result->truth = TRUTH_FALSE;
    else
        leave_open(result, REASON_RANK_OPEN);
}

static const char *required_rank(const struct explainer *explainer)
{
    const struct rank_leaf *leaf = (const struct rank_leaf *)explainer->context.leaf;
    return compared_text(explainer, LESS_EQUAL, number_text(explainer, leaf->at_most, 0));
}

// In ranks; only where the rank is sure.
static bool margin_of_rank(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct rank_leaf *leaf = (const struct rank_leaf *)context->leaf;
    return result->observed.type != VALUE_UNKNOWN && result->most == result->observed.number &&
           margin_between(result->observed.number, LESS_EQUAL, leaf->at_most, ret_margin);
}

static void cite_key(const struct leaf_context *context, const struct standing_key *key, struct evidence_list *evidence)
{
    if (key->kind == KEY_FACT || key->kind == KEY_RATIO)
        cite_fact(evidence, key->slot);
    if (key->kind == KEY_RATIO)
        cite_fact(evidence, key->whole_slot);
    if (key->has_only_if)
        cite_fact(evidence, key->only_if_slot);
    if (key->leaf)
        cite_leaf(&(struct leaf_context){key->leaf, context->parameters, context->facts}, evidence);
    for (size_t i = 0; i < key->content_count; i++)
        cite_content(evidence, key->contents[i]);
    cite_terms(context, &key->terms, evidence);
}

// What the unit itself is ranked by.
static void cite_rank(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct standing_keys *keys = &((const struct rank_leaf *)context->leaf)->keys;
    for (size_t i = 0; i < keys->count; i++)
        cite_key(context, &keys->items[i], evidence);
}

const struct leaf_kind rank_kind = {
    .name = "rank",
    .semantics = 2,
    .size = sizeof(struct rank_leaf),
    .members = rank_members,
    .check = check_rank,
    .evaluate = evaluate_rank,
    .observed = observed_entries,
    .required = required_rank,
    .margin = margin_of_rank,
    .cite = cite_rank,
};
