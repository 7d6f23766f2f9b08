#include "engine/leaf/private.h"
#include "thidua/decimal.h"

const struct fact_declaration *check_fact(struct check *check, const struct leaf *leaf, const char *name,
                                          unsigned types, size_t *ret_slot)
{
    const struct rule_set_source *source = check->source;
    size_t slot = find_name(source->facts, source->fact_count, sizeof *source->facts, name);
    if (slot == source->fact_count) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_FACT, name);
        return NULL;
    }
    *ret_slot = slot;
    if (types >> source->facts[slot].type & 1)
        return &source->facts[slot];
    rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, name);
    return NULL;
}

void check_compared_fact(struct check *check, struct leaf *leaf, const char *name, unsigned types,
                         const struct operands *operands, size_t *ret_slot)
{
    const struct fact_declaration *fact = check_fact(check, leaf, name, types, ret_slot);
    if (operands->count == 0)
        rule_fault_report(check->faults, leaf->pointer, FAULT_EMPTY, NULL);
    if (!fact)
        return;
    leaf->decimals = fact->decimals;
    for (size_t i = 0; i < operands->count; i++)
        check_operand(check, leaf, &operands->items[i], fact->type, fact->decimals);
}

void check_choice(struct check *check, struct leaf *leaf, const char *name, unsigned types,
                  const struct operands *operands, size_t *ret_slot)
{
    check_compared_fact(check, leaf, name, types, operands, ret_slot);
    struct value *wanted = arena_array(check->arena, operands->count, sizeof *wanted);
    for (size_t i = 0; i < operands->count; i++) {
        if (operands->items[i].kind != OPERAND_LITERAL)
            return;
        wanted[i] = operands->items[i].literal;
    }
    leaf->choice = (struct plain_choice){wanted, operands->count, *ret_slot};
}

static bool is_time(enum value_type type)
{
    return TIMES >> type & 1;
}

static bool resolve_parameter(struct check *check, const struct leaf *leaf, const char *name, enum value_type type,
                              unsigned decimals, size_t *ret_slot)
{
    const struct rule_set_source *source = check->source;
    size_t slot = find_name(source->parameters, source->parameter_count, sizeof *source->parameters, name);
    if (slot == source->parameter_count) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_UNKNOWN_PARAMETER, name);
        return false;
    }
    enum value_type declared = source->parameters[slot].type;
    bool same = declared == type && (type != VALUE_DECIMAL || source->parameters[slot].decimals == decimals);
    if (!same && !(is_time(declared) && is_time(type))) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, name);
        return false;
    }
    *ret_slot = slot;
    return true;
}

// Only a time may be compared with a fact.
static void resolve_time_fact(struct check *check, const struct leaf *leaf, struct operand *operand,
                              enum value_type type)
{
    if (check_fact(check, leaf, operand->text, TIMES, &operand->slot) && !is_time(type))
        rule_fault_report(check->faults, leaf->pointer, FAULT_TYPE_MISMATCH, operand->text);
}

static void check_literal(struct check *check, const struct leaf *leaf, struct operand *operand, enum value_type type,
                          unsigned decimals)
{
    int64_t ignored;
    if (value_parse(type, decimals, operand->text, &operand->literal)) {
        if (type == VALUE_TEXT)
            operand->literal.text = shared_text(check, operand->literal.text);
    } else if ((NUMBERS >> type & 1) && percent_parse(operand->text, strlen(operand->text), &ignored)) {
        rule_fault_report(check->faults, leaf->pointer, FAULT_PERCENT_OF_NOTHING, operand->text);
    } else {
        rule_fault_want(check->faults, leaf->pointer, FAULT_BAD_VALUE, operand->text, type, decimals);
    }
}

void check_operand(struct check *check, const struct leaf *leaf, struct operand *operand, enum value_type type,
                   unsigned decimals)
{
    switch (operand->kind) {
    case OPERAND_LITERAL:
        check_literal(check, leaf, operand, type, decimals);
        break;
    case OPERAND_PARAMETER:
        if (resolve_parameter(check, leaf, operand->text, type, decimals, &operand->slot) && operand->fallback)
            resolve_parameter(check, leaf, operand->fallback, type, decimals, &operand->fallback_slot);
        break;
    case OPERAND_FACT:
        resolve_time_fact(check, leaf, operand, type);
        break;
    case OPERAND_NONE:
        break;
    }
}
