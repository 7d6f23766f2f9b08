// The smallest set of leaves that would have to come out otherwise for the unit to be eligible.
//
// Two passes over the flat tree. The first, from the back, computes what it costs to make each node true and false. The
// second, from the front, says which nodes should change. Each leaf costs one and is taken by itself. A decided guard
// is not changed: "take the unit off the list of assessed units" is no advice. Nor is what nobody can do any more: a
// leaf whose time is over stays false, and so does one that tells of the past.
#include "engine/leaf/leaf.h"

enum { UNREACHABLE = 1 << 20 };

struct costs {
    uint32_t to_true[RULES_MOST_NODES];
    uint32_t to_false[RULES_MOST_NODES];
};

enum wish { WISH_NONE, WISH_TRUE, WISH_FALSE };

static uint32_t lower(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t add_costs(uint32_t a, uint32_t b)
{
    return lower(a + b, UNREACHABLE);
}

// The child with the lowest cost that is not `taken`; the first one on a tie.
static uint16_t cheapest(const struct rule_set *rules, uint16_t parent, const uint32_t *costs, const bool *taken)
{
    uint16_t best = NO_NODE;
    for (uint16_t child = (uint16_t)(parent + 1); child < rules->nodes[parent].end; child = rules->nodes[child].end)
        if (!taken[child] && (best == NO_NODE || costs[child] < costs[best]))
            best = child;
    return best;
}

// Takes the `needed` cheapest children; returns what they cost together.
static uint32_t take_cheapest(const struct rule_set *rules, uint16_t parent, const uint32_t *costs, int64_t needed,
                              bool *taken)
{
    uint32_t total = 0;
    for (; needed > 0; needed--) {
        uint16_t child = cheapest(rules, parent, costs, taken);
        if (child == NO_NODE)
            return UNREACHABLE;
        taken[child] = true;
        total = add_costs(total, costs[child]);
    }
    return total;
}

static bool stays_false(const struct leaf *leaf, const struct node_result *result)
{
    return result->truth == TRUTH_FALSE && (result->past || leaf->kind->false_is_past);
}

static void price_leaf(const struct leaf *leaf, const struct node_result *result, bool fixed, uint32_t *to_true,
                       uint32_t *to_false)
{
    uint32_t price = fixed ? UNREACHABLE : 1;
    *to_true = result->truth == TRUTH_TRUE ? 0 : stays_false(leaf, result) ? UNREACHABLE : price;
    *to_false = result->truth == TRUTH_FALSE ? 0 : price;
}

static void price_node(const struct rule_set *rules, uint16_t index, struct costs *costs)
{
    const struct node *node = &rules->nodes[index];
    uint16_t first = (uint16_t)(index + 1);
    if (node->kind == KIND_NOT) {
        costs->to_true[index] = costs->to_false[first];
        costs->to_false[index] = costs->to_true[first];
    } else if (node->kind == KIND_GUARDED) {
        uint16_t body = rules->nodes[first].end;
        costs->to_true[index] = lower(costs->to_false[first], costs->to_true[body]);
        costs->to_false[index] = add_costs(costs->to_true[first], costs->to_false[body]);
    } else {
        bool taken_true[RULES_MOST_NODES] = {false}, taken_false[RULES_MOST_NODES] = {false};
        int64_t needed = node->needed; // true children make it true; the opposite number makes it false
        costs->to_true[index] = take_cheapest(rules, index, costs->to_true, needed, taken_true);
        costs->to_false[index] = take_cheapest(rules, index, costs->to_false, node->children - needed + 1, taken_false);
    }
}

// Whether the node lies in a guard whose result is decided.
static void mark_fixed(const struct rule_set *rules, const struct node_result *nodes, bool *fixed)
{
    for (size_t i = 0; i < rules->node_count; i++) {
        uint16_t parent = rules->nodes[i].parent;
        bool guard = parent == NO_NODE ? rules->criteria[rules->nodes[i].criterion].guard == i : rules->nodes[i].guards;
        fixed[i] = (parent != NO_NODE && fixed[parent]) || (guard && nodes[i].truth != TRUTH_UNDETERMINED);
    }
}

static void wish_children(const struct rule_set *rules, uint16_t index, enum wish wish, const struct costs *costs,
                          enum wish *wishes)
{
    const struct node *node = &rules->nodes[index];
    uint16_t first = (uint16_t)(index + 1);
    if (node->kind == KIND_NOT) {
        wishes[first] = wish == WISH_TRUE ? WISH_FALSE : WISH_TRUE;
    } else if (node->kind == KIND_GUARDED) {
        uint16_t body = rules->nodes[first].end;
        bool by_guard = wish == WISH_TRUE && costs->to_false[first] < costs->to_true[body];
        if (wish == WISH_FALSE)
            wishes[first] = WISH_TRUE;
        wishes[by_guard ? first : body] = by_guard ? WISH_FALSE : wish;
    } else {
        bool taken[RULES_MOST_NODES] = {false};
        int64_t needed = node->needed;
        if (wish == WISH_TRUE)
            take_cheapest(rules, index, costs->to_true, needed, taken);
        else
            take_cheapest(rules, index, costs->to_false, node->children - needed + 1, taken);
        for (uint16_t child = first; child < node->end; child = rules->nodes[child].end)
            wishes[child] = taken[child] ? wish : WISH_NONE;
    }
}

// Returns false if no allowed change would satisfy the criterion.
static bool wish_criterion(const struct criterion_nodes *roots, const struct node_result *nodes,
                           const struct costs *costs, enum wish *wishes)
{
    uint32_t met =
        add_costs(costs->to_true[roots->requires], roots->hold == NO_NODE ? 0 : costs->to_false[roots->hold]);
    bool by_guard = roots->guard != NO_NODE && nodes[roots->guard].truth == TRUTH_UNDETERMINED &&
                    costs->to_false[roots->guard] < met;
    if (by_guard) {
        wishes[roots->guard] = WISH_FALSE;
        return true;
    }
    wishes[roots->requires] = WISH_TRUE;
    if (roots->hold != NO_NODE)
        wishes[roots->hold] = WISH_FALSE;
    return met < UNREACHABLE;
}

size_t criteria_changes(const struct rule_set *rules, const struct criterion_result *criteria,
                        const struct node_result *nodes, struct change *changes)
{
    struct costs costs = {0};
    bool fixed[RULES_MOST_NODES] = {false};
    enum wish wishes[RULES_MOST_NODES] = {WISH_NONE};
    size_t count = 0;
    mark_fixed(rules, nodes, fixed);
    for (size_t i = rules->node_count; i-- > 0;) {
        if (rules->nodes[i].leaf)
            price_leaf(rules->nodes[i].leaf, &nodes[i], fixed[i], &costs.to_true[i], &costs.to_false[i]);
        else
            price_node(rules, (uint16_t)i, &costs);
    }
    for (size_t i = 0; i < rules->source->criterion_count; i++)
        if (criteria[i].outcome != OUTCOME_PASS && criteria[i].outcome != OUTCOME_NOT_APPLICABLE &&
            !wish_criterion(&rules->criteria[i], nodes, &costs, wishes))
            return 0;
    for (uint16_t i = 0; i < rules->node_count; i++) {
        enum truth wanted = wishes[i] == WISH_TRUE ? TRUTH_TRUE : TRUTH_FALSE;
        if (wishes[i] == WISH_NONE || nodes[i].truth == wanted)
            continue;
        if (rules->nodes[i].leaf)
            changes[count++] = (struct change){i, wanted};
        else
            wish_children(rules, i, wishes[i], &costs, wishes);
    }
    return count;
}
