#include "engine/leaf/private.h"
#include "thidua/award_forms.h"

struct evaluation {
    const struct rule_set *rules;
    const struct evaluation_parameters *parameters;
    const struct unit_facts *facts;
    struct node_result *nodes;
    struct criterion_result *criteria;
    uint16_t carriers[RULES_MOST_NODES]; // of nodes that combine: the first child that carries their truth
};

// What time makes of what came out: "no" is "not yet" while there is time, unknown is "no" where on_missing says so.
static inline void apply_time(const struct leaf *leaf, bool lasts, struct node_result *result)
{
    if (lasts) {
        if (result->truth == TRUTH_FALSE)
            leave_open(result, REASON_NOT_YET);
        return;
    }
    result->past = leaf->until != NULL;
    if (leaf->missing_is_false && result->truth == TRUTH_UNDETERMINED) {
        result->truth = TRUTH_FALSE;
        result->missing_made_false = true;
    }
}

// Texts are mostly the rules' own (known_text()), and then no others need to be read.
__attribute__((noinline)) static bool lists_text(const struct plain_choice *choice, const char *text)
{
    bool found = false;
    for (size_t i = 0; i < choice->count && !found; i++)
        found = same_text(text, choice->wanted[i].text);
    return found;
}

static inline bool is_wanted(const struct plain_choice *choice, const struct value *fact)
{
    const struct value *wanted = choice->wanted, *end = wanted + choice->count;
    if (fact->type == VALUE_TEXT) {
        while (wanted != end && fact->text != wanted->text)
            wanted++;
        return wanted != end || lists_text(choice, fact->text);
    }
    while (wanted != end && fact->number != wanted->number)
        wanted++;
    return wanted != end;
}

// As evaluate_is_one_of() does it. The literals are of the fact's type.
static inline void choose(const struct plain_choice *choice, const struct unit_facts *facts, struct node_result *result)
{
    const struct value *fact = &facts->values[choice->slot];
    result->observed = *fact;
    if (fact->type == VALUE_UNKNOWN)
        leave_open(result, REASON_FACT_UNKNOWN);
    else
        result->truth = truth_of(is_wanted(choice, fact));
}

static inline void evaluate_leaf(const struct leaf_context *context, struct node_result *result)
{
    if (context->leaf->choice.wanted)
        choose(&context->leaf->choice, context->facts, result);
    else
        context->leaf->kind->evaluate(context, result);
}

enum truth leaf_truth(const struct leaf *leaf, const struct evaluation_parameters *parameters,
                      const struct unit_facts *facts)
{
    struct node_result result = {.truth = TRUTH_UNDETERMINED};
    const struct leaf_context context = {leaf, parameters, facts};
    evaluate_leaf(&context, &result);
    apply_time(leaf, until_lasts(&context), &result);
    return result.truth;
}

static inline void evaluate_leaves(const struct evaluation *evaluation)
{
    const struct leaf_step *step = evaluation->rules->leaves, *end = step + evaluation->rules->leaf_count;
    struct leaf_context context = {NULL, evaluation->parameters, evaluation->facts};
    const struct time_limits *until = NULL; // that were asked last …
    bool lasts = false;                     // … and whether one of them lasts
    for (; step != end; step++) {
        struct node_result *result = &evaluation->nodes[step->node];
        *result = (struct node_result){.truth = TRUTH_UNDETERMINED};
        context.leaf = step->leaf;
        evaluate_leaf(&context, result);
        if (!step->timed)
            continue;
        if (until != step->leaf->until) {
            until = step->leaf->until;
            lasts = until_lasts(&context);
        }
        apply_time(step->leaf, lasts, result);
    }
}

// Of all children the first that is least true; if `negated`, the first whose negation is. Packed as its truth or the
// negation in the high half and its number in the low one: the smallest pack says both.
static inline uint32_t least_child(const struct node *nodes, const struct node_result *results, uint16_t index,
                                   bool negated)
{
    uint32_t least = UINT32_MAX;
    size_t child = index + 1U;
    for (size_t end = nodes[index].end; child != end; child = nodes[child].end) {
        enum truth truth = results[child].truth;
        uint32_t packed = (uint32_t)(negated ? truth_not(truth) : truth) << 16 | (uint32_t)child;
        least = packed < least ? packed : least;
    }
    return least;
}

static enum truth count_children(const struct node *nodes, const struct node_result *results, uint16_t index)
{
    unsigned least = 0, most = 0; // that hold
    for (uint16_t child = (uint16_t)(index + 1); child != nodes[index].end; child = nodes[child].end) {
        least += results[child].truth == TRUTH_TRUE;
        most += results[child].truth != TRUTH_FALSE;
    }
    return (enum truth)((least >= nodes[index].needed) + (most >= nodes[index].needed));
}

static inline enum truth combine(const struct node *nodes, const struct node_result *results, uint16_t index,
                                 uint16_t *ret_carrier)
{
    uint16_t child = (uint16_t)(index + 1);
    enum expression_kind kind = nodes[index].kind;
    enum truth truth;
    if (kind == KIND_ALL || kind == KIND_ANY) {
        uint32_t least = least_child(nodes, results, index, kind == KIND_ANY);
        *ret_carrier = (uint16_t)least;
        truth = (enum truth)(least >> 16);
        return kind == KIND_ANY ? truth_not(truth) : truth;
    }
    if (kind == KIND_AT_LEAST) {
        truth = count_children(nodes, results, index);
        while (results[child].truth != truth)
            child = nodes[child].end;
    } else {
        truth = truth_not(results[child].truth);
        if (kind == KIND_GUARDED) { // not the guard, or the body
            uint16_t body = nodes[child].end;
            truth = truth_or(truth, results[body].truth);
            child = results[body].truth == truth ? body : child;
        }
    }
    *ret_carrier = child;
    return truth;
}

static inline void evaluate_nodes(struct evaluation *evaluation)
{
    const struct node *nodes = evaluation->rules->nodes;
    const uint16_t *index = evaluation->rules->combining, *end = index + evaluation->rules->combining_count;
    struct node_result *results = evaluation->nodes;
    evaluate_leaves(evaluation);
    for (; index != end; index++)
        results[*index] = (struct node_result){
            .truth = combine(nodes, results, *index, &evaluation->carriers[*index]),
        };
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
    while (!evaluation->rules->nodes[index].leaf)
        index = evaluation->carriers[index];
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

static inline void judge_criterion(const struct evaluation *evaluation, const struct criterion_nodes *roots,
                                   struct criterion_result *result)
{
    static const unsigned char outcomes[] = {
        [TRUTH_FALSE] = OUTCOME_FAIL, [TRUTH_UNDETERMINED] = OUTCOME_PENDING, [TRUTH_TRUE] = OUTCOME_PASS};
    enum truth requires = evaluation->nodes[roots->requires].truth;
    if (roots->plain) {
        result->outcome = (enum criterion_outcome)outcomes[requires];
        result->principal = descend(evaluation, roots->requires);
    } else {
        result->outcome = outcome_of(root_truth(evaluation, roots->guard, TRUTH_TRUE),
                                     root_truth(evaluation, roots->hold, TRUTH_FALSE), requires);
        result->principal = principal_leaf(evaluation, roots, result->outcome);
    }
}

// Which outcomes there are: one bit each.
static inline unsigned judge_criteria(const struct evaluation *evaluation)
{
    const struct criterion_nodes *roots = evaluation->rules->criteria;
    const struct criterion_nodes *end = roots + evaluation->rules->source->criterion_count;
    struct criterion_result *result = evaluation->criteria;
    unsigned seen = 0;
    for (; roots != end; roots++, result++) {
        judge_criterion(evaluation, roots, result);
        seen |= 1U << result->outcome;
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

// With forms: a criterion decides where one of them is open by it.
static void ask_forms(const struct evaluation *evaluation, bool *asked)
{
    const struct award_forms *forms = evaluation->rules->forms;
    for (size_t i = 0; i < forms->count; i++)
        form_open_criteria(forms->items[i].eligible, evaluation->criteria, evaluation->rules->source->criterion_count,
                           asked);
}

// An undetermined root is decisive if its criterion is open and decides. Without forms each does: none has failed.
static void mark_decisive(const struct evaluation *evaluation)
{
    bool asked[RULES_MOST_NODES] = {false};
    if (evaluation->rules->forms)
        ask_forms(evaluation, asked);
    for (size_t i = 0; i < evaluation->rules->source->criterion_count; i++) {
        const struct criterion_nodes *roots = &evaluation->rules->criteria[i];
        const uint16_t each[] = {roots->guard, roots->hold, roots->requires};
        bool open = is_open_outcome(evaluation->criteria[i].outcome) && (asked[i] || !evaluation->rules->forms);
        for (size_t k = 0; open && k < sizeof each / sizeof *each; k++)
            if (each[k] != NO_NODE)
                mark_tree(evaluation, each[k]);
    }
}

void criteria_mark_open(const struct rule_set *rules, const struct criterion_result *criteria,
                        const struct node_result *nodes, const bool *reads, bool *open)
{
    for (size_t i = 0; i < rules->node_count; i++) {
        const struct node *node = &rules->nodes[i];
        const bool above = node->parent == NO_NODE ? is_open_outcome(criteria[node->criterion].outcome) &&
                                                         (!reads || reads[node->criterion])
                                                   : open[node->parent];
        open[i] = above && nodes[i].truth == TRUTH_UNDETERMINED;
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
    struct evaluation evaluation;
    evaluation.rules = rules;
    evaluation.parameters = parameters;
    evaluation.facts = facts;
    evaluation.nodes = nodes;
    evaluation.criteria = criteria;
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
