// Weighted facts, scores and counts together against a number: "tổng điểm từ 80 trở lên", "điểm của nội dung 1 không
// dưới 15". Exact: all terms are brought to the same decimals in 128 bits. While one of them is open, so is their sum.
#include "base/pure/wide.h"
#include "engine/leaf/private.h"

struct sum_leaf {
    struct leaf leaf;
    struct sum_terms terms;
    enum comparison comparison;
    struct operand limit;
};
LEAF_FIRST(struct sum_leaf, leaf);

static const struct leaf_member sum_members[] = {
    {MEMBER("terms", MEMBER_TERMS, struct sum_terms, struct sum_leaf, terms)},
    {CHOICE_MEMBER("op", struct sum_leaf, comparison, enum comparison, comparison_signs)},
    {OPERAND_MEMBER("value", struct sum_leaf, limit)},
    {0},
};

static void check_sum(struct check *check, struct leaf *leaf)
{
    struct sum_leaf *sum = (struct sum_leaf *)leaf;
    const unsigned decimals = sum->terms.decimals;
    leaf->decimals = leaf->margin_decimals = decimals;
    if (sum->limit.kind == OPERAND_FACT)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, "value");
    else
        check_operand(check, leaf, &sum->limit, decimals ? VALUE_DECIMAL : VALUE_INTEGER, decimals);
}

// ---- terms, of keys too ----

struct number_limits limits_of_fact(const struct fact_declaration *fact)
{
    return fact ? (struct number_limits){fact->has_least, fact->has_most, fact->least, fact->most}
                : (struct number_limits){0};
}

struct tally term_tally(const struct sum_term *term, const struct evaluation_parameters *parameters,
                        const struct unit_facts *facts)
{
    struct tally tally = leaf_tally(term->count, parameters, facts);
    tally.least = tally.least < term->at_most ? tally.least : term->at_most;
    tally.most = tally.most < term->at_most ? tally.most : term->at_most;
    return tally;
}

struct value term_value(const struct sum_term *term, const struct evaluation_parameters *parameters,
                        const struct unit_facts *facts, struct number_limits *ret_limits)
{
    if (term->of == SUM_OF_COUNT) {
        struct tally tally = term_tally(term, parameters, facts);
        *ret_limits = (struct number_limits){true, tally.most != INT64_MAX, tally.least, tally.most};
        return (struct value){tally.least == tally.most ? VALUE_INTEGER : VALUE_UNKNOWN, {tally.least}};
    }
    if (term->of == SUM_OF_SCORE) {
        *ret_limits = term->score ? *term->score : (struct number_limits){0};
        return score_of(facts, term->slot);
    }
    *ret_limits = limits_of_fact(term->fact);
    return facts->values[term->slot];
}

uint64_t terms_work(const struct sum_terms *terms, const struct unit_facts *facts)
{
    uint64_t work = 0;
    for (size_t i = 0; i < terms->count; i++)
        work += terms->items[i].count ? leaf_work(terms->items[i].count, facts) : 1;
    return work;
}

static struct leaf_context count_context(const struct leaf_context *context, const struct sum_term *term)
{
    return (struct leaf_context){term->count, context->parameters, context->facts};
}

void cite_terms(const struct leaf_context *context, const struct sum_terms *terms, struct evidence_list *evidence)
{
    for (size_t i = 0; i < terms->count; i++) {
        const struct sum_term *term = &terms->items[i];
        const struct leaf_context of_count = count_context(context, term);
        if (term->of == SUM_OF_FACT)
            cite_fact(evidence, term->slot);
        else if (term->of == SUM_OF_SCORE)
            cite_content(evidence, term->slot);
        else
            cite_leaf(&of_count, evidence);
    }
}

// ---- evaluating ----

static struct value value_of(const struct leaf_context *context, const struct sum_term *term)
{
    struct number_limits ignored;
    return term_value(term, context->parameters, context->facts, &ignored);
}

// The first that is not known; NULL: all are.
static const struct sum_term *open_term(const struct leaf_context *context)
{
    const struct sum_terms *terms = &((const struct sum_leaf *)context->leaf)->terms;
    for (size_t i = 0; i < terms->count; i++)
        if (value_of(context, &terms->items[i]).type == VALUE_UNKNOWN)
            return &terms->items[i];
    return NULL;
}

static enum leaf_reason why_open(const struct leaf_context *context, const struct sum_term *term)
{
    if (term->of == SUM_OF_SCORE && !context->facts->findings[term->slot].result)
        return REASON_NO_FINDING;
    if (term->of != SUM_OF_COUNT)
        return REASON_FACT_UNKNOWN;
    const struct leaf_context of_count = count_context(context, term);
    const struct reading reading = read_register(&of_count);
    return !reading.facts->known ? REASON_REGISTER_UNKNOWN
           : !reading.covered    ? REASON_REGISTER_INCOMPLETE
                                 : REASON_ENTRY_UNCLEAR;
}

// No term exceeds 2^63 × 10^17, so that all of them fit in 128 bits.
static wide total_of(const struct leaf_context *context)
{
    const struct sum_terms *terms = &((const struct sum_leaf *)context->leaf)->terms;
    wide total = 0;
    for (size_t i = 0; i < terms->count; i++)
        total += (wide)value_of(context, &terms->items[i]).number * terms->items[i].weight;
    return total;
}

static void evaluate_sum(const struct leaf_context *context, struct node_result *result)
{
    const struct sum_leaf *leaf = (const struct sum_leaf *)context->leaf;
    const struct sum_term *open = open_term(context);
    if (open) {
        leave_open(result, why_open(context, open));
        return;
    }
    const wide total = total_of(context);
    if (total >= INT64_MIN && total <= INT64_MAX)
        result->observed = (struct value){leaf->leaf.decimals ? VALUE_DECIMAL : VALUE_INTEGER, {(int64_t)total}};
    struct value limit = operand_value(context, &leaf->limit);
    if (limit.type == VALUE_UNKNOWN)
        leave_open(result, REASON_LIMIT_UNKNOWN);
    else
        result->truth = compare_numbers((total > limit.number) - (total < limit.number), leaf->comparison, 0);
}

static uint64_t work_of_sum(const struct leaf *leaf, const struct unit_facts *facts)
{
    return terms_work(&((const struct sum_leaf *)leaf)->terms, facts);
}

// ---- showing ----

static unsigned decimals_of(const struct sum_term *term)
{
    return term->of == SUM_OF_SCORE ? SCORE_DECIMALS : term->of == SUM_OF_FACT && term->fact ? term->fact->decimals : 0;
}

// "20.00", or "2.5 × 3" where the weight is not 1.
static const char *term_text(const struct explainer *explainer, const struct sum_term *term, int64_t weight,
                             unsigned decimals)
{
    const struct value value = value_of(&explainer->context, term);
    const unsigned own = decimals_of(term);
    int64_t one = 1;
    for (; decimals > own && weight % 10 == 0; decimals--)
        weight /= 10;
    for (unsigned i = own; i < decimals; i++)
        one *= 10;
    const char *number =
        value.type == VALUE_UNKNOWN ? text_or_unknown(explainer, NULL) : number_text(explainer, value.number, own);
    return weight == one
               ? number
               : arena_format(explainer->arena, "%s × %s", number_text(explainer, weight, decimals - own), number);
}

// "40.00 + 35.50 + 2.5 × 3 - 5.00 = 78.00"
static const char *observed_sum(const struct explainer *explainer)
{
    const struct sum_terms *terms = &((const struct sum_leaf *)explainer->context.leaf)->terms;
    const char *text = NULL, *total = observed_value(explainer);
    bool any = false;
    for (size_t i = 0; i < terms->count; i++) {
        const struct sum_term *term = &terms->items[i];
        const bool taken = i > 0 && term->weight < 0;
        any |= value_of(&explainer->context, term).type != VALUE_UNKNOWN;
        text = join_text(explainer, text, taken ? " - " : " + ",
                         term_text(explainer, term, taken ? -term->weight : term->weight, terms->decimals));
    }
    if (!any)
        return NULL;
    return total && strcmp(text, total) != 0 ? arena_format(explainer->arena, "%s = %s", text, total) : text;
}

static const char *required_sum(const struct explainer *explainer)
{
    const struct sum_leaf *leaf = (const struct sum_leaf *)explainer->context.leaf;
    struct operand limit = leaf->limit;
    return compared_text(explainer, leaf->comparison, operands_text(explainer, &(struct operands){&limit, 1}));
}

static bool margin_of_sum(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    const struct sum_leaf *leaf = (const struct sum_leaf *)context->leaf;
    struct value limit = operand_value(context, &leaf->limit);
    return result->observed.type != VALUE_UNKNOWN && limit.type != VALUE_UNKNOWN &&
           margin_between(result->observed.number, leaf->comparison, limit.number, ret_margin);
}

// Of the register that keeps it open.
static struct register_gap gap_of_sum(const struct leaf_context *context)
{
    const struct sum_term *open = open_term(context);
    if (!open || open->of != SUM_OF_COUNT)
        return (struct register_gap){.needed = {.type = VALUE_UNKNOWN}};
    const struct leaf_context of_count = count_context(context, open);
    return gap_of_window(&of_count);
}

static void cite_sum(const struct leaf_context *context, struct evidence_list *evidence)
{
    cite_terms(context, &((const struct sum_leaf *)context->leaf)->terms, evidence);
}

const struct leaf_kind sum_kind = {
    .name = "sum",
    .semantics = 2,
    .size = sizeof(struct sum_leaf),
    .members = sum_members,
    .check = check_sum,
    .evaluate = evaluate_sum,
    .work = work_of_sum,
    .observed = observed_sum,
    .required = required_sum,
    .margin = margin_of_sum,
    .gap = gap_of_sum,
    .cite = cite_sum,
};
