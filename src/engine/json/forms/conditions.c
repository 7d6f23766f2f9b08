// Conditions over criteria.
#include "engine/json/forms/forms_reading.h"

#include <string.h>

#include "engine/private.h"

static size_t criterion_slot(const struct rule_reader *reader, const char *id, const char *pointer)
{
    const struct rule_set_source *source = reader->source;
    for (size_t i = 0; i < source->criterion_count; i++)
        if (strcmp(source->criteria[i].id, id) == 0)
            return i;
    rule_fault_report(reader->json.faults, pointer, FAULT_UNKNOWN_CRITERION, id);
    return 0;
}

static struct form_condition read_form_condition(const struct rule_reader *reader, const json_t *value,
                                                 const char *pointer, size_t depth);

static void read_terms_of(const struct rule_reader *reader, const json_t *list, const char *pointer, size_t depth,
                          struct form_condition *condition)
{
    const struct json_reader *json = &reader->json;
    size_t count = json_array_size(list);
    if (count == 0 || count > FORM_TERMS_MOST || depth >= FORM_DEPTH_MOST) {
        rule_fault_report(json->faults, pointer,
                          !json_is_array(list)       ? FAULT_WRONG_TYPE
                          : count == 0               ? FAULT_EMPTY
                          : depth >= FORM_DEPTH_MOST ? FAULT_TOO_DEEP
                                                     : FAULT_TOO_MANY,
                          NULL);
        return;
    }
    struct form_condition *terms = arena_array(json->arena, count, sizeof *terms);
    for (size_t i = 0; i < count; i++)
        terms[i] = read_form_condition(reader, json_array_get(list, i), pointer_at(json->arena, pointer, i), depth + 1);
    condition->terms = terms;
    condition->count = count;
}

static struct form_condition read_form_condition(const struct rule_reader *reader, const json_t *value,
                                                 const char *pointer, size_t depth)
{
    static const char *const all[] = {"all", NULL}, *const any[] = {"any", NULL},
                             *const at_least[] = {"at_least", "of", NULL};
    const struct json_reader *json = &reader->json;
    struct form_condition condition = {.kind = CONDITION_ALL};
    if (json_is_string(value)) {
        condition.kind = CONDITION_CRITERION;
        condition.criterion = criterion_slot(reader, arena_text(json->arena, json_string_value(value)), pointer);
    } else if (json_object_get(value, "at_least")) {
        condition.kind = CONDITION_AT_LEAST;
        refuse_other_members(json, value, pointer, at_least, NULL);
        condition.least = integer_member(json, value, pointer, "at_least", 1, FORM_TERMS_MOST, REQUIRED);
        read_terms_of(reader, json_object_get(value, "of"), pointer_to(json->arena, pointer, "of"), depth, &condition);
        if (condition.least > (int64_t)condition.count)
            rule_fault_report(json->faults, pointer, FAULT_BAD_NUMBER, NULL);
    } else if (json_object_get(value, "any")) {
        condition.kind = CONDITION_ANY;
        refuse_other_members(json, value, pointer, any, NULL);
        read_terms_of(reader, json_object_get(value, "any"), pointer_to(json->arena, pointer, "any"), depth,
                      &condition);
    } else if (require_object(json, value, pointer)) {
        refuse_other_members(json, value, pointer, all, NULL);
        read_terms_of(reader, json_object_get(value, "all"), pointer_to(json->arena, pointer, "all"), depth,
                      &condition);
    }
    return condition;
}

const struct form_condition *condition_member(const struct rule_reader *reader, const json_t *object,
                                              const char *pointer, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        return NULL;
    struct form_condition *condition = arena_new(reader->json.arena, struct form_condition);
    *condition = read_form_condition(reader, value, pointer_to(reader->json.arena, pointer, name), 1);
    return condition;
}
