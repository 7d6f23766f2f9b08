// Leaves that read a register: a list that may be incomplete, whose entries may lack fields.
#include "engine/leaf/private.h"

enum { MOST_YEARS_BACK = 50, FIELD_DECIMALS = 2 };

LEAF_FIRST(struct years_leaf, over.leaf);

const struct leaf_member years_members[] = {
    REGISTER_MEMBERS,
    {NAME_MEMBER("year_field", struct years_leaf, year_field)},
    {INTEGER_MEMBER("years", struct years_leaf, years, 1, MOST_YEARS_BACK)},
    {0},
};

// ---- checking ----

static bool resolve_field(struct check *check, const struct register_leaf *leaf, const char *name, size_t *ret_slot,
                          enum value_type *ret_type)
{
    const struct register_declaration *declared = &check->source->registers[leaf->slot];
    size_t slot = find_name(declared->fields, declared->field_count, sizeof *declared->fields, name);
    if (slot == declared->field_count) {
        rule_fault_report(check->faults, leaf->leaf.pointer, FAULT_UNKNOWN_FIELD, name);
        return false;
    }
    *ret_slot = slot;
    *ret_type = declared->fields[slot].type;
    return true;
}

static void check_filter(struct check *check, const struct register_leaf *leaf, struct filter *filter)
{
    const char *pointer = leaf->leaf.pointer;
    enum value_type type;
    if (!resolve_field(check, leaf, filter->field, &filter->slot, &type))
        return;
    bool ordered = filter->comparison != EQUAL && filter->comparison != NOT_EQUAL;
    if (ordered && (type == VALUE_TEXT || type == VALUE_BOOLEAN))
        rule_fault_report(check->faults, pointer, FAULT_TYPE_MISMATCH, filter->field);
    if (filter->operands.count == 0)
        rule_fault_report(check->faults, pointer, FAULT_EMPTY, filter->field);
    if (filter->operands.count > 1 && ordered)
        rule_fault_report(check->faults, pointer, FAULT_TOO_MANY, filter->field);
    for (size_t i = 0; i < filter->operands.count; i++)
        check_operand(check, &leaf->leaf, &filter->operands.items[i], type, FIELD_DECIMALS);
}

static void check_window_field(struct check *check, const struct register_leaf *leaf, const char *field,
                               size_t *ret_slot)
{
    enum value_type type;
    if (resolve_field(check, leaf, field, ret_slot, &type) && type != VALUE_DATE && type != VALUE_INSTANT)
        rule_fault_report(check->faults, leaf->leaf.pointer, FAULT_TYPE_MISMATCH, field);
}

static void check_window(struct check *check, struct register_leaf *leaf)
{
    struct window *window = &leaf->window;
    if (!window->present)
        return;
    check_window_field(check, leaf, window->from_field, &window->from_slot);
    check_window_field(check, leaf, window->to_field, &window->to_slot);
    check_operand(check, &leaf->leaf, &window->from, VALUE_DATE, 0);
    check_operand(check, &leaf->leaf, &window->to, VALUE_DATE, 0);
}

static bool check_register(struct check *check, struct register_leaf *leaf)
{
    const struct rule_set_source *source = check->source;
    leaf->slot = find_name(source->registers, source->register_count, sizeof *source->registers, leaf->name);
    if (leaf->slot == source->register_count) {
        rule_fault_report(check->faults, leaf->leaf.pointer, FAULT_UNKNOWN_REGISTER, leaf->name);
        return false;
    }
    leaf->field_count = source->registers[leaf->slot].field_count;
    leaf->leaf.names_people = source->registers[leaf->slot].confidential;
    if (leaf->where.count > RULES_MOST_FILTERS)
        rule_fault_report(check->faults, leaf->leaf.pointer, FAULT_TOO_MANY_FILTERS, NULL);
    for (size_t i = 0; i < leaf->where.count && i < RULES_MOST_FILTERS; i++)
        check_filter(check, leaf, &leaf->where.items[i]);
    check_window(check, leaf);
    check_operand(check, &leaf->leaf, &leaf->complete_through, VALUE_DATE, 0);
    return true;
}

// True where it holds for every number from least to most, false where it does for none.
static enum truth truth_of_tally(struct tally tally, enum comparison comparison, int64_t n)
{
    unsigned admitted = orders_admitted(comparison);
    unsigned orders = (tally.least < n ? ORDER_LESS : 0U) | (tally.most > n ? ORDER_GREATER : 0U) |
                      (tally.least <= n && n <= tally.most ? ORDER_EQUAL : 0U);
    return (enum truth)(((orders & admitted) != 0) + ((orders & ~admitted) == 0));
}

void check_entries(struct check *check, struct leaf *leaf)
{
    struct entries_leaf *entries = (struct entries_leaf *)leaf;
    check_register(check, &entries->over);
    entries->without[false] = truth_of_tally((struct tally){0, INT64_MAX}, entries->comparison, entries->n);
    entries->without[true] = truth_of_tally((struct tally){0, 0}, entries->comparison, entries->n);
}

void check_years(struct check *check, struct leaf *leaf)
{
    struct years_leaf *years = (struct years_leaf *)leaf;
    enum value_type type;
    if (check_register(check, &years->over) &&
        resolve_field(check, &years->over, years->year_field, &years->year_slot, &type) && type != VALUE_INTEGER)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, years->year_field);
}

// ---- evaluating ----

// Apart, so that filters with one operand, as most are, need no room for a list.
__attribute__((noinline)) static enum truth list_matches(const struct leaf_context *context,
                                                         const struct filter *filter, const struct value *value)
{
    enum truth any = compare_any(context, value, EQUAL, &filter->operands);
    return filter->comparison == NOT_EQUAL ? truth_not(any) : any;
}

static inline enum truth filter_matches(const struct leaf_context *context, const struct filter *filter,
                                        const struct value *fields)
{
    const struct value *value = &fields[filter->slot];
    return filter->operands.count == 1
               ? compare_values(value, filter->comparison, operand_place(context, filter->operands.items))
               : list_matches(context, filter, value);
}

static inline enum truth window_matches(const struct leaf_context *context, const struct window *window,
                                        const struct value *fields)
{
    const struct value *begin = &fields[window->from_slot], *end = &fields[window->to_slot];
    bool goes_on = begin != end && end->type == VALUE_UNKNOWN;
    enum truth not_before =
        goes_on ? TRUTH_TRUE : compare_values(end, GREATER_EQUAL, operand_place(context, &window->from));
    return truth_and(not_before, compare_values(begin, LESS_EQUAL, operand_place(context, &window->to)));
}

static inline const struct value *fields_of(const struct reading *reading, size_t entry)
{
    return &reading->facts->fields[entry * reading->leaf->field_count];
}

static inline enum truth entry_matches(const struct leaf_context *context, const struct register_leaf *leaf,
                                       const struct value *fields)
{
    const struct filter *filter = leaf->where.items, *end = filter + leaf->where.count;
    enum truth truth = TRUTH_TRUE;
    for (; filter != end && truth != TRUTH_FALSE; filter++)
        truth = truth_and(truth, filter_matches(context, filter, fields));
    return leaf->window.present && truth != TRUTH_FALSE
               ? truth_and(truth, window_matches(context, &leaf->window, fields))
               : truth;
}

// A window that ends on an unknown day, or a declaration that does not say up to when, covers nothing: silence is no
// evidence of absence.
static inline bool covers_date(const struct register_facts *facts, int32_t day)
{
    return facts->known && facts->complete && facts->has_complete_through && facts->complete_through >= day;
}

static inline bool covers_day(const struct register_facts *facts, const struct value *needed)
{
    int32_t day = 0;
    return date_of_value(*needed, &day) && covers_date(facts, day);
}

static inline const struct register_leaf *register_leaf(const struct leaf_context *context)
{
    return (const struct register_leaf *)context->leaf;
}

static inline const struct register_facts *register_of(const struct leaf_context *context)
{
    return &context->facts->registers[register_leaf(context)->slot];
}

// The day up to which the register must be complete: that of `complete_through`, else the last one that the window
// asks for. NULL: the leaf asks for no day.
static inline const struct value *day_needed(const struct leaf_context *context)
{
    const struct register_leaf *leaf = register_leaf(context);
    if (leaf->complete_through.kind != OPERAND_NONE)
        return operand_place(context, &leaf->complete_through);
    return leaf->window.present ? operand_place(context, &leaf->window.to) : NULL;
}

// The same of years: else the day before the award year.
static struct value years_need(const struct leaf_context *context)
{
    const struct operand *through = &register_leaf(context)->complete_through;
    struct value last = context->parameters->values[PARAMETER_YEAR_FIRST_DAY];
    last.number--;
    return through->kind == OPERAND_NONE ? last : operand_value(context, through);
}

static inline struct reading reading_of(const struct leaf_context *context)
{
    const struct register_facts *facts = register_of(context);
    const struct value *needed = day_needed(context);
    bool covered = needed ? covers_day(facts, needed) : facts->known && facts->complete;
    return (struct reading){context, register_leaf(context), facts, covered};
}

struct reading read_register(const struct leaf_context *context)
{
    return reading_of(context);
}

struct reading read_years(const struct leaf_context *context)
{
    const struct register_facts *facts = register_of(context);
    const struct value needed = years_need(context);
    return (struct reading){context, register_leaf(context), facts, covers_day(facts, &needed)};
}

static struct register_gap gap_of(const struct leaf_context *context, struct value needed)
{
    const struct register_facts *facts = register_of(context);
    struct register_gap gap = {.slot = register_leaf(context)->slot,
                               .known = facts->known,
                               .complete = facts->known && facts->complete,
                               .has_through = facts->known && facts->complete && facts->has_complete_through,
                               .through = facts->complete_through,
                               .needed = {.type = VALUE_UNKNOWN}};
    int32_t day;
    if (date_of_value(needed, &day))
        gap.needed = (struct value){VALUE_DATE, {day}};
    return gap;
}

struct register_gap gap_of_window(const struct leaf_context *context)
{
    const struct value *needed = day_needed(context);
    return gap_of(context, needed ? *needed : (struct value){.type = VALUE_UNKNOWN});
}

struct register_gap gap_of_years(const struct leaf_context *context)
{
    return gap_of(context, years_need(context));
}

static void count_entry(struct tally *tally, enum truth truth)
{
    tally->least += truth == TRUTH_TRUE;
    tally->most += truth != TRUTH_FALSE;
}

static inline struct tally tally_entries(const struct reading *reading)
{
    const struct register_leaf *leaf = reading->leaf;
    const struct value *fields = reading->facts->fields;
    struct tally tally = {0, 0};
    for (size_t i = 0; i < reading->facts->entry_count; i++, fields += leaf->field_count)
        count_entry(&tally, entry_matches(reading->context, leaf, fields));
    return (struct tally){tally.least, reading->covered ? tally.most : INT64_MAX};
}

struct tally leaf_tally(const struct leaf *leaf, const struct evaluation_parameters *parameters,
                        const struct unit_facts *facts)
{
    const struct leaf_context context = {leaf, parameters, facts};
    struct reading reading = read_register(&context);
    struct tally tally = tally_entries(&reading);
    return facts->registers[reading.leaf->slot].known ? tally : (struct tally){0, INT64_MAX};
}

struct tally tally_year(const struct reading *reading, int64_t year)
{
    const struct years_leaf *leaf = (const struct years_leaf *)reading->leaf;
    const struct value wanted = {VALUE_INTEGER, {year}};
    struct tally tally = {0, 0};
    for (size_t i = 0; i < reading->facts->entry_count; i++) {
        const struct value *fields = fields_of(reading, i);
        count_entry(&tally, truth_and(entry_matches(reading->context, reading->leaf, fields),
                                      compare_values(&fields[leaf->year_slot], EQUAL, &wanted)));
    }
    return (struct tally){tally.least, reading->covered ? tally.most : INT64_MAX};
}

static inline void compare(const struct reading *reading, struct tally tally, enum comparison comparison, int64_t n,
                           struct node_result *result)
{
    bool known = reading->facts->known;
    result->truth = truth_of_tally(tally, comparison, n);
    if (result->truth == TRUTH_UNDETERMINED)
        result->reason = !known             ? REASON_REGISTER_UNKNOWN
                         : reading->covered ? REASON_ENTRY_UNCLEAR
                                            : REASON_REGISTER_INCOMPLETE;
    if (known)
        result->observed = (struct value){VALUE_INTEGER, {tally.least}};
    result->most = tally.most;
}

void compare_tally(const struct reading *reading, struct tally tally, enum comparison comparison, int64_t n,
                   struct node_result *result)
{
    compare(reading, tally, comparison, n, result);
}

// Apart, so that registers without entries, as most are, need no room for counting.
__attribute__((noinline)) static void count_entries(const struct leaf_context *context, struct node_result *result)
{
    const struct entries_leaf *leaf = (const struct entries_leaf *)context->leaf;
    const struct reading reading = reading_of(context);
    compare(&reading, tally_entries(&reading), leaf->comparison, leaf->n, result);
}

void evaluate_entries(const struct leaf_context *context, struct node_result *result)
{
    const struct entries_leaf *leaf = (const struct entries_leaf *)context->leaf;
    const struct register_facts *facts = register_of(context);
    const struct value *needed = day_needed(context);
    if (facts->entry_count || !needed || needed->type != VALUE_DATE) {
        count_entries(context, result);
        return;
    }
    bool covered = covers_date(facts, (int32_t)needed->number);
    result->truth = leaf->without[covered];
    if (result->truth == TRUTH_UNDETERMINED)
        result->reason = facts->known ? REASON_REGISTER_INCOMPLETE : REASON_REGISTER_UNKNOWN;
    if (facts->known)
        result->observed = (struct value){VALUE_INTEGER, {0}};
    result->most = covered ? 0 : INT64_MAX;
}

uint64_t work_of_entries(const struct leaf *leaf, const struct unit_facts *facts)
{
    const struct register_leaf *over = (const struct register_leaf *)leaf;
    uint64_t comparisons = 1; // with the window
    for (size_t i = 0; i < over->where.count; i++)
        comparisons += over->where.items[i].operands.count;
    return comparisons * facts->registers[over->slot].entry_count;
}

uint64_t work_of_years(const struct leaf *leaf, const struct unit_facts *facts)
{
    return (uint64_t)((const struct years_leaf *)leaf)->years * work_of_entries(leaf, facts);
}

// ---- showing and citing ----

// "2"; "1..3" where it is open whether entries count; ">= 1" where the register is incomplete.
const char *observed_entries(const struct explainer *explainer)
{
    const struct node_result *result = explainer->result;
    const char *least = shown_value(explainer, result->observed);
    if (!least || result->most == result->observed.number)
        return least;
    if (result->most == INT64_MAX)
        return compared_text(explainer, GREATER_EQUAL, least);
    return arena_format(explainer->arena, "%s..%s", least, number_text(explainer, result->most, 0));
}

const char *required_none(const struct explainer *explainer)
{
    (void)explainer;
    return "0";
}

bool margin_of_tally(const struct node_result *result, enum comparison comparison, int64_t n, int64_t *ret_margin)
{
    return result->observed.type != VALUE_UNKNOWN && result->truth != TRUTH_UNDETERMINED &&
           !result->missing_made_false && margin_between(result->observed.number, comparison, n, ret_margin);
}

bool margin_of_none(const struct leaf_context *context, const struct node_result *result, int64_t *ret_margin)
{
    (void)context;
    return margin_of_tally(result, LESS_EQUAL, 0, ret_margin);
}

// The register with its declaration of completeness, then each entry that counts or may count.
void cite_register(const struct leaf_context *context, struct evidence_list *evidence)
{
    const struct reading reading = {.context = context, .leaf = register_leaf(context), .facts = register_of(context)};
    const struct unit_sources *sources = context->facts->sources;
    const struct entry *entries = sources ? sources->entries[reading.leaf->slot] : NULL;
    add_evidence(evidence, (struct evidence){.kind = EVIDENCE_REGISTER, .slot = reading.leaf->slot});
    for (size_t i = 0; i < reading.facts->entry_count; i++) {
        enum truth counts = entry_matches(context, reading.leaf, fields_of(&reading, i));
        if (counts != TRUTH_FALSE)
            add_evidence(evidence,
                         (struct evidence){EVIDENCE_ENTRY, reading.leaf->slot, entries ? &entries[i] : NULL, counts});
    }
}
