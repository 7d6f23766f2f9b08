#include "engine/json/leaf_json.h"
#include "engine/json/standings_json.h"

// {"param": name, "or": name}, {"fact": name}, or a literal: text, boolean, integer. Never a JSON real.
static struct operand read_operand_leaf(const struct rule_reader *reader, const json_t *value, const char *pointer)
{
    static const char *const members[] = {"param", "or", "fact", NULL};
    const struct json_reader *json = &reader->json;
    struct operand operand = {.kind = OPERAND_LITERAL, .text = ""};
    // Documents of the first semantics may have an "or" beside a fact, which says nothing.
    bool strict = reader->source->semantics > SEMANTICS_FIRST || json_object_get(value, "year");
    if (json_is_object(value) && json_object_get(value, "fact") && strict) {
        operand.kind = OPERAND_FACT;
        operand.text = read_fact_name(reader, value, pointer);
    } else if (json_is_object(value)) {
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
    return read_operand_leaf(reader, json_object_get(object, key), pointer_to(reader->json.arena, pointer, key));
}

// The number of things in a list of a leaf; 0 and a fault where there are too many.
static size_t bounded(const struct rule_reader *reader, const char *pointer, size_t count)
{
    if (count <= RULES_MOST_OPERANDS)
        return count;
    rule_fault_exceeds(reader->json.faults, pointer, FAULT_TOO_MANY, count, RULES_MOST_OPERANDS);
    return 0;
}

// `value`, or each of `values`.
static struct operands read_operand_list(const struct rule_reader *reader, const json_t *object, const char *pointer)
{
    struct arena *arena = reader->json.arena;
    const json_t *list = member_of(&reader->json, object, pointer, "values", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(arena, pointer, "values");
    size_t count = list ? bounded(reader, here, json_array_size(list)) : 1;
    struct operand *items = arena_array(arena, count, sizeof *items);
    if (!list)
        items[0] = operand_member(reader, object, pointer, "value");
    for (size_t i = 0; list && i < count; i++)
        items[i] = read_operand_leaf(reader, json_array_get(list, i), pointer_at(arena, here, i));
    return (struct operands){items, count};
}

// ---- a reader for each form of member; `place` is the field that it fills ----

static void read_name(const struct rule_reader *reader, const json_t *object, const char *pointer,
                      const struct leaf_member *member, void *place)
{
    *(const char **)place = text_member(&reader->json, object, pointer, member->name, REQUIRED);
}

static void read_fact(const struct rule_reader *reader, const json_t *object, const char *pointer,
                      const struct leaf_member *member, void *place)
{
    *(const char **)place = read_fact_name(reader, json_object_get(object, member->name),
                                           pointer_to(reader->json.arena, pointer, member->name));
}

static void read_integer(const struct rule_reader *reader, const json_t *object, const char *pointer,
                         const struct leaf_member *member, void *place)
{
    *(int64_t *)place = integer_member(&reader->json, object, pointer, member->name, member->least, member->most,
                                       member->optional ? OPTIONAL : REQUIRED);
}

static void read_choice(const struct rule_reader *reader, const json_t *object, const char *pointer,
                        const struct leaf_member *member, void *place)
{
    size_t count = 0;
    while (member->choices[count])
        count++;
    *(unsigned *)place =
        (unsigned)choice_member(&reader->json, object, pointer, member->name, member->choices, count, 0);
}

static void read_one_operand(const struct rule_reader *reader, const json_t *object, const char *pointer,
                             const struct leaf_member *member, void *place)
{
    if (!member->optional || json_object_get(object, member->name))
        *(struct operand *)place = operand_member(reader, object, pointer, member->name);
}

static void read_operands(const struct rule_reader *reader, const json_t *object, const char *pointer,
                          const struct leaf_member *member, void *place)
{
    (void)member;
    *(struct operands *)place = read_operand_list(reader, object, pointer);
}

static void read_names(const struct rule_reader *reader, const json_t *object, const char *pointer,
                       const struct leaf_member *member, void *place)
{
    struct names *names = place;
    names->items = texts_member(&reader->json, object, pointer, member->name, member->optional ? OPTIONAL : REQUIRED,
                                &names->count);
    names->count = bounded(reader, pointer_to(reader->json.arena, pointer, member->name), names->count);
}

static void read_states(const struct rule_reader *reader, const json_t *object, const char *pointer,
                        const struct leaf_member *member, void *place)
{
    const struct json_reader *json = &reader->json;
    json_t *required = (json_t *)(uintptr_t)member_of(json, object, pointer, member->name, JSON_OBJECT, REQUIRED);
    const char *here = pointer_to(json->arena, pointer, member->name);
    struct states *states = place;
    size_t count = bounded(reader, here, json_object_size(required));
    states->names = arena_array(json->arena, count, sizeof *states->names);
    states->states = arena_array(json->arena, count, sizeof *states->states);
    for (void *at = count ? json_object_iter(required) : NULL; at;
         at = json_object_iter_next(required, at), states->count++) {
        const char *name = arena_text(json->arena, json_object_iter_key(at));
        states->names[states->count] = name;
        states->states[states->count] = text_member(json, required, here, name, REQUIRED);
    }
}

static struct filter read_filter(const struct rule_reader *reader, const json_t *item, const char *pointer)
{
    static const char *const members[] = {"field", "op", "value", "values", NULL};
    const struct json_reader *json = &reader->json;
    struct filter filter = {.field = ""};
    if (!require_object(json, item, pointer))
        return filter;
    refuse_other_members(json, item, pointer, members, NULL);
    filter.field = text_member(json, item, pointer, "field", REQUIRED);
    filter.comparison = (enum comparison)choice_member(json, item, pointer, "op", comparison_signs, COMPARISONS, EQUAL);
    filter.operands = read_operand_list(reader, item, pointer);
    return filter;
}

static void read_filters(const struct rule_reader *reader, const json_t *object, const char *pointer,
                         const struct leaf_member *member, void *place)
{
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, object, pointer, member->name, JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, member->name);
    struct filters *filters = place;
    filters->count = list ? json_array_size(list) : 0;
    filters->items = arena_array(json->arena, filters->count, sizeof *filters->items);
    for (size_t i = 0; i < filters->count; i++)
        filters->items[i] = read_filter(reader, json_array_get(list, i), pointer_at(json->arena, here, i));
}

static void read_standing_keys(const struct rule_reader *reader, const json_t *object, const char *pointer,
                               const struct leaf_member *member, void *place)
{
    *(struct standing_keys *)place = read_keys(reader, object, pointer, member->name);
}

static void read_sum_terms(const struct rule_reader *reader, const json_t *object, const char *pointer,
                           const struct leaf_member *member, void *place)
{
    *(struct sum_terms *)place = read_terms(reader, object, pointer, member->name);
}

static void read_window_member(const struct rule_reader *reader, const json_t *object, const char *pointer,
                               const struct leaf_member *member, void *place)
{
    static const char *const members[] = {"field", "from_field", "to_field", "from", "to", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *value = member_of(json, object, pointer, member->name, JSON_OBJECT, OPTIONAL);
    if (!value)
        return;
    const char *here = pointer_to(json->arena, pointer, member->name);
    const char *field = text_or_null(json, value, here, "field");
    refuse_other_members(json, value, here, members, NULL);
    *(struct window *)place = (struct window){
        .present = true,
        .from_field = field ? field : text_member(json, value, here, "from_field", REQUIRED),
        .to_field = field ? field : text_member(json, value, here, "to_field", REQUIRED),
        .from = operand_member(reader, value, here, "from"),
        .to = operand_member(reader, value, here, "to"),
    };
}

static void read_member(const struct rule_reader *reader, const json_t *object, const char *pointer,
                        const struct leaf_member *member, struct leaf *leaf)
{
    static void (*const readers[])(const struct rule_reader *, const json_t *, const char *, const struct leaf_member *,
                                   void *) = {
        [MEMBER_NAME] = read_name,           [MEMBER_FACT] = read_fact,
        [MEMBER_INTEGER] = read_integer,     [MEMBER_CHOICE] = read_choice,
        [MEMBER_OPERAND] = read_one_operand, [MEMBER_OPERANDS] = read_operands,
        [MEMBER_NAMES] = read_names,         [MEMBER_STATES] = read_states,
        [MEMBER_FILTERS] = read_filters,     [MEMBER_WINDOW] = read_window_member,
        [MEMBER_KEYS] = read_standing_keys,  [MEMBER_TERMS] = read_sum_terms,
    };
    _Static_assert(sizeof readers / sizeof *readers == MEMBER_FORMS, "each form of member has a reader");
    readers[member->form](reader, object, pointer, member, (char *)leaf + member->place);
}

// ---- leaves ----

static bool is_own_member(const struct leaf_kind *kind, const char *name)
{
    for (const struct leaf_member *member = kind->members; member->name; member++)
        if (strcmp(member->name, name) == 0)
            return true;
    return false;
}

static bool is_leaf_member(const struct leaf_kind *kind, const char *name)
{
    static const char *const common[] = {"kind",       "applies_when",     "id",    "text", "citations",
                                         "on_missing", "missing_citation", "until", NULL};
    for (const char *const *each = common; *each; each++)
        if (strcmp(*each, name) == 0)
            return true;
    return is_own_member(kind, name);
}

void refuse_other_leaf_members(const struct json_reader *json, const json_t *object, const char *pointer,
                               const struct leaf_kind *kind)
{
    json_t *members = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        if (!is_leaf_member(kind, json_object_iter_key(at)))
            rule_fault_report(json->faults, pointer_to(json->arena, pointer, json_object_iter_key(at)),
                              FAULT_UNKNOWN_MEMBER, NULL);
}

static struct time_limit read_time_limit(const struct rule_reader *reader, const json_t *item, const char *pointer)
{
    static const char *const members[] = {"before", "not_after", "calendar_days", "working_days", NULL};
    const struct json_reader *json = &reader->json;
    struct time_limit limit = {.includes_day = false};
    if (!require_object(json, item, pointer))
        return limit;
    refuse_other_members(json, item, pointer, members, NULL);
    limit.includes_day = json_object_get(item, "not_after") != NULL;
    if (limit.includes_day && json_object_get(item, "before"))
        rule_fault_report(json->faults, pointer, FAULT_TOO_MANY, NULL);
    limit.day = operand_member(reader, item, pointer, members[limit.includes_day]);
    limit.calendar_days = integer_member(json, item, pointer, "calendar_days", -MOST_DAYS, MOST_DAYS, OPTIONAL);
    limit.working_days = integer_member(json, item, pointer, "working_days", -MOST_DAYS, MOST_DAYS, OPTIONAL);
    return limit;
}

// [{"before" | "not_after": operand, "calendar_days"?, "working_days"?}, …]
static const struct time_limits *read_until(const struct rule_reader *reader, const json_t *object, const char *pointer)
{
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, object, pointer, "until", JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(json->arena, pointer, "until");
    size_t count = list ? json_array_size(list) : 0;
    if (!list)
        return NULL;
    if (count == 0 || count > MOST_TIME_LIMITS) {
        rule_fault_report(json->faults, here, count ? FAULT_TOO_MANY : FAULT_EMPTY, NULL);
        return NULL;
    }
    struct time_limits *until = arena_new(json->arena, struct time_limits);
    *until = (struct time_limits){arena_array(json->arena, count, sizeof *until->items), count};
    for (size_t i = 0; i < count; i++)
        until->items[i] = read_time_limit(reader, json_array_get(list, i), pointer_at(json->arena, here, i));
    return until;
}

static void read_common_members(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                struct leaf *leaf)
{
    static const char *const outcomes[] = {"undetermined", "false"};
    const struct json_reader *json = &reader->json;
    leaf->id = text_member(json, object, pointer, "id", REQUIRED);
    leaf->text = bilingual_member(json, object, pointer, "text");
    leaf->citations = read_citations(reader, object, pointer, REQUIRED, &leaf->citation_count);
    leaf->until = read_until(reader, object, pointer);
    const json_t *citation = json_object_get(object, "missing_citation");
    if (json_object_get(object, "on_missing"))
        leaf->missing_is_false = choice_member(json, object, pointer, "on_missing", outcomes, 2, 0) == 1;
    if (citation && !leaf->missing_is_false && reader->source->semantics > SEMANTICS_FIRST)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "missing_citation"), FAULT_NEVER_READ,
                          "on_missing");
    if (!citation || !json_object_get(object, "on_missing"))
        return;
    struct citation *own = arena_new(json->arena, struct citation);
    *own = read_citation(reader, citation, pointer_to(json->arena, pointer, "missing_citation"));
    leaf->missing_citation = own;
}

struct leaf *read_leaf(const struct rule_reader *reader, const json_t *object, const char *pointer,
                       const struct leaf_kind *kind)
{
    struct leaf *leaf = arena_allocate(reader->json.arena, kind->size);
    leaf->kind = kind;
    leaf->pointer = pointer;
    read_common_members(reader, object, pointer, leaf);
    for (const struct leaf_member *member = kind->members; member->name; member++)
        read_member(reader, object, pointer, member, leaf);
    return leaf;
}

struct leaf *read_leaf_members(const struct rule_reader *reader, const json_t *object, const char *pointer,
                               const struct leaf_kind *kind)
{
    struct leaf *leaf = arena_allocate(reader->json.arena, kind->size);
    leaf->kind = kind;
    leaf->pointer = pointer;
    leaf->id = "";
    json_t *members = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        if (!is_own_member(kind, json_object_iter_key(at)))
            rule_fault_report(reader->json.faults, pointer_to(reader->json.arena, pointer, json_object_iter_key(at)),
                              FAULT_UNKNOWN_MEMBER, NULL);
    for (const struct leaf_member *member = kind->members; member->name; member++)
        read_member(reader, object, pointer, member, leaf);
    return leaf;
}
