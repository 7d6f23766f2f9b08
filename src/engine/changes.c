// The smallest set of leaves that would have to come out otherwise for the unit to be eligible.
//
// Two passes over the flat tree. The first, from the back, computes what it costs to make each node true and false. The
// second, from the front, says which nodes should change. Each leaf costs one and is taken by itself. A decided guard
// is not changed: "take the unit off the list of assessed units" is no advice. Nor is what nobody can do any more: a
// leaf whose time is over stays false, and so does one that tells of the past.
#include "engine/leaf/leaf.h"
#include "thidua/award_forms.h"

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

// ---- forms of award: only what one of them asks for ----

static bool is_satisfied(enum criterion_outcome outcome)
{
    return outcome == OUTCOME_PASS || outcome == OUTCOME_NOT_APPLICABLE;
}

static uint32_t price_criterion(const struct criterion_nodes *roots, const struct criterion_result *result,
                                const struct node_result *nodes, const struct costs *costs)
{
    if (is_satisfied(result->outcome))
        return 0;
    uint32_t met =
        add_costs(costs->to_true[roots->requires], roots->hold == NO_NODE ? 0 : costs->to_false[roots->hold]);
    bool open = roots->guard != NO_NODE && nodes[roots->guard].truth == TRUTH_UNDETERMINED;
    return open ? lower(met, costs->to_false[roots->guard]) : met;
}

static size_t terms_needed(const struct form_condition *condition)
{
    return condition->kind == CONDITION_ALL   ? condition->count
           : condition->kind == CONDITION_ANY ? 1
                                              : (size_t)condition->least;
}

// Takes the cheapest terms, and with `wanted` marks the criteria in them. Where a criterion stands in several terms, a
// smaller set may do; it is marked once.
static uint32_t take_terms(const struct form_condition *condition, const uint32_t *prices, bool *wanted)
{
    bool taken[FORM_TERMS_MOST] = {false};
    uint32_t total = 0;
    if (condition->kind == CONDITION_CRITERION) {
        if (wanted)
            wanted[condition->criterion] = true;
        return prices[condition->criterion];
    }
    uint32_t of_term[FORM_TERMS_MOST] = {0};
    for (size_t i = 0; i < condition->count; i++)
        of_term[i] = take_terms(&condition->terms[i], prices, NULL);
    for (size_t needed = terms_needed(condition); needed > 0; needed--) {
        size_t best = condition->count;
        uint32_t lowest = UINT32_MAX;
        for (size_t i = 0; i < condition->count; i++)
            if (!taken[i] && of_term[i] < lowest) {
                lowest = of_term[i];
                best = i;
            }
        taken[best] = true;
        if (wanted)
            take_terms(&condition->terms[best], prices, wanted);
        total = add_costs(total, lowest);
    }
    return total;
}

// ---- the smallest set, where few criteria are open: every set of them is tried ----

enum { OPEN_MOST = 10 };

static bool condition_holds(const struct form_condition *condition, const bool *met)
{
    if (condition->kind == CONDITION_CRITERION)
        return met[condition->criterion];
    size_t holding = 0;
    for (size_t i = 0; i < condition->count; i++)
        holding += condition_holds(&condition->terms[i], met);
    return holding >= terms_needed(condition);
}

// Those that cost something and can be had; false if there are too many.
static bool find_open(const uint32_t *prices, size_t count, size_t *open, size_t *ret_count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (prices[i] > 0 && prices[i] < UNREACHABLE && found++ < OPEN_MOST)
            open[found - 1] = i;
    *ret_count = found;
    return found <= OPEN_MOST;
}

static uint32_t take_smallest(const struct form_condition *condition, size_t criterion_count, const uint32_t *prices,
                              const size_t *open, size_t open_count, bool *wanted)
{
    uint32_t lowest = UNREACHABLE;
    for (unsigned set = 0; set < 1U << open_count; set++) {
        bool met[RULES_MOST_NODES];
        uint32_t total = 0;
        for (size_t i = 0; i < criterion_count; i++)
            met[i] = prices[i] == 0;
        for (size_t k = 0; k < open_count; k++)
            if (set >> k & 1) {
                met[open[k]] = true;
                total = add_costs(total, prices[open[k]]);
            }
        if (total >= lowest || !condition_holds(condition, met))
            continue;
        lowest = total;
        for (size_t i = 0; wanted && i < criterion_count; i++)
            wanted[i] = met[i];
    }
    return lowest;
}

static uint32_t take_form(const struct award_form *form, const struct rule_set_source *source, const uint32_t *prices,
                          bool *wanted)
{
    uint32_t total = 0;
    size_t open[OPEN_MOST], open_count;
    if (form->eligible && find_open(prices, source->criterion_count, open, &open_count))
        return take_smallest(form->eligible, source->criterion_count, prices, open, open_count, wanted);
    if (form->eligible)
        return take_terms(form->eligible, prices, wanted);
    for (size_t i = 0; i < source->criterion_count; i++) {
        total = add_costs(total, prices[i]);
        if (wanted)
            wanted[i] = true;
    }
    return total;
}

// The criteria of the form that takes the fewest changes; the highest one on a tie. Without forms, all.
static void want_criteria(const struct rule_set *rules, const struct criterion_result *criteria,
                          const struct node_result *nodes, const struct costs *costs, bool *wanted)
{
    uint32_t prices[RULES_MOST_NODES], lowest = UINT32_MAX;
    size_t best = 0;
    if (!rules->forms) {
        memset(wanted, true, rules->source->criterion_count * sizeof *wanted);
        return;
    }
    for (size_t i = 0; i < rules->source->criterion_count; i++)
        prices[i] = price_criterion(&rules->criteria[i], &criteria[i], nodes, costs);
    for (size_t f = 0; f < rules->forms->count; f++) {
        uint32_t price = take_form(&rules->forms->items[f], rules->source, prices, NULL);
        if (price < lowest) {
            lowest = price;
            best = f;
        }
    }
    if (lowest < UNREACHABLE)
        take_form(&rules->forms->items[best], rules->source, prices, wanted);
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
    bool asked[RULES_MOST_NODES] = {false};
    want_criteria(rules, criteria, nodes, &costs, asked);
    for (size_t i = 0; i < rules->source->criterion_count; i++)
        if (asked[i] && !is_satisfied(criteria[i].outcome) &&
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
