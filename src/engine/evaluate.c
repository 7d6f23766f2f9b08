#include "engine/leaf/private.h"
#include "thidua/award_forms.h"

struct evaluation {
    const struct rule_set *rules;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
    struct node_result *nodes;
    struct criterion_result *criteria;
};

// What a child adds to its parent: one where it holds, in the low half, and one where it may hold, in the high half.
enum { HOLDS = 1, MAY_HOLD = 1 << 16 };
static const uint32_t told_to_parent[3][2] = {
    // by the child's truth; of a guard the negation counts
    [TRUTH_FALSE] = {0, MAY_HOLD + HOLDS},
    [TRUTH_UNDETERMINED] = {MAY_HOLD, MAY_HOLD},
    [TRUTH_TRUE] = {MAY_HOLD + HOLDS, 0},
};

// Of a node that combines its children, which have told what they are.
static inline enum truth combine(const struct node *node, uint32_t told)
{
    uint32_t least = told % MAY_HOLD, most = told / MAY_HOLD;
    enum truth truth = (enum truth)((least >= node->needed) + (most >= node->needed));
    return node->kind == KIND_NOT ? truth_not(truth) : truth;
}

// What time makes of what came out: "no" is "not yet" while there is time, unknown is "no" where on_missing says so.
static void apply_time(const struct leaf_context *context, struct node_result *result)
{
    const struct leaf *leaf = context->leaf;
    bool lasts = leaf->until && until_lasts(context);
    result->past = leaf->until && !lasts;
    if (lasts && result->truth == TRUTH_FALSE) {
        leave_open(result, REASON_NOT_YET);
    } else if (!lasts && result->truth == TRUTH_UNDETERMINED && leaf->missing_is_false) {
        result->truth = TRUTH_FALSE;
        result->missing_made_false = true;
    }
}

// As evaluate_is_one_of() does it. The literals are of the fact's type.
static inline void choose(const struct plain_choice *choice, const struct unit_facts *facts, struct node_result *result)
{
    const struct value fact = facts->values[choice->slot];
    bool found = false;
    result->observed = fact;
    if (fact.type == VALUE_UNKNOWN) {
        leave_open(result, REASON_FACT_UNKNOWN);
        return;
    }
    for (size_t i = 0; i < choice->count && !found; i++)
        found = fact.type == VALUE_TEXT ? same_text(fact.text, choice->wanted[i].text)
                                        : fact.number == choice->wanted[i].number;
    result->truth = truth_of(found);
}

static inline void evaluate_leaf(const struct leaf_context *context, bool timed, struct node_result *result)
{
    if (context->leaf->choice.wanted)
        choose(&context->leaf->choice, context->facts, result);
    else
        context->leaf->kind->evaluate(context, result);
    if (timed)
        apply_time(context, result);
}

enum truth leaf_truth(const struct leaf *leaf, const struct evaluation_parameters *parameters,
                      const struct unit_facts *facts)
{
    struct node_result result = {.truth = TRUTH_UNDETERMINED};
    evaluate_leaf(&(struct leaf_context){leaf, parameters, facts}, true, &result);
    return result.truth;
}

// From the last node to the first. In pre-order children stand behind their parent, so they are ready when it is
// reached. The first of `told` is for roots, and nobody reads it.
static inline void evaluate_nodes(const struct evaluation *evaluation)
{
    const struct node *nodes = evaluation->rules->nodes;
    struct leaf_context context = {NULL, evaluation->parameters, evaluation->facts};
    struct node_result *results = evaluation->nodes;
    uint32_t told[1 + RULES_MOST_NODES];
    memset(told, 0, (1 + evaluation->rules->node_count) * sizeof *told);
    for (size_t i = evaluation->rules->node_count; i-- > 0;) {
        const struct node *node = &nodes[i];
        struct node_result *result = &results[i];
        *result = (struct node_result){.truth = TRUTH_UNDETERMINED};
        context.leaf = node->leaf;
        if (context.leaf)
            evaluate_leaf(&context, node->timed, result);
        else
            result->truth = combine(node, told[1 + i]);
        told[1 + (int16_t)node->parent] += told_to_parent[result->truth][node->guards]; // NO_NODE is -1 there
    }
}

static enum truth root_truth(const struct evaluation *evaluation, uint16_t root, enum truth none)
{
    return root == NO_NODE ? none : evaluation->nodes[root].truth;
}

// A requirement that is met passes even while its guard is open: it does not matter whether it had to be met.
static enum criterion_outcome outcome_of(enum truth guard, enum truth hold, enum truth requires)
{
    if (guard == TRUTH_FALSE)
        return OUTCOME_NOT_APPLICABLE;
    if (requires == TRUTH_TRUE && hold == TRUTH_FALSE)
        return OUTCOME_PASS;
    if (guard == TRUTH_UNDETERMINED)
        return OUTCOME_PENDING;
    if (requires == TRUTH_FALSE)
        return OUTCOME_FAIL;
    return hold == TRUTH_TRUE ? OUTCOME_DEFERRED : OUTCOME_PENDING;
}

// Down from a root to the first leaf that carries its truth.
static uint16_t descend(const struct evaluation *evaluation, uint16_t index)
{
    const struct node *nodes = evaluation->rules->nodes;
    while (!nodes[index].leaf) {
        enum truth truth = evaluation->nodes[index].truth;
        uint16_t child = (uint16_t)(index + 1);
        if (nodes[index].kind == KIND_GUARDED) {
            uint16_t body = nodes[child].end;
            child = evaluation->nodes[body].truth == truth ? body : child;
        } else if (nodes[index].kind != KIND_NOT) {
            while (evaluation->nodes[child].truth != truth)
                child = nodes[child].end;
        }
        index = child;
    }
    return index;
}

static uint16_t principal_leaf(const struct evaluation *evaluation, const struct criterion_nodes *roots,
                               enum criterion_outcome outcome)
{
    uint16_t root = roots->requires;
    if (outcome == OUTCOME_NOT_APPLICABLE)
        root = roots->guard;
    else if (outcome == OUTCOME_DEFERRED)
        root = roots->hold;
    else if (outcome == OUTCOME_PENDING && evaluation->nodes[root].truth != TRUTH_UNDETERMINED)
        root = root_truth(evaluation, roots->hold, TRUTH_FALSE) == TRUTH_UNDETERMINED ? roots->hold : roots->guard;
    return descend(evaluation, root);
}

// Which outcomes there are: one bit each.
static unsigned judge_criteria(const struct evaluation *evaluation)
{
    const struct rule_set *rules = evaluation->rules;
    unsigned seen = 0;
    for (size_t i = 0, count = rules->source->criterion_count; i < count; i++) {
        const struct criterion_nodes *roots = &rules->criteria[i];
        enum criterion_outcome outcome = outcome_of(root_truth(evaluation, roots->guard, TRUTH_TRUE),
                                                    root_truth(evaluation, roots->hold, TRUTH_FALSE),
                                                    root_truth(evaluation, roots->requires, TRUTH_TRUE));
        evaluation->criteria[i] = (struct criterion_result){outcome, principal_leaf(evaluation, roots, outcome)};
        seen |= 1U << outcome;
    }
    return seen;
}

// Domain section 3: any FAIL, else any DEFERRED, else any PENDING, else eligible.
static enum overall_outcome overall_of(unsigned seen)
{
    return seen & 1U << OUTCOME_FAIL       ? OVERALL_INELIGIBLE
           : seen & 1U << OUTCOME_DEFERRED ? OVERALL_DEFERRED
           : seen & 1U << OUTCOME_PENDING  ? OVERALL_PENDING
                                           : OVERALL_ELIGIBLE;
}

// With forms: what the form says for which it stands best.
static enum overall_outcome best_of_forms(const struct rule_set *rules, const struct criterion_result *criteria)
{
    static const unsigned char better[] = {
        [OVERALL_INELIGIBLE] = 0, [OVERALL_DEFERRED] = 1, [OVERALL_PENDING] = 2, [OVERALL_ELIGIBLE] = 3};
    enum overall_outcome best = OVERALL_INELIGIBLE;
    for (size_t i = 0; i < rules->forms->count; i++) {
        enum overall_outcome outcome =
            form_outcome(rules->forms->items[i].eligible, criteria, rules->source->criterion_count);
        if (better[outcome] > better[best])
            best = outcome;
    }
    return best;
}

// An undetermined node is decisive if its parent is. Nothing below another one is.
static void mark_tree(const struct evaluation *evaluation, uint16_t root)
{
    const struct node *nodes = evaluation->rules->nodes;
    for (uint16_t i = root, end = nodes[root].end; i < end;) {
        struct node_result *result = &evaluation->nodes[i];
        result->decisive =
            result->truth == TRUTH_UNDETERMINED && (i == root || evaluation->nodes[nodes[i].parent].decisive);
        i = result->decisive ? (uint16_t)(i + 1) : nodes[i].end;
    }
}

// An undetermined root is decisive if its criterion is open and no other criterion has failed.
static void mark_decisive(const struct evaluation *evaluation)
{
    for (size_t i = 0; i < evaluation->rules->source->criterion_count; i++) {
        const struct criterion_nodes *roots = &evaluation->rules->criteria[i];
        const uint16_t each[] = {roots->guard, roots->hold, roots->requires};
        enum criterion_outcome outcome = evaluation->criteria[i].outcome;
        bool open = outcome == OUTCOME_PENDING || outcome == OUTCOME_DEFERRED;
        for (size_t k = 0; open && k < sizeof each / sizeof *each; k++)
            if (each[k] != NO_NODE)
                mark_tree(evaluation, each[k]);
    }
}

struct value *criteria_parameters(struct arena *arena, const struct rule_set_source *source, int64_t as_of,
                                  int32_t award_year)
{
    struct value *values = arena_array(arena, source->parameter_count, sizeof *values);
    int32_t first = 0, last = 0;
    values[PARAMETER_AS_OF] = (struct value){VALUE_DATE, {instant_local_date(as_of)}};
    values[PARAMETER_AWARD_YEAR] = (struct value){VALUE_INTEGER, {award_year}};
    if (date_from_civil((struct civil_date){award_year, 1, 1}, &first) &&
        date_from_civil((struct civil_date){award_year, 12, 31}, &last)) {
        values[PARAMETER_YEAR_FIRST_DAY] = (struct value){VALUE_DATE, {first}};
        values[PARAMETER_YEAR_LAST_DAY] = (struct value){VALUE_DATE, {last}};
    }
    return values;
}

uint64_t leaf_work(const struct leaf *leaf, const struct unit_facts *facts)
{
    return leaf->kind->work ? leaf->kind->work(leaf, facts) : 1;
}

uint64_t criteria_work(const struct rule_set *rules, const struct unit_facts *facts)
{
    uint64_t work = 0;
    for (size_t i = 0; i < rules->node_count; i++) {
        const struct leaf *leaf = rules->nodes[i].leaf;
        work += leaf ? leaf_work(leaf, facts) : 1;
    }
    return work;
}

bool criteria_covers_year(const struct rule_set *rules, int32_t award_year)
{
    for (size_t i = 0; i < rules->source->award_year_count; i++)
        if (rules->source->award_years[i] == award_year)
            return true;
    return false;
}

enum overall_outcome criteria_judge(const struct rule_set *rules, const struct evaluation_parameters *parameters,
                                    const struct unit_facts *facts, struct criterion_result *criteria,
                                    struct node_result *nodes)
{
    const struct evaluation evaluation = {rules, parameters, facts, nodes, criteria};
    evaluate_nodes(&evaluation);
    unsigned seen = judge_criteria(&evaluation);
    enum overall_outcome overall = rules->forms ? best_of_forms(rules, criteria) : overall_of(seen);
    if (overall != OVERALL_INELIGIBLE && seen & (1U << OUTCOME_PENDING | 1U << OUTCOME_DEFERRED))
        mark_decisive(&evaluation);
    return overall;
}

enum evaluation_error criteria_evaluate(struct arena *arena, const struct rule_set *rules,
                                        const struct evaluation_parameters *parameters, const struct unit_facts *facts,
                                        struct verdict *ret_verdict)
{
    if (!criteria_covers_year(rules, parameters->award_year))
        return EVALUATION_YEAR_NOT_COVERED;
    struct criterion_result *criteria = arena_array(arena, rules->source->criterion_count, sizeof *criteria);
    struct node_result *nodes = arena_array(arena, rules->node_count, sizeof *nodes);
    enum overall_outcome overall = criteria_judge(rules, parameters, facts, criteria, nodes);
    struct change *changes = NULL;
    size_t change_count = 0;
    if (overall != OVERALL_ELIGIBLE) {
        changes = arena_array(arena, rules->node_count, sizeof *changes);
        change_count = criteria_changes(rules, criteria, nodes, changes);
    }
    *ret_verdict = (struct verdict){facts->unit_id, overall, criteria, nodes, changes, change_count};
    return EVALUATION_OK;
}
