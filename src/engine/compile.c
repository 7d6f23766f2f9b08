// From trees of expressions to one flat array of nodes.
#include "engine/private.h"

struct flattening {
    struct node *nodes;
    size_t count;
    uint16_t criterion;
};

static uint16_t needed_by(const struct expression *expression, enum expression_kind kind)
{
    if (kind == KIND_ALL)
        return (uint16_t)expression->child_count;
    return kind == KIND_AT_LEAST ? (uint16_t)expression->least : 1;
}

static uint16_t add_node(struct flattening *flat, const struct expression *expression, enum expression_kind kind,
                         uint16_t parent)
{
    uint16_t index = (uint16_t)flat->count++;
    flat->nodes[index] = (struct node){
        .leaf = kind == KIND_LEAF ? expression->leaf : NULL,
        .kind = kind,
        .parent = parent,
        .needed = needed_by(expression, kind),
        .criterion = flat->criterion,
    };
    if (parent != NO_NODE)
        flat->nodes[parent].children++;
    return index;
}

// Depth and number of nodes were checked before: this recursion ends after RULES_MOST_DEPTH.
static uint16_t flatten(struct flattening *flat, const struct expression *expression, uint16_t parent)
{
    uint16_t top = NO_NODE;
    if (expression->applies_when) {
        top = add_node(flat, expression, KIND_GUARDED, parent);
        flat->nodes[flatten(flat, expression->applies_when, top)].guards = true;
        parent = top;
    }
    uint16_t index = add_node(flat, expression, expression->kind, parent);
    for (size_t i = 0; i < expression->child_count; i++)
        flatten(flat, expression->children[i], index);
    flat->nodes[index].end = (uint16_t)flat->count;
    if (top == NO_NODE)
        return index;
    flat->nodes[top].end = (uint16_t)flat->count;
    return top;
}

static void check_criterion(struct check *check, size_t index)
{
    const struct criterion *criterion = &check->source->criteria[index];
    for (size_t i = 0; i < index; i++)
        if (strcmp(check->source->criteria[i].id, criterion->id) == 0)
            rule_fault_report(check->faults, criterion->pointer, FAULT_ID_TWICE, criterion->id);
    check_citations(check, criterion->pointer, criterion->citations, criterion->citation_count);
    check_words(check, criterion->pointer, criterion->text);
    if (!criterion->clause[0])
        rule_fault_report(check->faults, criterion->pointer, FAULT_MISSING_MEMBER, "clause");
    if (criterion->applies_when)
        check_expression(check, criterion->applies_when, 1);
    if (criterion->hold)
        check_expression(check, criterion->hold, 1);
    check_expression(check, criterion->requires, 1);
}

// NULL if there was a fault.
static const struct check *check_all(struct arena *arena, const struct rule_set_source *source,
                                     struct rule_faults *faults)
{
    struct check *check = arena_new(arena, struct check);
    size_t before = faults->total;
    *check = (struct check){.arena = arena, .source = source, .faults = faults};
    check_declarations(check);
    for (size_t i = 0; i < source->criterion_count; i++)
        check_criterion(check, i);
    return faults->total == before ? check : NULL;
}

// In the order in which nodes are evaluated: leaves, then those that combine.
static void order_nodes(struct arena *arena, struct rule_set *rules)
{
    struct leaf_step *leaves = arena_array(arena, rules->node_count, sizeof *leaves);
    uint16_t *combining = arena_array(arena, rules->node_count, sizeof *combining);
    for (uint16_t i = (uint16_t)rules->node_count; i-- > 0;) {
        const struct leaf *leaf = rules->nodes[i].leaf;
        if (leaf)
            leaves[rules->leaf_count++] = (struct leaf_step){leaf, i, leaf->until || leaf->missing_is_false};
        else
            combining[rules->combining_count++] = i;
    }
    rules->leaves = leaves;
    rules->combining = combining;
}

const struct rule_set *criteria_compile(struct arena *arena, const struct rule_set_source *source,
                                        struct rule_faults *faults)
{
    const struct check *checked = check_all(arena, source, faults);
    if (!checked)
        return NULL;
    struct flattening flat = {.nodes = arena_array(arena, checked->node_count, sizeof *flat.nodes)};
    struct criterion_nodes *roots = arena_array(arena, source->criterion_count, sizeof *roots);
    for (size_t i = 0; i < source->criterion_count; i++) {
        const struct criterion *criterion = &source->criteria[i];
        flat.criterion = (uint16_t)i;
        roots[i].guard = criterion->applies_when ? flatten(&flat, criterion->applies_when, NO_NODE) : NO_NODE;
        roots[i].hold = criterion->hold ? flatten(&flat, criterion->hold, NO_NODE) : NO_NODE;
        roots[i].requires = flatten(&flat, criterion->requires, NO_NODE);
        roots[i].plain = !criterion->applies_when && !criterion->hold;
    }
    const struct leaf **ranks = arena_array(arena, checked->rank_count, sizeof *ranks);
    for (size_t i = 0; i < checked->rank_count; i++)
        ranks[i] = checked->ranks[i];
    struct rule_set *rules = arena_new(arena, struct rule_set);
    *rules = (struct rule_set){.source = source,
                               .nodes = flat.nodes,
                               .node_count = flat.count,
                               .criteria = roots,
                               .counts_working_days = checked->counts_working_days,
                               .ranks = ranks,
                               .rank_count = checked->rank_count,
                               .texts = &checked->texts};
    order_nodes(arena, rules);
    return rules;
}
