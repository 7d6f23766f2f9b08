#include "engine/json/expression_json.h"

#include <string.h>

#include "engine/json/leaf_json.h"
#include "thidua/civil.h"

static const struct citation no_citation = {"", "", "", NULL, DATE_FIRST, DATE_LAST};

struct named_citations named_citations(struct arena *arena, const json_t *json)
{
    return (struct named_citations){json, arena_array(arena, json_object_size(json), sizeof(struct named_citation)), 0};
}

static struct citation read_citation_object(const struct json_reader *json, const json_t *value, const char *pointer)
{
    static const char *const members[] = {"document", "clause", "quote", "note", "valid_from", "valid_to", NULL};
    if (!require_object(json, value, pointer))
        return no_citation;
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

static struct citation read_named_citation(const struct rule_reader *reader, const char *name, const char *pointer)
{
    const struct json_reader *json = &reader->json;
    struct named_citations *citations = reader->citations;
    const json_t *value = json_object_get(citations->json, name);
    if (!value) {
        rule_fault_advise(json->faults, pointer, FAULT_NO_CITATION, arena_text(json->arena, name),
                          (struct bilingual){"Hãy ghi căn cứ này vào \"citations\" ở đầu bộ tiêu chí",
                                             "Quote it by that name in \"citations\" at the top of the rule set"});
        return no_citation;
    }
    for (size_t i = 0; i < citations->count; i++)
        if (citations->read[i].json == value)
            return citations->read[i].citation;
    struct citation citation = read_citation_object(json, value, pointer_to(json->arena, "/citations", name));
    citations->read[citations->count++] = (struct named_citation){value, citation};
    return citation;
}

void read_all_citations(const struct rule_reader *reader)
{
    json_t *all = (json_t *)(uintptr_t)reader->citations->json;
    for (void *at = json_object_iter(all); at; at = json_object_iter_next(all, at))
        read_named_citation(reader, json_object_iter_key(at), "/citations");
}

bool needs_semantics(const struct rule_reader *reader, const char *pointer, int64_t semantics, const char *what)
{
    if (reader->source->semantics < semantics)
        rule_fault_report(reader->json.faults, pointer, FAULT_NEEDS_SEMANTICS, what);
    return reader->source->semantics >= semantics;
}

// Each is declared once, behind those of the rule set, so that it is packed, explained and cited as any other.
static const char *earlier_fact(const struct rule_reader *reader, const char *name, int year, const char *pointer)
{
    struct rule_set_source *source = reader->source;
    const char *own = arena_format(reader->json.arena, "%s@%d", name, year);
    size_t slot = 0;
    while (slot < source->declared_fact_count && strcmp(source->facts[slot].name, name) != 0)
        slot++;
    if (slot == source->declared_fact_count) {
        rule_fault_report(reader->json.faults, pointer, FAULT_UNKNOWN_FACT, name);
        return "";
    }
    for (size_t i = source->declared_fact_count; i < source->fact_count; i++)
        if (strcmp(source->facts[i].name, own) == 0)
            return own;
    if (source->fact_count - source->declared_fact_count == RULES_MOST_EARLIER) {
        rule_fault_exceeds(reader->json.faults, pointer, FAULT_TOO_MANY, RULES_MOST_EARLIER + 1, RULES_MOST_EARLIER);
        return "";
    }
    struct fact_declaration *facts = (struct fact_declaration *)(uintptr_t)source->facts,
                            *added = &facts[source->fact_count++];
    *added = facts[slot];
    added->name = own;
    added->of = facts[slot].name;
    added->year = year;
    return own;
}

const char *read_fact_name(const struct rule_reader *reader, const json_t *value, const char *pointer)
{
    static const char *const members[] = {"fact", "year", NULL};
    const struct json_reader *json = &reader->json;
    if (json_is_string(value))
        return arena_copy(json->arena, json_string_value(value), json_string_length(value));
    if (!json_is_object(value)) {
        rule_fault_report(json->faults, pointer, value ? FAULT_WRONG_TYPE : FAULT_MISSING_MEMBER, NULL);
        return "";
    }
    refuse_other_members(json, value, pointer, members, NULL);
    const char *name = text_member(json, value, pointer, "fact", REQUIRED);
    if (!json_object_get(value, "year"))
        return name;
    int64_t year = integer_member(json, value, pointer, "year", -RULES_MOST_YEARS_BACK, -1, REQUIRED);
    if (!needs_semantics(reader, pointer_to(json->arena, pointer, "year"), 2, "year") || !name[0])
        return "";
    return earlier_fact(reader, name, (int)year, pointer);
}

struct citation read_citation(const struct rule_reader *reader, const json_t *value, const char *pointer)
{
    if (json_is_string(value))
        return read_named_citation(reader, json_string_value(value), pointer);
    return value ? read_citation_object(&reader->json, value, pointer) : no_citation;
}

const struct citation *read_citations(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                      enum presence presence, size_t *ret_count)
{
    const json_t *list = member_of(&reader->json, object, pointer, "citations", JSON_ARRAY, presence);
    const char *here = pointer_to(reader->json.arena, pointer, "citations");
    size_t count = list ? json_array_size(list) : 0;
    if (count > RULES_MOST_CITATIONS) {
        rule_fault_exceeds(reader->json.faults, here, FAULT_TOO_MANY, count, RULES_MOST_CITATIONS);
        count = 0;
    }
    struct citation *citations = arena_array(reader->json.arena, count, sizeof *citations);
    for (size_t i = 0; i < count; i++)
        citations[i] = read_citation(reader, json_array_get(list, i), pointer_at(reader->json.arena, here, i));
    *ret_count = count;
    return citations;
}

static const char *const of_members[] = {"kind", "applies_when", "of", NULL};
static const char *const at_least_members[] = {"kind", "applies_when", "of", "n", NULL};

static const struct combinator {
    const char *name;
    enum expression_kind kind;
    const char *const *members;
} combinators[] = {
    {"all", KIND_ALL, of_members},
    {"any", KIND_ANY, of_members},
    {"not", KIND_NOT, of_members},
    {"at_least", KIND_AT_LEAST, at_least_members},
};

static const struct combinator *combinator_named(const char *name)
{
    for (size_t i = 0; i < sizeof combinators / sizeof *combinators; i++)
        if (strcmp(combinators[i].name, name) == 0)
            return &combinators[i];
    return NULL;
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
        expression->least = integer_member(json, object, pointer, "n", 1, RULES_MOST_NODES, REQUIRED);
}

static struct expression *read_guard(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                     size_t depth)
{
    const struct json_reader *json = &reader->json;
    const json_t *guard = member_of(json, object, pointer, "applies_when", JSON_OBJECT, OPTIONAL);
    if (!guard)
        return NULL;
    if (depth < RULES_MOST_DEPTH)
        return read_expression(reader, guard, pointer_to(json->arena, pointer, "applies_when"), depth + 1);
    rule_fault_report(json->faults, pointer, FAULT_TOO_DEEP, NULL);
    return NULL;
}

static void report_unknown_kind(const struct json_reader *json, const char *pointer, const char *name)
{
    const char *known = "";
    for (size_t i = 0; i < sizeof combinators / sizeof *combinators; i++)
        known = arena_format(json->arena, "%s\"%s\", ", known, combinators[i].name);
    for (const struct leaf_kind *const *kind = leaf_kinds; *kind; kind++)
        known = arena_format(json->arena, "%s\"%s\"%s", known, (*kind)->name, kind[1] ? ", " : "");
    rule_fault_offer(json->faults, pointer, FAULT_UNKNOWN_KIND, name,
                     (struct bilingual){"Các loại dùng được", "The catalogue has"}, known);
}

struct expression *read_expression(const struct rule_reader *reader, const json_t *value, const char *pointer,
                                   size_t depth)
{
    const struct json_reader *json = &reader->json;
    struct expression *expression = arena_new(json->arena, struct expression);
    *expression = (struct expression){.pointer = pointer, .kind = KIND_ALL};
    if (!require_object(json, value, pointer))
        return expression;
    const char *name = text_member(json, value, pointer, "kind", REQUIRED);
    const struct combinator *combinator = combinator_named(name);
    const struct leaf_kind *leaf = leaf_kind_named(name);
    if (combinator) {
        expression->kind = combinator->kind;
        refuse_other_members(json, value, pointer, combinator->members, NULL);
        expression->applies_when = read_guard(reader, value, pointer, depth);
        read_combinator(reader, value, pointer, expression, depth);
    } else if (leaf) {
        expression->kind = KIND_LEAF;
        needs_semantics(reader, pointer, leaf->semantics, leaf->name);
        refuse_other_leaf_members(json, value, pointer, leaf);
        expression->applies_when = read_guard(reader, value, pointer, depth);
        expression->leaf = read_leaf(reader, value, pointer, leaf);
    } else if (name[0]) {
        report_unknown_kind(json, pointer, name);
    }
    return expression;
}
