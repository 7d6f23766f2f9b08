// The keys by which units are compared, as a rule set declares them.
#include <string.h>

#include "engine/json/leaf_json.h"
#include "engine/json/standings_json.h"
#include "thidua/decimal.h"

static const unsigned numbers = 1U << VALUE_INTEGER | 1U << VALUE_DECIMAL;

size_t fact_slot(const struct rule_reader *reader, const json_t *object, const char *pointer, const char *key,
                 unsigned types)
{
    const struct rule_set_source *source = reader->source;
    const char *here = pointer_to(reader->json.arena, pointer, key);
    const char *name = read_fact_name(reader, json_object_get(object, key), here);
    for (size_t i = 0; i < source->fact_count; i++) {
        if (strcmp(source->facts[i].name, name) != 0)
            continue;
        if (!(types >> source->facts[i].type & 1))
            rule_fault_report(reader->json.faults, here, FAULT_TYPE_MISMATCH, name);
        return i;
    }
    if (name[0])
        rule_fault_report(reader->json.faults, here, FAULT_UNKNOWN_FACT, name);
    return 0;
}

static void read_contents(const struct rule_reader *reader, const json_t *object, const char *pointer,
                          struct standing_key *key)
{
    const struct rule_set_source *source = reader->source;
    const char **names = texts_member(&reader->json, object, pointer, "contents", REQUIRED, &key->content_count);
    const char *here = pointer_to(reader->json.arena, pointer, "contents");
    if (key->content_count > RULES_MOST_DECLARED) {
        rule_fault_exceeds(reader->json.faults, here, FAULT_TOO_MANY, key->content_count, RULES_MOST_DECLARED);
        key->content_count = 0;
        return;
    }
    size_t *slots = arena_array(reader->json.arena, key->content_count, sizeof *slots);
    if (key->content_count == 0)
        rule_fault_report(reader->json.faults, pointer, FAULT_EMPTY, "contents");
    for (size_t i = 0; i < key->content_count; i++) {
        slots[i] = find_name(source->contents, source->content_count, sizeof *source->contents, names[i]);
        if (slots[i] == source->content_count)
            rule_fault_report(reader->json.faults, pointer, FAULT_UNKNOWN_CONTENT, names[i]);
        if (source->semantics > SEMANTICS_FIRST && find_name(names, i, sizeof *names, names[i]) < i)
            rule_fault_report(reader->json.faults, pointer_at(reader->json.arena, here, i), FAULT_NAME_TWICE, names[i]);
    }
    key->contents = slots;
    key->scores = source->scores;
}

static void read_key_facts(const struct rule_reader *reader, const json_t *object, const char *pointer,
                           struct standing_key *key)
{
    const struct rule_set_source *source = reader->source;
    if (key->kind == KEY_FACT) {
        key->slot = fact_slot(reader, object, pointer, "fact", numbers);
        key->fact = reader->source->fact_count ? &reader->source->facts[key->slot] : NULL;
        key->decimals = source->fact_count ? source->facts[key->slot].decimals : 0;
        return;
    }
    key->slot = fact_slot(reader, object, pointer, "part", numbers);
    key->whole_slot = fact_slot(reader, object, pointer, "whole", numbers);
    if (reader->source->fact_count) {
        key->fact = &reader->source->facts[key->slot];
        key->whole_fact = &reader->source->facts[key->whole_slot];
    }
    key->decimals = 2;
    if (source->fact_count && source->facts[key->slot].decimals != source->facts[key->whole_slot].decimals)
        rule_fault_report(reader->json.faults, pointer, FAULT_TYPE_MISMATCH, "whole");
}

// A leaf as it stands in criteria, without a guard. It judges a unit by its own facts, so that a share of 90 % is no
// better than one of 75 % where 70 % are asked for (NĐ 98/2023 art. 4(6)).
static void read_condition(const struct rule_reader *reader, const json_t *object, const char *pointer,
                           struct standing_key *key)
{
    const struct json_reader *json = &reader->json;
    const json_t *value = member_of(json, object, pointer, "leaf", JSON_OBJECT, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, "leaf");
    size_t before = json->faults->total;
    if (!value)
        return;
    const struct expression *condition = read_expression(reader, value, here, RULES_MOST_DEPTH);
    if (json->faults->total != before)
        return;
    if (!condition->leaf) {
        rule_fault_report(json->faults, here, FAULT_UNKNOWN_KIND, NULL);
        return;
    }
    if (condition->leaf->kind == leaf_kind_named("rank")) {
        rule_fault_report(json->faults, here, FAULT_RANK_IN_KEY, NULL);
        return;
    }
    key->leaf = condition->leaf;
    check_single_leaf(json->arena, reader->source, json->faults, key->leaf);
}

// ---- sums ----

// A weight as it is written, brought to SUM_WEIGHT_DECIMALS, and how many decimals it really has.
static int64_t read_weight(const struct rule_reader *reader, const json_t *term, const char *pointer,
                           unsigned *ret_decimals)
{
    const json_t *value = json_object_get(term, "weight");
    const char *here = pointer_to(reader->json.arena, pointer, "weight");
    const char *text = json_is_integer(value)
                           ? arena_format(reader->json.arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value))
                           : json_string_value(value);
    struct value weight = {.type = VALUE_UNKNOWN};
    *ret_decimals = SUM_WEIGHT_DECIMALS;
    if (!text) {
        rule_fault_report(reader->json.faults, here, value ? FAULT_WRONG_TYPE : FAULT_MISSING_MEMBER, NULL);
        return 0;
    }
    if (!value_parse(VALUE_DECIMAL, SUM_WEIGHT_DECIMALS, text, &weight) || weight.number == 0 ||
        weight.number > SUM_MOST_WEIGHT * 10000LL || weight.number < -SUM_MOST_WEIGHT * 10000LL) {
        rule_fault_report(reader->json.faults, here, FAULT_BAD_NUMBER, arena_text(reader->json.arena, text));
        return 0;
    }
    for (; *ret_decimals > 0 && weight.number % 10 == 0; --*ret_decimals)
        weight.number /= 10;
    return weight.number;
}

static size_t content_slot(const struct rule_reader *reader, const json_t *term, const char *pointer)
{
    const struct rule_set_source *source = reader->source;
    const char *name = text_member(&reader->json, term, pointer, "score", REQUIRED);
    size_t slot = find_name(source->contents, source->content_count, sizeof *source->contents, name);
    if (slot < source->content_count)
        return slot;
    if (name[0])
        rule_fault_report(reader->json.faults, pointer_to(reader->json.arena, pointer, "score"), FAULT_UNKNOWN_CONTENT,
                          name);
    return 0;
}

static struct leaf *read_count(const struct rule_reader *reader, const json_t *term, const char *pointer)
{
    const json_t *value = member_of(&reader->json, term, pointer, "count", JSON_OBJECT, REQUIRED);
    const char *here = pointer_to(reader->json.arena, pointer, "count");
    size_t before = reader->json.faults->total;
    if (!value)
        return NULL;
    struct leaf *entries = read_leaf_members(reader, value, here, leaf_kind_named("absence"));
    if (reader->json.faults->total == before)
        check_part(reader->json.arena, reader->source, reader->json.faults, entries);
    return entries;
}

// {"weight": 2 | "0.5", "fact": name | "score": content | "count": {"register", "where"?, …}, "at_most"?: of a count};
// and its decimals.
static struct sum_term read_term(const struct rule_reader *reader, const json_t *value, const char *pointer,
                                 unsigned *ret_decimals)
{
    static const char *const members[] = {"weight", "fact", "score", "count", NULL};
    static const char *const of_count[] = {"weight", "count", "at_most", NULL};
    bool counts = json_object_get(value, "count");
    struct sum_term term = {.of = SUM_OF_FACT};
    *ret_decimals = 0;
    if (!require_object(&reader->json, value, pointer))
        return term;
    refuse_other_members(&reader->json, value, pointer, counts ? of_count : members, NULL);
    if (!counts && json_object_size(value) > 2)
        rule_fault_report(reader->json.faults, pointer, FAULT_TOO_MANY, NULL);
    term.weight = read_weight(reader, value, pointer, ret_decimals);
    if (counts) {
        term.of = SUM_OF_COUNT;
        term.count = read_count(reader, value, pointer);
        term.at_most = json_object_get(value, "at_most")
                           ? integer_member(&reader->json, value, pointer, "at_most", 1, 1000000, REQUIRED)
                           : INT64_MAX;
    } else if (json_object_get(value, "score")) {
        term.of = SUM_OF_SCORE;
        term.slot = content_slot(reader, value, pointer);
        term.score = reader->source->content_count ? &reader->source->scores[term.slot] : NULL;
        *ret_decimals += SCORE_DECIMALS;
    } else {
        term.slot = fact_slot(reader, value, pointer, "fact", numbers);
        term.fact = reader->source->fact_count ? &reader->source->facts[term.slot] : NULL;
        *ret_decimals += term.fact ? term.fact->decimals : 0;
    }
    return term;
}

// Terms on their way: each weight still in the decimals of its own term.
struct term_list {
    struct sum_term *items;
    size_t count;
    unsigned decimals[SUM_MOST_TERMS], most; // by term; and the most that one has
};

// The terms that the member lists. False with a fault where they are none or, with those that are read already, too
// many.
static bool list_terms(const struct rule_reader *reader, const json_t *object, const char *pointer, const char *name,
                       const struct term_list *terms, const json_t **ret_list)
{
    const struct json_reader *json = &reader->json;
    *ret_list = member_of(json, object, pointer, name, JSON_ARRAY, REQUIRED);
    const size_t count = json_array_size(*ret_list);
    const bool fits = count > 0 && count <= SUM_MOST_TERMS - terms->count;
    if (*ret_list && !fits)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, name), count ? FAULT_TOO_MANY : FAULT_EMPTY,
                          NULL);
    return *ret_list && fits;
}

static void add_term(const struct rule_reader *reader, const json_t *value, const char *pointer,
                     const struct number_limits *group, struct term_list *terms)
{
    unsigned decimals;
    if (terms->count == SUM_MOST_TERMS) {
        rule_fault_report(reader->json.faults, pointer, FAULT_TOO_MANY, NULL);
        return;
    }
    struct sum_term term = read_term(reader, value, pointer, &decimals);
    term.group = group;
    if (decimals > DECIMAL_MOST_PLACES)
        rule_fault_report(reader->json.faults, pointer, FAULT_BAD_NUMBER, NULL);
    else if (decimals > terms->most)
        terms->most = decimals;
    terms->decimals[terms->count] = decimals;
    terms->items[terms->count++] = term;
}

// {"terms": [terms, none of them a group], "least"?: "-10", "most"?: "5"}; its bounds are read later.
static struct number_limits *add_group(const struct rule_reader *reader, const json_t *value, const char *pointer,
                                       struct term_list *terms)
{
    static const char *const members[] = {"terms", "least", "most", NULL};
    const struct json_reader *json = &reader->json;
    struct number_limits *group = arena_new(json->arena, struct number_limits);
    const char *here = pointer_to(json->arena, pointer, "terms");
    const json_t *list;
    refuse_other_members(json, value, pointer, members, NULL);
    if (!json_object_get(value, "least") && !json_object_get(value, "most"))
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "most"), FAULT_MISSING_MEMBER, NULL);
    if (list_terms(reader, value, pointer, "terms", terms, &list))
        for (size_t i = 0; i < json_array_size(list); i++)
            add_term(reader, json_array_get(list, i), pointer_at(json->arena, here, i), group, terms);
    return group;
}

// Only when all terms are read is it known how many decimals the sum has, and with it each bound.
struct sum_terms read_terms(const struct rule_reader *reader, const json_t *object, const char *pointer,
                            const char *name)
{
    const struct json_reader *json = &reader->json;
    const char *here = pointer_to(json->arena, pointer, name);
    struct term_list terms = {.count = 0};
    struct number_limits *groups[SUM_MOST_TERMS] = {NULL};
    const json_t *list;
    if (!list_terms(reader, object, pointer, name, &terms, &list))
        return (struct sum_terms){NULL, 0, 0};
    const size_t count = json_array_size(list);
    terms.items = arena_array(json->arena, SUM_MOST_TERMS, sizeof *terms.items);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        if (json_object_get(value, "terms"))
            groups[i] = add_group(reader, value, pointer_at(json->arena, here, i), &terms);
        else
            add_term(reader, value, pointer_at(json->arena, here, i), NULL, &terms);
    }
    for (size_t i = 0; i < terms.count; i++)
        for (unsigned k = terms.decimals[i]; k < terms.most; k++)
            terms.items[i].weight *= 10;
    for (size_t i = 0; i < count; i++)
        if (groups[i])
            *groups[i] = read_limits(json, json_array_get(list, i), pointer_at(json->arena, here, i), terms.most);
    return (struct sum_terms){terms.items, terms.count, terms.most};
}

static struct standing_key read_key(const struct rule_reader *reader, const json_t *value, const char *pointer)
{
    static const char *const kinds[] = {"finding_count", "finding_score", "ratio", "fact", "condition", "sum"};
    static const char *const directions[] = {"descending", "ascending"};
    static const char *const nulls[] = {"last", "first"};
    static const char *const common[] = {"id", "text", "citations", "direction", "nulls", "kind", "only_if", NULL};
    static const char *const own[][4] = {{"contents", "result", NULL},
                                         {"contents", NULL},
                                         {"part", "whole", NULL},
                                         {"fact", NULL},
                                         {"leaf", NULL},
                                         {"terms", NULL}};
    const struct json_reader *json = &reader->json;
    struct standing_key key = {.pointer = pointer, .id = ""};
    if (!require_object(json, value, pointer))
        return key;
    key.kind = (enum standing_key_kind)choice_member(json, value, pointer, "kind", kinds, 6, KEY_FACT);
    refuse_other_members(json, value, pointer, common, own[key.kind]);
    key.has_only_if = json_object_get(value, "only_if") && (key.kind == KEY_FACT || key.kind == KEY_RATIO);
    if (key.has_only_if)
        key.only_if_slot = fact_slot(reader, value, pointer, "only_if", 1U << VALUE_BOOLEAN);
    else if (json_object_get(value, "only_if"))
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "only_if"), FAULT_UNKNOWN_MEMBER, NULL);
    if (key.kind == KEY_SUM)
        needs_semantics(reader, pointer, 2, "sum");
    key.id = text_member(json, value, pointer, "id", REQUIRED);
    key.ascending = choice_member(json, value, pointer, "direction", directions, 2, 0) == 1;
    key.nulls_first = choice_member(json, value, pointer, "nulls", nulls, 2, 0) == 1;
    key.text = bilingual_member(json, value, pointer, "text");
    key.citations = read_citations(reader, value, pointer, REQUIRED, &key.citation_count);
    if (key.citation_count == 0)
        rule_fault_report(json->faults, pointer, FAULT_NO_CITATION, key.id);
    if (key.kind == KEY_RATIO || key.kind == KEY_FACT)
        read_key_facts(reader, value, pointer, &key);
    else if (key.kind == KEY_CONDITION)
        read_condition(reader, value, pointer, &key);
    else if (key.kind == KEY_SUM)
        key.terms = read_terms(reader, value, pointer, "terms");
    else
        read_contents(reader, value, pointer, &key);
    if (key.kind == KEY_FINDING_COUNT)
        key.result = text_member(json, value, pointer, "result", REQUIRED);
    if (key.kind == KEY_FINDING_SCORE)
        key.decimals = SCORE_DECIMALS;
    if (key.kind == KEY_SUM)
        key.decimals = key.terms.decimals;
    return key;
}

struct standing_keys read_keys(const struct rule_reader *reader, const json_t *object, const char *pointer,
                               const char *name)
{
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, object, pointer, name, JSON_ARRAY, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, name);
    size_t count = list ? json_array_size(list) : 0;
    if (count == 0 || count > STANDING_MOST_KEYS) {
        if (list)
            rule_fault_report(json->faults, here, count ? FAULT_TOO_MANY : FAULT_EMPTY, NULL);
        return (struct standing_keys){NULL, 0};
    }
    struct standing_key *keys = arena_array(json->arena, count, sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        keys[i] = read_key(reader, json_array_get(list, i), pointer_at(json->arena, here, i));
        for (size_t k = 0; k < i; k++)
            if (*keys[i].id && strcmp(keys[k].id, keys[i].id) == 0)
                rule_fault_report(json->faults, keys[i].pointer, FAULT_ID_TWICE, keys[i].id);
    }
    return (struct standing_keys){keys, count};
}
