#include "engine/json/expression_json.h"

#include <string.h>

#include "thidua/civil.h"

static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};

static struct citation read_citation(const struct rule_reader *reader, const json_t *value, const char *pointer)
{
    static const char *const members[] = {"document", "clause", "quote", "note", "valid_from", "valid_to", NULL};
    const struct json_reader *json = &reader->json;
    if (json_is_string(value)) {
        const json_t *named = json_object_get(reader->citations, json_string_value(value));
        if (!named)
            rule_fault_report(json->faults, pointer, FAULT_NO_CITATION,
                              arena_text(json->arena, json_string_value(value)));
        value = named;
        pointer = "/citations";
    }
    if (!value || !require_object(json, value, pointer))
        return (struct citation){"", "", "", NULL, DATE_FIRST, DATE_LAST};
    refuse_other_members(json, value, pointer, members, NULL);
    return (struct citation){
        .document = text_member(json, value, pointer, "document", REQUIRED),
        .clause = text_member(json, value, pointer, "clause", REQUIRED),
        .quote = text_member(json, value, pointer, "quote", REQUIRED),
        .note = text_or_null(json, value, pointer, "note"),
        .valid_from = date_member(json, value, pointer, "valid_from", DATE_FIRST, REQUIRED),
        .valid_to = date_member(json, value, pointer, "valid_to", DATE_LAST, OPTIONAL),
    };
}

const struct citation *read_citations(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                      enum presence presence, size_t *ret_count)
{
    const json_t *list = member_of(&reader->json, object, pointer, "citations", JSON_ARRAY, presence);
    const char *here = pointer_to(reader->json.arena, pointer, "citations");
    size_t count = list ? json_array_size(list) : 0;
    struct citation *citations = arena_array(reader->json.arena, count, sizeof *citations);
    for (size_t i = 0; i < count; i++)
        citations[i] = read_citation(reader, json_array_get(list, i), pointer_at(reader->json.arena, here, i));
    *ret_count = count;
    return citations;
}

// {"param": name, "or": name}, {"fact": name}, or a literal: text, boolean, integer. Never a JSON real.
static struct operand read_operand(const struct rule_reader *reader, const json_t *value, const char *pointer)
{
    static const char *const members[] = {"param", "or", "fact", NULL};
    const struct json_reader *json = &reader->json;
    struct operand operand = {.kind = OPERAND_LITERAL, .text = ""};
    if (json_is_object(value)) {
        const char *fact = text_or_null(json, value, pointer, "fact");
        refuse_other_members(json, value, pointer, members, NULL);
        operand.kind = fact ? OPERAND_FACT : OPERAND_PARAMETER;
        operand.text = fact ? fact : text_member(json, value, pointer, "param", REQUIRED);
        operand.fallback = text_or_null(json, value, pointer, "or");
    } else if (json_is_string(value)) {
        operand.text = arena_copy(json->arena, json_string_value(value), json_string_length(value));
    } else if (json_is_boolean(value)) {
        operand.text = json_is_true(value) ? "true" : "false";
    } else if (json_is_integer(value)) {
        operand.text = arena_format(json->arena, "%lld", (long long)json_integer_value(value));
    } else {
        rule_fault_report(json->faults, pointer, value ? FAULT_WRONG_TYPE : FAULT_MISSING_MEMBER, NULL);
    }
    return operand;
}

static struct operand operand_member(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                     const char *key)
{
    return read_operand(reader, json_object_get(object, key), pointer_to(reader->json.arena, pointer, key));
}

// `value`, or each of `values`.
static struct operand *read_operands(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                     size_t *ret_count)
{
    const json_t *list = member_of(&reader->json, object, pointer, "values", JSON_ARRAY, OPTIONAL);
    size_t count = list ? json_array_size(list) : 1;
    const char *here = pointer_to(reader->json.arena, pointer, "values");
    struct operand *operands = arena_array(reader->json.arena, count, sizeof *operands);
    if (!list)
        operands[0] = operand_member(reader, object, pointer, "value");
    for (size_t i = 0; list && i < count; i++)
        operands[i] = read_operand(reader, json_array_get(list, i), pointer_at(reader->json.arena, here, i));
    *ret_count = count;
    return operands;
}

static enum comparison read_comparison(const struct rule_reader *reader, const json_t *object, const char *pointer)
{
    return (enum comparison)choice_member(&reader->json, object, pointer, "op", signs, sizeof signs / sizeof *signs,
                                          EQUAL);
}

static void read_filters(const struct rule_reader *reader, const json_t *object, const char *pointer,
                         struct expression *leaf)
{
    static const char *const members[] = {"field", "op", "value", "values", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, object, pointer, "where", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, "where");
    leaf->filter_count = list ? json_array_size(list) : 0;
    leaf->filters = arena_array(json->arena, leaf->filter_count, sizeof *leaf->filters);
    for (size_t i = 0; i < leaf->filter_count; i++) {
        const json_t *item = json_array_get(list, i);
        const char *at = pointer_at(json->arena, here, i);
        struct filter *filter = &leaf->filters[i];
        filter->field = "";
        if (!require_object(json, item, at))
            continue;
        refuse_other_members(json, item, at, members, NULL);
        filter->field = text_member(json, item, at, "field", REQUIRED);
        filter->comparison = read_comparison(reader, item, at);
        filter->operands = read_operands(reader, item, at, &filter->operand_count);
    }
}

static void read_window(const struct rule_reader *reader, const json_t *object, const char *pointer,
                        struct expression *leaf)
{
    static const char *const members[] = {"field", "from_field", "to_field", "from", "to", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *value = member_of(json, object, pointer, "window", JSON_OBJECT, OPTIONAL);
    if (!value)
        return;
    const char *here = pointer_to(json->arena, pointer, "window");
    const char *field = text_or_null(json, value, here, "field");
    refuse_other_members(json, value, here, members, NULL);
    leaf->window = (struct window){
        .present = true,
        .from_field = field ? field : text_member(json, value, here, "from_field", REQUIRED),
        .to_field = field ? field : text_member(json, value, here, "to_field", REQUIRED),
        .from = operand_member(reader, value, here, "from"),
        .to = operand_member(reader, value, here, "to"),
    };
}

static void read_register_members(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                  struct expression *leaf)
{
    leaf->register_name = text_member(&reader->json, object, pointer, "register", REQUIRED);
    read_filters(reader, object, pointer, leaf);
    read_window(reader, object, pointer, leaf);
    if (json_object_get(object, "complete_through"))
        leaf->complete_through = operand_member(reader, object, pointer, "complete_through");
}

static void read_combinator(const struct rule_reader *reader, const json_t *object, const char *pointer,
                            struct expression *expression, size_t depth)
{
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, object, pointer, "of", JSON_ARRAY, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, "of");
    size_t count = list ? json_array_size(list) : 0;
    if (count > RULES_MOST_NODES || depth >= RULES_MOST_DEPTH) {
        rule_fault_report(json->faults, here, depth >= RULES_MOST_DEPTH ? FAULT_TOO_DEEP : FAULT_TOO_MANY_NODES, NULL);
        count = 0;
    }
    expression->children = arena_array(json->arena, count, sizeof *expression->children);
    expression->child_count = count;
    for (size_t i = 0; i < count; i++)
        expression->children[i] =
            read_expression(reader, json_array_get(list, i), pointer_at(json->arena, here, i), depth + 1);
    if (expression->kind == KIND_AT_LEAST)
        expression->n = integer_member(json, object, pointer, "n", 1, RULES_MOST_NODES, REQUIRED);
}

static void read_threshold(const struct rule_reader *reader, const json_t *object, const char *pointer,
                           struct expression *leaf)
{
    leaf->fact = text_member(&reader->json, object, pointer, "fact", REQUIRED);
    leaf->comparison = read_comparison(reader, object, pointer);
    leaf->operands = read_operands(reader, object, pointer, &leaf->operand_count);
}

static void read_choice(const struct rule_reader *reader, const json_t *object, const char *pointer,
                        struct expression *leaf)
{
    leaf->fact = text_member(&reader->json, object, pointer, "fact", REQUIRED);
    leaf->operands = read_operands(reader, object, pointer, &leaf->operand_count);
}

static void read_ratio(const struct rule_reader *reader, const json_t *object, const char *pointer,
                       struct expression *leaf)
{
    static const char *const outcomes[] = {"false", "undetermined", "true"};
    const struct json_reader *json = &reader->json;
    leaf->fact = text_member(json, object, pointer, "part", REQUIRED);
    leaf->whole = text_member(json, object, pointer, "whole", REQUIRED);
    leaf->comparison = read_comparison(reader, object, pointer);
    leaf->p = integer_member(json, object, pointer, "p", 0, 1000000, REQUIRED);
    leaf->q = integer_member(json, object, pointer, "q", 1, 1000000, REQUIRED);
    leaf->whole_zero = (enum truth)choice_member(json, object, pointer, "whole_zero", outcomes, 3, TRUTH_UNDETERMINED);
}

static void read_count(const struct rule_reader *reader, const json_t *object, const char *pointer,
                       struct expression *leaf)
{
    read_register_members(reader, object, pointer, leaf);
    leaf->comparison = read_comparison(reader, object, pointer);
    leaf->n = integer_member(&reader->json, object, pointer, "n", 0, 1000000, REQUIRED);
}

static void read_years(const struct rule_reader *reader, const json_t *object, const char *pointer,
                       struct expression *leaf)
{
    read_register_members(reader, object, pointer, leaf);
    leaf->year_field = text_member(&reader->json, object, pointer, "year_field", REQUIRED);
    leaf->n = integer_member(&reader->json, object, pointer, "years", 1, 50, REQUIRED);
}

static void read_completeness(const struct rule_reader *reader, const json_t *object, const char *pointer,
                              struct expression *leaf)
{
    const struct json_reader *json = &reader->json;
    const json_t *required = member_of(json, object, pointer, "required", JSON_OBJECT, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, "required");
    leaf->name_count = json_object_size(required);
    leaf->names = arena_array(json->arena, leaf->name_count, sizeof *leaf->names);
    leaf->states = arena_array(json->arena, leaf->name_count, sizeof *leaf->states);
    size_t i = 0;
    for (void *at = required ? json_object_iter((json_t *)(uintptr_t)required) : NULL; at;
         at = json_object_iter_next((json_t *)(uintptr_t)required, at), i++) {
        leaf->names[i] = arena_text(json->arena, json_object_iter_key(at));
        leaf->states[i] = text_member(json, required, here, leaf->names[i], REQUIRED);
    }
}

static void read_deadline(const struct rule_reader *reader, const json_t *object, const char *pointer,
                          struct expression *leaf)
{
    static const char *const bounds[] = {"before", "not_after"};
    const struct json_reader *json = &reader->json;
    leaf->fact = text_member(json, object, pointer, "fact", REQUIRED);
    leaf->operands = arena_new(json->arena, struct operand);
    leaf->operands[0] = operand_member(reader, object, pointer, "limit");
    leaf->operand_count = 1;
    leaf->inclusive = choice_member(json, object, pointer, "bound", bounds, 2, 0) == 1;
    leaf->calendar_days = (int32_t)integer_member(json, object, pointer, "calendar_days", -3660, 3660, OPTIONAL);
    leaf->working_days = (int32_t)integer_member(json, object, pointer, "working_days", -3660, 3660, OPTIONAL);
}

static void read_finding(const struct rule_reader *reader, const json_t *object, const char *pointer,
                         struct expression *leaf)
{
    leaf->content = text_member(&reader->json, object, pointer, "content", REQUIRED);
    leaf->names = texts_member(&reader->json, object, pointer, "accepts", REQUIRED, &leaf->name_count);
    leaf->found_by = texts_member(&reader->json, object, pointer, "found_by", OPTIONAL, &leaf->found_by_count);
}

#define MEMBERS(...) ((const char *const[]){__VA_ARGS__, NULL})

// Each kind with the members it has beside `kind`, `applies_when` and a leaf's words.
static const struct {
    enum expression_kind kind;
    const char *const *members;
    void (*read)(const struct rule_reader *, const json_t *, const char *, struct expression *);
} kinds[] = {
    {KIND_ALL, MEMBERS("of"), NULL},
    {KIND_ANY, MEMBERS("of"), NULL},
    {KIND_NOT, MEMBERS("of"), NULL},
    {KIND_AT_LEAST, MEMBERS("of", "n"), NULL},
    {KIND_THRESHOLD, MEMBERS("fact", "op", "value"), read_threshold},
    {KIND_FLAG, MEMBERS("fact", "value"), read_choice},
    {KIND_ONE_OF, MEMBERS("fact", "values"), read_choice},
    {KIND_RATIO, MEMBERS("part", "whole", "op", "p", "q", "whole_zero"), read_ratio},
    {KIND_COUNT, MEMBERS("register", "where", "window", "complete_through", "op", "n"), read_count},
    {KIND_ABSENCE, MEMBERS("register", "where", "window", "complete_through"), read_register_members},
    {KIND_COMPLETENESS, MEMBERS("required"), read_completeness},
    {KIND_DEADLINE, MEMBERS("fact", "limit", "bound", "calendar_days", "working_days"), read_deadline},
    {KIND_FINDING, MEMBERS("content", "accepts", "found_by"), read_finding},
    {KIND_STREAK, MEMBERS("register", "where", "window", "complete_through", "year_field", "years"), read_years},
    {KIND_COOLDOWN, MEMBERS("register", "where", "window", "complete_through", "year_field", "years"), read_years},
};
enum { KIND_COUNT_WRITTEN = sizeof kinds / sizeof *kinds };

static size_t find_kind(const struct rule_reader *reader, const json_t *value, const char *pointer)
{
    const char *name = text_member(&reader->json, value, pointer, "kind", REQUIRED);
    size_t i = 0;
    while (i < KIND_COUNT_WRITTEN && strcmp(expression_kind_name(kinds[i].kind), name) != 0)
        i++;
    if (i == KIND_COUNT_WRITTEN && name[0])
        rule_fault_report(reader->json.faults, pointer, FAULT_UNKNOWN_KIND, name);
    return i;
}

static void read_leaf_words(const struct rule_reader *reader, const json_t *object, const char *pointer,
                            struct expression *leaf)
{
    static const char *const outcomes[] = {"undetermined", "false"};
    const struct json_reader *json = &reader->json;
    leaf->id = text_member(json, object, pointer, "id", REQUIRED);
    leaf->text = bilingual_member(json, object, pointer, "text");
    leaf->citations = read_citations(reader, object, pointer, REQUIRED, &leaf->citation_count);
    if (!json_object_get(object, "on_missing"))
        return;
    leaf->missing_is_false = choice_member(json, object, pointer, "on_missing", outcomes, 2, 0) == 1;
    const json_t *citation = json_object_get(object, "missing_citation");
    if (!citation)
        return;
    struct citation *own = arena_new(json->arena, struct citation);
    *own = read_citation(reader, citation, pointer_to(json->arena, pointer, "missing_citation"));
    leaf->missing_citation = own;
}

struct expression *read_expression(const struct rule_reader *reader, const json_t *value, const char *pointer,
                                   size_t depth)
{
    static const char *const common[] = {"kind", "applies_when", NULL};
    static const char *const leaf_common[] = {"kind",       "applies_when",     "id", "text", "citations",
                                              "on_missing", "missing_citation", NULL};
    const struct json_reader *json = &reader->json;
    struct expression *expression = arena_new(json->arena, struct expression);
    *expression = (struct expression){.pointer = pointer, .kind = KIND_ALL};
    size_t kind = require_object(json, value, pointer) ? find_kind(reader, value, pointer) : KIND_COUNT_WRITTEN;
    if (kind == KIND_COUNT_WRITTEN)
        return expression;
    expression->kind = kinds[kind].kind;
    refuse_other_members(json, value, pointer, kinds[kind].read ? leaf_common : common, kinds[kind].members);
    const json_t *guard = member_of(json, value, pointer, "applies_when", JSON_OBJECT, OPTIONAL);
    if (guard && depth < RULES_MOST_DEPTH)
        expression->applies_when =
            read_expression(reader, guard, pointer_to(json->arena, pointer, "applies_when"), depth + 1);
    else if (guard)
        rule_fault_report(json->faults, pointer, FAULT_TOO_DEEP, NULL);
    if (kinds[kind].read) {
        read_leaf_words(reader, value, pointer, expression);
        kinds[kind].read(reader, value, pointer, expression);
    } else {
        read_combinator(reader, value, pointer, expression, depth);
    }
    return expression;
}
