#include "engine/criteria_check.h"

#include <string.h>

enum { MOST_YEARS_BACK = 50, MOST_DAYS = 3660 };

static bool resolve_fact(struct check *check, const struct expression *leaf, const char *name, size_t *ret_slot)
{
    const struct rule_set_source *source = check->source;
    size_t slot = find_name(source->facts, source->fact_count, sizeof *source->facts, name);
    if (slot == source->fact_count) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_FACT, name);
        return false;
    }
    *ret_slot = slot;
    return true;
}

// Resolves the leaf's fact and holds it to the types that this kind can read.
static const struct fact_declaration *check_fact(struct check *check, struct expression *leaf, unsigned types)
{
    if (!resolve_fact(check, leaf, leaf->fact, &leaf->slot))
        return NULL;
    const struct fact_declaration *fact = &check->source->facts[leaf->slot];
    leaf->decimals = fact->decimals;
    leaf->confidential |= fact->confidential;
    if (types >> fact->type & 1)
        return fact;
    rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, leaf->fact);
    return NULL;
}

static void check_value_leaf(struct check *check, struct expression *leaf, unsigned types)
{
    const struct fact_declaration *fact = check_fact(check, leaf, types);
    if (leaf->operand_count == 0)
        rule_fault_report(check->faults, leaf->pointer, FAULT_EMPTY, NULL);
    if (leaf->operand_count > 1 && leaf->kind != KIND_ONE_OF)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TOO_MANY, NULL);
    for (size_t i = 0; fact && i < leaf->operand_count; i++)
        check_operand(check, leaf->pointer, &leaf->operands[i], fact->type, fact->decimals);
}

static void check_threshold(struct check *check, struct expression *leaf)
{
    check_value_leaf(check, leaf, 1U << VALUE_INTEGER | 1U << VALUE_DECIMAL);
}

static void check_flag(struct check *check, struct expression *leaf)
{
    check_value_leaf(check, leaf, 1U << VALUE_BOOLEAN);
}

static void check_one_of(struct check *check, struct expression *leaf)
{
    check_value_leaf(check, leaf, 1U << VALUE_TEXT | 1U << VALUE_INTEGER);
}

static void check_ratio(struct check *check, struct expression *leaf)
{
    const struct fact_declaration *part = check_fact(check, leaf, 1U << VALUE_INTEGER | 1U << VALUE_DECIMAL);
    bool whole_known = resolve_fact(check, leaf, leaf->whole, &leaf->whole_slot);
    if (whole_known)
        leaf->confidential |= check->source->facts[leaf->whole_slot].confidential;
    if (part && whole_known) {
        const struct fact_declaration *whole = &check->source->facts[leaf->whole_slot];
        if (whole->type != part->type || whole->decimals != part->decimals)
            rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, leaf->whole);
    }
    if (leaf->q < 1 || leaf->q > 1000000 || leaf->p < 0 || leaf->p > 1000000)
        rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_NUMBER, "p/q");
}

static bool resolve_field(struct check *check, const struct expression *leaf, const char *name, size_t *ret_slot,
                          enum value_type *ret_type)
{
    const struct register_declaration *declared = &check->source->registers[leaf->register_slot];
    size_t slot = find_name(declared->fields, declared->field_count, sizeof *declared->fields, name);
    if (slot == declared->field_count) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_FIELD, name);
        return false;
    }
    *ret_slot = slot;
    *ret_type = declared->fields[slot].type;
    return true;
}

static void check_filter(struct check *check, const struct expression *leaf, struct filter *filter)
{
    enum value_type type;
    if (!resolve_field(check, leaf, filter->field, &filter->slot, &type))
        return;
    bool ordered = filter->comparison != EQUAL && filter->comparison != NOT_EQUAL;
    if (ordered && (type == VALUE_TEXT || type == VALUE_BOOLEAN))
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, filter->field);
    if (filter->operand_count == 0)
        rule_fault_report(check->faults, leaf->pointer, FAULT_EMPTY, filter->field);
    if (filter->operand_count > 1 && ordered)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TOO_MANY, filter->field);
    for (size_t i = 0; i < filter->operand_count; i++)
        check_operand(check, leaf->pointer, &filter->operands[i], type, 2);
}

static void check_window_field(struct check *check, struct expression *leaf, const char *field, size_t *ret_slot)
{
    enum value_type type;
    if (resolve_field(check, leaf, field, ret_slot, &type) && type != VALUE_DATE && type != VALUE_INSTANT)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, field);
}

static void check_window(struct check *check, struct expression *leaf)
{
    struct window *window = &leaf->window;
    if (!window->present)
        return;
    check_window_field(check, leaf, window->from_field, &window->from_slot);
    check_window_field(check, leaf, window->to_field, &window->to_slot);
    check_operand(check, leaf->pointer, &window->from, VALUE_DATE, 0);
    check_operand(check, leaf->pointer, &window->to, VALUE_DATE, 0);
}

static bool check_register(struct check *check, struct expression *leaf)
{
    const struct rule_set_source *source = check->source;
    leaf->register_slot =
        find_name(source->registers, source->register_count, sizeof *source->registers, leaf->register_name);
    if (leaf->register_slot == source->register_count) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_REGISTER, leaf->register_name);
        return false;
    }
    leaf->confidential |= source->registers[leaf->register_slot].confidential;
    if (leaf->filter_count > RULES_MOST_FILTERS)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TOO_MANY_FILTERS, NULL);
    for (size_t i = 0; i < leaf->filter_count && i < RULES_MOST_FILTERS; i++)
        check_filter(check, leaf, &leaf->filters[i]);
    check_window(check, leaf);
    if (leaf->complete_through.kind != OPERAND_NONE)
        check_operand(check, leaf->pointer, &leaf->complete_through, VALUE_DATE, 0);
    return true;
}

static void check_count(struct check *check, struct expression *leaf)
{
    check_register(check, leaf);
    if (leaf->n < 0 || leaf->n > 1000000)
        rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_NUMBER, "n");
}

static void check_absence(struct check *check, struct expression *leaf)
{
    check_register(check, leaf);
}

static void check_years(struct check *check, struct expression *leaf)
{
    enum value_type type;
    if (check_register(check, leaf) && resolve_field(check, leaf, leaf->year_field, &leaf->year_slot, &type) &&
        type != VALUE_INTEGER)
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, leaf->year_field);
    if (leaf->n < 1 || leaf->n > MOST_YEARS_BACK)
        rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_NUMBER, "n");
}

static void check_completeness(struct check *check, struct expression *leaf)
{
    const struct rule_set_source *source = check->source;
    leaf->name_slots = arena_array(check->arena, leaf->name_count, sizeof *leaf->name_slots);
    if (leaf->name_count == 0)
        rule_fault_report(check->faults, leaf->pointer, FAULT_EMPTY, NULL);
    for (size_t i = 0; i < leaf->name_count; i++) {
        leaf->name_slots[i] =
            find_name(source->documents, source->document_count, sizeof *source->documents, leaf->names[i]);
        if (leaf->name_slots[i] == source->document_count)
            rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_DOCUMENT, leaf->names[i]);
    }
}

static void check_deadline(struct check *check, struct expression *leaf)
{
    check_value_leaf(check, leaf, 1U << VALUE_DATE | 1U << VALUE_INSTANT);
    bool both = leaf->calendar_days != 0 && leaf->working_days != 0;
    bool far = leaf->calendar_days > MOST_DAYS || leaf->calendar_days < -MOST_DAYS || leaf->working_days > MOST_DAYS ||
               leaf->working_days < -MOST_DAYS;
    if (both || far)
        rule_fault_report(check->faults, leaf->pointer, FAULT_BAD_NUMBER, "days");
}

static void check_finding(struct check *check, struct expression *leaf)
{
    const struct rule_set_source *source = check->source;
    leaf->slot = find_name(source->contents, source->content_count, sizeof *source->contents, leaf->content);
    if (leaf->slot == source->content_count)
        rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_CONTENT, leaf->content);
    if (leaf->name_count == 0)
        rule_fault_report(check->faults, leaf->pointer, FAULT_EMPTY, NULL);
}

// The leaf has citations of its own; one for on_missing = false besides.
static void check_leaf_words(struct check *check, struct expression *leaf)
{
    check_citations(check, leaf->pointer, leaf->citations, leaf->citation_count);
    if (leaf->missing_is_false)
        check_citations(check, leaf->pointer, leaf->missing_citation, leaf->missing_citation != NULL);
    check_words(check, leaf->pointer, leaf->text);
    for (size_t i = 0; i < check->leaf_count; i++)
        if (strcmp(check->leaf_ids[i], leaf->id) == 0)
            rule_fault_report(check->faults, leaf->pointer, FAULT_ID_TWICE, leaf->id);
    check->leaf_ids[check->leaf_count++] = leaf->id;
}

void check_leaf(struct check *check, struct expression *leaf)
{
    static void (*const checks[])(struct check *, struct expression *) = {
        [KIND_THRESHOLD] = check_threshold, [KIND_FLAG] = check_flag,
        [KIND_ONE_OF] = check_one_of,       [KIND_RATIO] = check_ratio,
        [KIND_COUNT] = check_count,         [KIND_ABSENCE] = check_absence,
        [KIND_STREAK] = check_years,        [KIND_COOLDOWN] = check_years,
        [KIND_DEADLINE] = check_deadline,   [KIND_COMPLETENESS] = check_completeness,
        [KIND_FINDING] = check_finding,
    };
    check_leaf_words(check, leaf);
    checks[leaf->kind](check, leaf);
}
