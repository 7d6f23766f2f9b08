// How a leaf bears on its criterion: what it is for, whether it must hold or must not, and whether it applies at all.
#include "engine/leaf/private.h"

static bool is_below(const struct rule_set *rules, uint16_t root, uint16_t node)
{
    return root != NO_NODE && node >= root && node < rules->nodes[root].end;
}

// The guard of a part of the criterion in which the node stands; NO_NODE: none.
static uint16_t inner_guard(const struct rule_set *rules, uint16_t node)
{
    while (node != NO_NODE && !rules->nodes[node].guards)
        node = rules->nodes[node].parent;
    return node;
}

enum leaf_role leaf_role_of(const struct rule_set *rules, uint16_t node)
{
    const struct criterion_nodes *roots = &rules->criteria[rules->nodes[node].criterion];
    if (is_below(rules, roots->guard, node) || inner_guard(rules, node) != NO_NODE)
        return LEAF_APPLIES_WHEN;
    return is_below(rules, roots->hold, node) ? LEAF_HOLD : LEAF_REQUIRES;
}

// Below an odd number of "not".
static bool is_negated(const struct rule_set *rules, uint16_t node)
{
    bool negated = false;
    for (uint16_t above = rules->nodes[node].parent; above != NO_NODE; above = rules->nodes[above].parent)
        negated ^= rules->nodes[above].kind == KIND_NOT;
    return negated;
}

static bool is_out(uint16_t guard, const struct verdict *verdict)
{
    return guard != NO_NODE && verdict->nodes[guard].truth == TRUTH_FALSE;
}

// Whether a guard says so, that of its criterion or one of a part of it. A guard itself is asked in any case.
static bool is_idle(const struct rule_set *rules, const struct verdict *verdict, uint16_t node)
{
    const uint16_t guard = rules->criteria[rules->nodes[node].criterion].guard;
    bool idle = !is_below(rules, guard, node) && is_out(guard, verdict);
    for (uint16_t at = node, above; (above = rules->nodes[at].parent) != NO_NODE && !idle; at = above)
        idle = rules->nodes[above].kind == KIND_GUARDED && !rules->nodes[at].guards &&
               is_out((uint16_t)(above + 1), verdict);
    return idle;
}

struct leaf_bearing leaf_bearing_of(const struct rule_set *rules, const struct verdict *verdict, uint16_t node)
{
    const uint16_t guard = rules->criteria[rules->nodes[node].criterion].guard;
    return (struct leaf_bearing){
        .role = leaf_role_of(rules, node),
        .negated = is_negated(rules, node),
        .idle = is_idle(rules, verdict, node),
        .idles_all = is_below(rules, guard, node) && is_out(guard, verdict),
        .idles_part = is_out(inner_guard(rules, node), verdict),
    };
}
