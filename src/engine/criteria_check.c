#include "engine/criteria_check.h"

#include <string.h>

size_t find_name(const void *things, size_t count, size_t size, const char *name)
{
    const char *at = things;
    size_t i = 0;
    for (const char *candidate; i < count; i++, at += size) {
        memcpy(&candidate, at, sizeof candidate);
        if (strcmp(candidate, name) == 0)
            break;
    }
    return i;
}

static bool is_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t length = strlen(name);
    return length >= 1 && length <= 64 && strspn(name, allowed) == length;
}

static void check_names(struct check *check, const char *pointer, const void *things, size_t count, size_t size)
{
    const char *at = things;
    for (size_t i = 0; i < count; i++, at += size) {
        const char *name;
        memcpy(&name, at, sizeof name);
        if (!is_name(name))
            rule_fault_report(check->faults, pointer, FAULT_BAD_NAME, name);
        if (find_name(things, i, size, name) < i)
            rule_fault_report(check->faults, pointer, FAULT_NAME_TWICE, name);
    }
    if (count > RULES_MOST_DECLARED)
        rule_fault_report(check->faults, pointer, FAULT_TOO_MANY, NULL);
}

void check_words(struct check *check, const char *pointer, struct bilingual text)
{
    if (!text.vi || !text.en || !text.vi[0] || !text.en[0])
        rule_fault_report(check->faults, pointer, FAULT_NO_TEXT, NULL);
}

void check_citations(struct check *check, const char *pointer, const struct citation *citations, size_t count)
{
    if (count == 0)
        rule_fault_report(check->faults, pointer, FAULT_NO_CITATION, NULL);
    for (size_t i = 0; i < count; i++) {
        const struct citation *citation = &citations[i];
        if (!citation->document[0] || !citation->clause[0] || !citation->quote[0])
            rule_fault_report(check->faults, pointer, FAULT_NO_CITATION, citation->document);
        if (citation->valid_from > citation->valid_to)
            rule_fault_report(check->faults, pointer, FAULT_BAD_PERIOD, citation->document);
    }
}

static void check_parameters(struct check *check)
{
    const struct rule_set_source *source = check->source;
    check_names(check, "/parameters", source->parameters, source->parameter_count, sizeof *source->parameters);
    for (size_t i = 0; i < source->parameter_count; i++)
        if (source->parameters[i].type != VALUE_DATE && source->parameters[i].type != VALUE_INTEGER)
            rule_fault_report(check->faults, "/parameters", FAULT_WRONG_TYPE, source->parameters[i].name);
}

void check_declarations(struct check *check)
{
    const struct rule_set_source *source = check->source;
    if (!is_name(source->name))
        rule_fault_report(check->faults, "/name", FAULT_BAD_NAME, source->name);
    if (source->version < 1)
        rule_fault_report(check->faults, "/version", FAULT_BAD_NUMBER, NULL);
    if (source->valid_from > source->valid_to)
        rule_fault_report(check->faults, "/valid_to", FAULT_BAD_PERIOD, NULL);
    if (source->award_year_count == 0)
        rule_fault_report(check->faults, "/award_years", FAULT_EMPTY, NULL);
    if (source->criterion_count == 0)
        rule_fault_report(check->faults, "/criteria", FAULT_EMPTY, NULL);
    check_names(check, "/facts", source->facts, source->fact_count, sizeof *source->facts);
    check_names(check, "/registers", source->registers, source->register_count, sizeof *source->registers);
    check_names(check, "/contents", source->contents, source->content_count, sizeof *source->contents);
    check_names(check, "/documents", source->documents, source->document_count, sizeof *source->documents);
    check_parameters(check);
    for (size_t i = 0; i < source->register_count; i++)
        check_names(check, "/registers", source->registers[i].fields, source->registers[i].field_count,
                    sizeof *source->registers[i].fields);
}

static bool is_time(enum value_type type)
{
    return type == VALUE_DATE || type == VALUE_INSTANT;
}

static bool resolve_parameter(struct check *check, const char *pointer, const char *name, enum value_type type,
                              size_t *ret_slot)
{
    const struct rule_set_source *source = check->source;
    size_t slot = find_name(source->parameters, source->parameter_count, sizeof *source->parameters, name);
    if (slot == source->parameter_count) {
        rule_fault_report(check->faults, pointer, FAULT_UNKNOWN_PARAMETER, name);
        return false;
    }
    enum value_type has = source->parameters[slot].type;
    if (has != type && !(is_time(has) && is_time(type))) {
        rule_fault_report(check->faults, pointer, FAULT_TYPE_MISMATCH, name);
        return false;
    }
    *ret_slot = slot;
    return true;
}

static bool resolve_time_fact(struct check *check, const char *pointer, struct operand *operand, enum value_type type)
{
    const struct rule_set_source *source = check->source;
    operand->slot = find_name(source->facts, source->fact_count, sizeof *source->facts, operand->text);
    if (operand->slot == source->fact_count) {
        rule_fault_report(check->faults, pointer, FAULT_UNKNOWN_FACT, operand->text);
        return false;
    }
    if (is_time(type) && is_time(source->facts[operand->slot].type))
        return true;
    rule_fault_report(check->faults, pointer, FAULT_TYPE_MISMATCH, operand->text);
    return false;
}

bool check_operand(struct check *check, const char *pointer, struct operand *operand, enum value_type type,
                   unsigned decimals)
{
    switch (operand->kind) {
    case OPERAND_LITERAL:
        if (value_parse(type, decimals, operand->text, &operand->literal))
            return true;
        rule_fault_report(check->faults, pointer, FAULT_BAD_VALUE, operand->text);
        return false;
    case OPERAND_PARAMETER:
        return resolve_parameter(check, pointer, operand->text, type, &operand->slot) &&
               (!operand->fallback ||
                resolve_parameter(check, pointer, operand->fallback, type, &operand->fallback_slot));
    case OPERAND_FACT:
        return resolve_time_fact(check, pointer, operand, type);
    case OPERAND_NONE:
        break;
    }
    rule_fault_report(check->faults, pointer, FAULT_MISSING_MEMBER, NULL);
    return false;
}

static void check_combinator(struct check *check, struct expression *expression, size_t depth)
{
    int64_t count = (int64_t)expression->child_count;
    if (count == 0)
        rule_fault_report(check->faults, expression->pointer, FAULT_EMPTY, NULL);
    if (expression->kind == KIND_NOT && count > 1)
        rule_fault_report(check->faults, expression->pointer, FAULT_TOO_MANY, NULL);
    if (expression->kind == KIND_AT_LEAST && (expression->n < 1 || expression->n > count))
        rule_fault_report(check->faults, expression->pointer, FAULT_BAD_NUMBER, NULL);
    for (size_t i = 0; i < expression->child_count; i++)
        check_expression(check, expression->children[i], depth + 1);
}

void check_expression(struct check *check, struct expression *expression, size_t depth)
{
    size_t guarded = expression->applies_when ? 1 : 0; // the guard's own node
    depth += guarded;
    check->node_count += 1 + guarded;
    if (depth > RULES_MOST_DEPTH || check->node_count > RULES_MOST_NODES) {
        rule_fault_report(check->faults, expression->pointer,
                          depth > RULES_MOST_DEPTH ? FAULT_TOO_DEEP : FAULT_TOO_MANY_NODES, NULL);
        return;
    }
    if (expression->applies_when)
        check_expression(check, expression->applies_when, depth);
    if (expression_kind_is_leaf(expression->kind))
        check_leaf(check, expression);
    else
        check_combinator(check, expression, depth);
}
