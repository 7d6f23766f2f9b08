// The cases of a rule set: units that differ from the base in a merge patch each, and what has to come out for them.
#include "engine/json/cases_json.h"

#include "engine/json/facts_json.h"
#include "engine/json/sent_names.h"

static void read_expectation(const struct json_reader *json, const json_t *value, const char *pointer,
                             struct rule_case *each)
{
    static const char *const allowed[] = {"overall", "criteria", NULL};
    if (!value)
        return;
    refuse_other_members(json, value, pointer, allowed, NULL);
    each->overall = (enum overall_outcome)choice_member(json, value, pointer, "overall", overall_outcome_names, 4,
                                                        OVERALL_ELIGIBLE);
    struct members members = open_members(json, value, pointer, "criteria");
    struct expected_outcome *expected = arena_array(json->arena, members.count, sizeof *expected);
    const json_t *ignored;
    for (const char *name; (name = next_member(json, &members, &ignored));)
        expected[each->expected_count++] =
            (struct expected_outcome){name, (enum criterion_outcome)choice_member(json, members.object, members.pointer,
                                                                                  name, criterion_outcome_names, 5, 0)};
    each->expected = expected;
}

// How much there is to a value: itself, what it holds, and a long text for as many values as it takes the room of.
static size_t size_of_value(const json_t *value)
{
    enum { TEXT_OF_A_VALUE = 32 };
    size_t size = 1 + json_string_length(value) / TEXT_OF_A_VALUE, index;
    const char *name;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)value, name, member) size += size_of_value(member);
    json_array_foreach(value, index, member) size += size_of_value(member);
    return size;
}

// How many values a case takes, at most. What a rule set declares has its place also where the case says nothing of it.
static size_t size_of_case(const struct json_reader *json, const struct rule_set_source *source, const json_t *whole,
                           const char *pointer)
{
    enum { ENTRY_ITSELF = 4 };
    const json_t *registers = json_object_get(json_object_get(whole, "unit"), "registers");
    size_t size = size_of_value(whole) + source->fact_count + source->register_count + source->content_count +
                  source->document_count + source->parameter_count;
    for (size_t i = 0; i < source->register_count; i++) {
        const json_t *held = json_object_get(registers, source->registers[i].name);
        size_t entries = json_array_size(json_object_get(held, "entries"));
        if (entries > RULES_MOST_ENTRIES)
            rule_fault_exceeds(json->faults, pointer, FAULT_TOO_MANY, entries, RULES_MOST_ENTRIES);
        size += entries * (source->registers[i].field_count + ENTRY_ITSELF);
    }
    return size;
}

// Documents of the first semantics may name what nothing reads.
static void check_case_names(const struct json_reader *json, const struct rule_set_source *source, const json_t *value,
                             const char *pointer, bool is_patch)
{
    static const char *const members[] = {"parameters", "unit", NULL};
    const json_t *unit = json_object_get(value, "unit"), *parameters = json_object_get(value, "parameters");
    if (source->semantics == SEMANTICS_FIRST)
        return;
    refuse_other_members(json, value, pointer, members, NULL);
    sent_facts_named(json->arena, source, unit, is_patch, pointer_to(json->arena, pointer, "unit"), json->faults);
    sent_limits_named(json->arena, source, parameters, pointer_to(json->arena, pointer, "parameters"), json->faults);
}

// Takes what it reads off the values that cases may still have. False once there are too many.
static bool read_case(const struct json_reader *json, const json_t *root, const struct rule_set_source *source,
                      const json_t *value, struct rule_case *each, size_t *left)
{
    static const char *const allowed[] = {"name", "change", "expect", NULL};
    struct evaluation_parameters *parameters = arena_new(json->arena, struct evaluation_parameters);
    struct unit_facts *facts = arena_new(json->arena, struct unit_facts);
    if (!require_object(json, value, each->pointer))
        return true;
    refuse_other_members(json, value, each->pointer, allowed, NULL);
    each->name = text_member(json, value, each->pointer, "name", REQUIRED);
    const json_t *change = member_of(json, value, each->pointer, "change", JSON_OBJECT, REQUIRED);
    const char *here = pointer_to(json->arena, each->pointer, "change");
    check_case_names(json, source, change, here, true);
    json_t *whole = json_merge_patch(json_object_get(root, "case_base"), change);
    size_t size = size_of_case(json, source, whole, each->pointer);
    if (size > *left) {
        rule_fault_exceeds(json->faults, each->pointer, FAULT_TOO_MANY, RULES_MOST_CASE_VALUES - *left + size,
                           RULES_MOST_CASE_VALUES);
        json_decref(whole);
        return false;
    }
    *left -= size;
    parameters_from_json(json->arena, source, json_object_get(whole, "parameters"),
                         pointer_to(json->arena, here, "parameters"), json->faults, parameters);
    facts_from_json(json->arena, source, json_object_get(whole, "unit"), pointer_to(json->arena, here, "unit"),
                    json->faults, facts);
    json_decref(whole);
    each->parameters = parameters;
    each->facts = facts;
    read_expectation(json, member_of(json, value, each->pointer, "expect", JSON_OBJECT, REQUIRED),
                     pointer_to(json->arena, each->pointer, "expect"), each);
    return true;
}

// Whether what cases change is good by itself: each of them would repeat its faults, at a place that is not theirs.
// What the base leaves to them is not asked for here.
static bool read_base(const struct json_reader *json, const json_t *base, const struct rule_set_source *source)
{
    struct evaluation_parameters ignored_parameters;
    struct unit_facts ignored_facts;
    const json_t *parameters = json_object_get(base, "parameters"), *unit = json_object_get(base, "unit");
    size_t before = json->faults->total;
    check_case_names(json, source, base, "/case_base", false);
    if (json_object_get(parameters, "as_of") && json_object_get(parameters, "award_year"))
        parameters_from_json(json->arena, source, parameters, "/case_base/parameters", json->faults,
                             &ignored_parameters);
    if (json_object_get(unit, "unit_id"))
        facts_from_json(json->arena, source, unit, "/case_base/unit", json->faults, &ignored_facts);
    return json->faults->total == before;
}

void read_cases(const struct json_reader *json, const json_t *root, const struct rule_set_source *source,
                struct rule_set_document *document)
{
    const json_t *list = member_of(json, root, "", "cases", JSON_ARRAY, OPTIONAL);
    size_t count = list ? json_array_size(list) : 0, left = RULES_MOST_CASE_VALUES;
    if (count > RULES_MOST_CASES) {
        rule_fault_exceeds(json->faults, "/cases", FAULT_TOO_MANY, count, RULES_MOST_CASES);
        return;
    }
    struct rule_case *cases = arena_array(json->arena, count, sizeof *cases);
    bool room = read_base(json, json_object_get(root, "case_base"), source);
    for (size_t i = 0; i < count && room; i++) {
        cases[i] = (struct rule_case){.pointer = pointer_at(json->arena, "/cases", i), .name = ""};
        room = read_case(json, root, source, json_array_get(list, i), &cases[i], &left);
    }
    document->cases = cases;
    document->case_count = count;
}
