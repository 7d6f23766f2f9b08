// Minimum shares among the awarded.
#include "engine/json/forms/forms_reading.h"

#include "engine/private.h"

// A yes or no, or one of the groups where it is by group: another value would be counted for ever as nobody.
static const char *balance_value(const struct rule_reader *reader, const json_t *of, const char *pointer, size_t slot,
                                 const struct standing_policy *policy)
{
    const struct json_reader *json = &reader->json;
    const json_t *value = json_object_get(of, "value");
    bool is_yes_or_no = slot < reader->source->fact_count && reader->source->facts[slot].type == VALUE_BOOLEAN;
    if (is_yes_or_no || json_is_boolean(value)) {
        if (!is_yes_or_no || !json_is_boolean(value))
            rule_fault_report(json->faults, pointer_to(json->arena, pointer, "value"), FAULT_WRONG_TYPE,
                              is_yes_or_no ? "boolean" : "text");
        return json_is_true(value) ? "true" : "false";
    }
    const char *name = text_member(json, of, pointer, "value", REQUIRED);
    if (*name && policy && slot == policy->group_slot &&
        find_name(policy->groups, policy->group_count, sizeof *policy->groups, name) == policy->group_count)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "value"), FAULT_UNKNOWN_GROUP, name);
    return name;
}

void read_balances(const struct rule_reader *reader, const json_t *root, const struct standing_policy *policy,
                   struct award_forms *forms)
{
    static const char *const members[] = {"where", "at_least", "text", "citations", NULL}, *const of_where[] = {
                                                                                               "fact", "value", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, root, "", "balance", JSON_ARRAY, OPTIONAL);
    size_t count = list ? json_array_size(list) : 0, citations;
    if (list && !needs_semantics(reader, "/balance", 2, "balance"))
        return;
    if (count > BALANCES_MOST) {
        rule_fault_exceeds(json->faults, "/balance", FAULT_TOO_MANY, count, BALANCES_MOST);
        return;
    }
    struct form_balance *balances = arena_array(json->arena, count, sizeof *balances);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        const char *at = pointer_at(json->arena, "/balance", i), *where = pointer_to(json->arena, at, "where");
        if (!require_object(json, item, at))
            continue;
        refuse_other_members(json, item, at, members, NULL);
        balances[i].share = share_member(json, item, at, "at_least");
        balances[i].text = bilingual_member(json, item, at, "text");
        read_citations(reader, item, at, REQUIRED, &citations);
        const json_t *of = member_of(json, item, at, "where", JSON_OBJECT, REQUIRED);
        if (!of)
            continue;
        refuse_other_members(json, of, where, of_where, NULL);
        balances[i].slot = fact_slot(reader, of, where, "fact", 1U << VALUE_TEXT | 1U << VALUE_BOOLEAN);
        balances[i].fact = reader->source->fact_count ? reader->source->facts[balances[i].slot].name : "";
        balances[i].value = balance_value(reader, of, where, balances[i].slot, policy);
    }
    forms->balances = balances;
    forms->balance_count = count;
}
