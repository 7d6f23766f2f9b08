// Weighted facts, scores and counts together against a number: "tổng điểm từ 80 trở lên", "điểm của nội dung 1 không
// dưới 15". Exact: all terms are brought to the same decimals in 128 bits. While one of them is open, so is their sum.
// Terms of a group are bounded together: "điểm cộng tối đa 5 điểm". A group is known once it cannot leave its bound.
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

// What the weight of a term is multiplied with, and what is known of it before it is there.
static struct value term_value(const struct sum_term *term, const struct evaluation_parameters *parameters,
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

// What it adds: its value, or else all that may come.
static struct sum_range term_range(const struct sum_term *term, const struct evaluation_parameters *parameters,
                                   const struct unit_facts *facts)
{
    struct number_limits limits;
    const struct value value = term_value(term, parameters, facts, &limits);
    const bool open = value.type == VALUE_UNKNOWN;
    if (!open)
        limits = (struct number_limits){true, true, value.number, value.number};
    const wide least = limits.has_least ? (wide)limits.least * term->weight : 0;
    const wide most = limits.has_most ? (wide)limits.most * term->weight : 0;
    return term->weight > 0 ? (struct sum_range){least, most, limits.has_least, limits.has_most, open}
                            : (struct sum_range){most, least, limits.has_most, limits.has_least, open};
}

// No term exceeds 2^63 × 10^13, and no bound 2^63, so that all of them fit in 128 bits.
static void add_range(struct sum_range *total, struct sum_range more)
{
    total->least += more.least;
    total->most += more.most;
    total->has_least &= more.has_least;
    total->has_most &= more.has_most;
    total->open |= more.open;
}

static wide number_within(const struct number_limits *bounds, wide number)
{
    if (bounds->has_least && number < bounds->least)
        return bounds->least;
    return bounds->has_most && number > bounds->most ? bounds->most : number;
}

// What has no limit of its own ends at the bound.
static void keep_within(const struct number_limits *bounds, struct sum_range *range)
{
    if (range->has_least)
        range->least = number_within(bounds, range->least);
    else if (bounds->has_least)
        range->least = bounds->least;
    if (range->has_most)
        range->most = number_within(bounds, range->most);
    else if (bounds->has_most)
        range->most = bounds->most;
    range->has_least |= bounds->has_least;
    range->has_most |= bounds->has_most;
    range->open &= !range->has_least || !range->has_most || range->least != range->most;
}

size_t part_range(const struct sum_terms *terms, size_t from, const struct evaluation_parameters *parameters,
                  const struct unit_facts *facts, struct sum_range *ret_range)
{
    const struct number_limits *group = terms->items[from].group;
    size_t end = from;
    *ret_range = (struct sum_range){.has_least = true, .has_most = true};
    do
        add_range(ret_range, term_range(&terms->items[end++], parameters, facts));
    while (group && end < terms->count && terms->items[end].group == group);
    if (group)
        keep_within(group, ret_range);
    return end;
}

struct sum_range terms_range(const struct sum_terms *terms, const struct evaluation_parameters *parameters,
                             const struct unit_facts *facts)
{
    struct sum_range total = {.has_least = true, .has_most = true}, part;
    for (size_t i = 0; i < terms->count;) {
        i = part_range(terms, i, parameters, facts, &part);
        add_range(&total, part);
    }
    return total;
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

// The first that keeps the sum open; NULL: it is known.
static const struct sum_term *open_term(const struct leaf_context *context)
{
    const struct sum_terms *terms = &((const struct sum_leaf *)context->leaf)->terms;
    struct sum_range part;
    for (size_t i = 0, end; i < terms->count; i = end) {
        end = part_range(terms, i, context->parameters, context->facts, &part);
        for (size_t k = i; part.open && k < end; k++)
            if (value_of(context, &terms->items[k]).type == VALUE_UNKNOWN)
                return &terms->items[k];
    }
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

static void evaluate_sum(const struct leaf_context *context, struct node_result *result)
{
    const struct sum_leaf *leaf = (const struct sum_leaf *)context->leaf;
    const struct sum_range range = terms_range(&leaf->terms, context->parameters, context->facts);
    if (range.open) {
        leave_open(result, why_open(context, open_term(context)));
        return;
    }
    const wide total = range.least;
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

// `text`, which may be NULL, and that term.
static const char *add_term_text(const struct explainer *explainer, const char *text, const struct sum_term *term,
                                 unsigned decimals)
{
    const bool taken = text && term->weight < 0;
    return join_text(explainer, text, taken ? " - " : " + ",
                     term_text(explainer, term, taken ? -term->weight : term->weight, decimals));
}

// "(2 × 3 + 0.5, at most 5.0)"
static const char *group_text(const struct explainer *explainer, const struct number_limits *bounds, const char *text,
                              unsigned decimals)
{
    static const struct bilingual least = {"tối thiểu", "at least"}, most = {"tối đa", "at most"};
    const bool vietnamese = explainer->vietnamese;
    if (bounds->has_least)
        text = arena_format(explainer->arena, "%s, %s %s", text, vietnamese ? least.vi : least.en,
                            number_text(explainer, bounds->least, decimals));
    if (bounds->has_most)
        text = arena_format(explainer->arena, "%s, %s %s", text, vietnamese ? most.vi : most.en,
                            number_text(explainer, bounds->most, decimals));
    return arena_format(explainer->arena, "(%s)", text);
}

static bool any_known(const struct leaf_context *context, const struct sum_terms *terms)
{
    for (size_t i = 0; i < terms->count; i++)
        if (value_of(context, &terms->items[i]).type != VALUE_UNKNOWN)
            return true;
    return false;
}

// "40.00 + 35.50 + (2.5 × 3, at most 5.00) - 5.00 = 75.50"
static const char *observed_sum(const struct explainer *explainer)
{
    const struct sum_terms *terms = &((const struct sum_leaf *)explainer->context.leaf)->terms;
    const char *text = NULL, *total = observed_value(explainer);
    if (!total && !any_known(&explainer->context, terms))
        return NULL;
    for (size_t i = 0; i < terms->count;) {
        const struct number_limits *group = terms->items[i].group;
        if (!group) {
            text = add_term_text(explainer, text, &terms->items[i++], terms->decimals);
            continue;
        }
        const char *of_group = NULL;
        for (; i < terms->count && terms->items[i].group == group; i++)
            of_group = add_term_text(explainer, of_group, &terms->items[i], terms->decimals);
        text = join_text(explainer, text, " + ", group_text(explainer, group, of_group, terms->decimals));
    }
    return text && total && strcmp(text, total) != 0 ? arena_format(explainer->arena, "%s = %s", text, total) : text;
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
