#include "engine/json/rule_set_json.h"

#include <string.h>

#include "engine/json/expression_json.h"
#include "engine/json/facts_json.h"
#include "engine/json/forms_json.h"
#include "engine/json/sent_names.h"
#include "engine/json/standings_json.h"
#include "thidua/civil.h"
#include "thidua/round_ranks.h"

static const char *const types[] = {NULL, "boolean", "text", "integer", "decimal", "date", "instant"};
enum { TYPE_COUNT = sizeof types / sizeof *types };

// Steps through a member that maps names to declarations.
struct members {
    json_t *object;
    void *at;
    const char *pointer;
    size_t count;
};

static struct members open_members(const struct json_reader *json, const json_t *parent, const char *pointer,
                                   const char *key)
{
    const json_t *object = member_of(json, parent, pointer, key, JSON_OBJECT, OPTIONAL);
    json_t *open = (json_t *)(uintptr_t)object;
    return (struct members){open, open ? json_object_iter(open) : NULL, pointer_to(json->arena, pointer, key),
                            json_object_size(object)};
}

static const char *next_member(const struct json_reader *json, struct members *members, const json_t **ret_value)
{
    if (!members->at)
        return NULL;
    const char *name = arena_text(json->arena, json_object_iter_key(members->at));
    *ret_value = json_object_iter_value(members->at);
    members->at = json_object_iter_next(members->object, members->at);
    return name;
}

// A number with so many decimals; false where there is none.
static bool read_bound(const struct json_reader *json, const json_t *object, const char *pointer, const char *name,
                       unsigned decimals, int64_t *ret_number)
{
    const json_t *value = json_object_get(object, name);
    const char *here = pointer_to(json->arena, pointer, name);
    struct value number = {.type = VALUE_UNKNOWN};
    if (!value)
        return false;
    const char *text = json_is_integer(value)
                           ? arena_format(json->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value))
                           : json_string_value(value);
    if (!text || !value_parse(VALUE_DECIMAL, decimals, text, &number)) {
        rule_fault_report(json->faults, here, text ? FAULT_BAD_NUMBER : FAULT_WRONG_TYPE, NULL);
        return false;
    }
    *ret_number = number.number;
    return true;
}

static struct number_limits read_limits(const struct json_reader *json, const json_t *object, const char *pointer,
                                        unsigned decimals)
{
    struct number_limits limits = {0};
    limits.has_least = read_bound(json, object, pointer, "least", decimals, &limits.least);
    limits.has_most = read_bound(json, object, pointer, "most", decimals, &limits.most);
    if (limits.has_least && limits.has_most && limits.least > limits.most)
        rule_fault_report(json->faults, pointer_to(json->arena, pointer, "least"), FAULT_BAD_NUMBER, NULL);
    return limits;
}

static void read_fact_limits(const struct json_reader *json, const json_t *value, const char *pointer,
                             struct fact_declaration *fact)
{
    if (fact->type == VALUE_INTEGER || fact->type == VALUE_DECIMAL) {
        struct number_limits limits = read_limits(json, value, pointer, fact->decimals);
        fact->has_least = limits.has_least;
        fact->least = limits.least;
        fact->has_most = limits.has_most;
        fact->most = limits.most;
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        const char *const name = i ? "most" : "least";
        if (json_object_get(value, name))
            rule_fault_report(json->faults, pointer_to(json->arena, pointer, name), FAULT_TYPE_MISMATCH, fact->name);
    }
}

static void read_fact_declarations(const struct json_reader *json, const json_t *root, struct rule_set_source *source)
{
    static const char *const allowed[] = {"type", "decimals", "confidential", "text", "least", "most", NULL};
    struct members members = open_members(json, root, "", "facts");
    struct fact_declaration *facts = arena_array(json->arena, members.count + RULES_MOST_EARLIER, sizeof *facts);
    const json_t *value;
    for (const char *name; (name = next_member(json, &members, &value));) {
        struct fact_declaration *fact = &facts[source->fact_count++];
        const char *here = pointer_to(json->arena, members.pointer, name);
        *fact = (struct fact_declaration){.name = name, .type = VALUE_BOOLEAN, .text = {"", ""}};
        if (!require_object(json, value, here))
            continue;
        refuse_other_members(json, value, here, allowed, NULL);
        fact->type = (enum value_type)choice_member(json, value, here, "type", types, TYPE_COUNT, VALUE_BOOLEAN);
        fact->decimals = (unsigned)integer_member(json, value, here, "decimals", 0, 9, OPTIONAL);
        fact->confidential = json_is_true(member_of(json, value, here, "confidential", JSON_TRUE, OPTIONAL));
        fact->text = bilingual_member(json, value, here, "text");
        read_fact_limits(json, value, here, fact);
    }
    source->facts = facts;
    source->declared_fact_count = source->fact_count;
}

static void read_fields(const struct json_reader *json, const json_t *value, const char *pointer,
                        struct register_declaration *declared)
{
    struct members members = open_members(json, value, pointer, "fields");
    struct field_declaration *fields = arena_array(json->arena, members.count, sizeof *fields);
    const json_t *ignored;
    for (const char *name; (name = next_member(json, &members, &ignored));) {
        size_t type = choice_member(json, members.object, members.pointer, name, types, TYPE_COUNT, VALUE_TEXT);
        fields[declared->field_count++] = (struct field_declaration){name, (enum value_type)type};
    }
    declared->fields = fields;
}

static void read_register_declarations(const struct json_reader *json, const json_t *root,
                                       struct rule_set_source *source)
{
    static const char *const allowed[] = {"text", "confidential", "fields", NULL};
    struct members members = open_members(json, root, "", "registers");
    struct register_declaration *registers = arena_array(json->arena, members.count, sizeof *registers);
    const json_t *value;
    for (const char *name; (name = next_member(json, &members, &value));) {
        struct register_declaration *declared = &registers[source->register_count++];
        const char *here = pointer_to(json->arena, members.pointer, name);
        *declared = (struct register_declaration){.name = name, .text = {"", ""}};
        if (!require_object(json, value, here))
            continue;
        refuse_other_members(json, value, here, allowed, NULL);
        declared->text = bilingual_member(json, value, here, "text");
        declared->confidential = json_is_true(member_of(json, value, here, "confidential", JSON_TRUE, OPTIONAL));
        read_fields(json, value, here, declared);
    }
    source->registers = registers;
}

static const struct named *read_named(const struct json_reader *json, const json_t *root, const char *key,
                                      size_t *ret_count)
{
    struct members members = open_members(json, root, "", key);
    struct named *things = arena_array(json->arena, members.count, sizeof *things);
    const json_t *value;
    size_t count = 0;
    for (const char *name; (name = next_member(json, &members, &value));)
        things[count++] = (struct named){name, bilingual_member(json, members.object, members.pointer, name)};
    *ret_count = count;
    return things;
}

// {"vi", "en", "least"?, "most"?}: the words, and between what its score is.
static void read_contents(const struct json_reader *json, const json_t *root, struct rule_set_source *source)
{
    static const char *const allowed[] = {"vi", "en", "least", "most", NULL};
    struct members members = open_members(json, root, "", "contents");
    struct named *contents = arena_array(json->arena, members.count, sizeof *contents);
    struct number_limits *scores = arena_array(json->arena, members.count, sizeof *scores);
    const json_t *value;
    for (const char *name; (name = next_member(json, &members, &value));) {
        const char *here = pointer_to(json->arena, members.pointer, name);
        struct named *content = &contents[source->content_count];
        struct number_limits *limits = &scores[source->content_count++];
        *content = (struct named){name, {"", ""}};
        if (!require_object(json, value, here))
            continue;
        refuse_other_members(json, value, here, allowed, NULL);
        content->text.vi = text_member(json, value, here, "vi", REQUIRED);
        content->text.en = text_member(json, value, here, "en", REQUIRED);
        *limits = read_limits(json, value, here, SCORE_DECIMALS);
    }
    source->contents = contents;
    source->scores = scores;
}

// "date" or "integer", or {"type", "decimals"?, "text"}.
static struct parameter_declaration read_parameter(const struct rule_reader *reader, const json_t *parameters,
                                                   const char *pointer, const char *name)
{
    static const char *const allowed[] = {"type", "decimals", "text", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *value = json_object_get(parameters, name);
    struct parameter_declaration declared = {.name = name, .text = {"", ""}};
    if (!json_is_object(value)) {
        declared.type = (enum value_type)choice_member(json, parameters, pointer, name, types, TYPE_COUNT, VALUE_DATE);
        return declared;
    }
    const char *here = pointer_to(json->arena, pointer, name);
    needs_semantics(reader, here, 2, name);
    refuse_other_members(json, value, here, allowed, NULL);
    declared.type = (enum value_type)choice_member(json, value, here, "type", types, TYPE_COUNT, VALUE_DATE);
    declared.decimals = (unsigned)integer_member(json, value, here, "decimals", 0, 9, OPTIONAL);
    declared.text = bilingual_member(json, value, here, "text");
    if (declared.decimals && declared.type != VALUE_DECIMAL)
        rule_fault_report(json->faults, pointer_to(json->arena, here, "decimals"), FAULT_BAD_NUMBER, NULL);
    return declared;
}

static void read_parameter_declarations(const struct rule_reader *reader, const json_t *root,
                                        struct rule_set_source *source)
{
    static const struct parameter_declaration built_in[BUILT_IN_PARAMETERS] = {
        [PARAMETER_AS_OF] = {"as_of", VALUE_DATE, 0, {"", ""}},
        [PARAMETER_YEAR_FIRST_DAY] = {"year_first_day", VALUE_DATE, 0, {"", ""}},
        [PARAMETER_YEAR_LAST_DAY] = {"year_last_day", VALUE_DATE, 0, {"", ""}},
        [PARAMETER_AWARD_YEAR] = {"award_year", VALUE_INTEGER, 0, {"", ""}},
    };
    const struct json_reader *json = &reader->json;
    struct members members = open_members(json, root, "", "parameters");
    struct parameter_declaration *parameters =
        arena_array(json->arena, members.count + BUILT_IN_PARAMETERS, sizeof *parameters);
    memcpy(parameters, built_in, sizeof built_in);
    source->parameter_count = BUILT_IN_PARAMETERS;
    const json_t *ignored;
    for (const char *name; (name = next_member(json, &members, &ignored));)
        parameters[source->parameter_count++] = read_parameter(reader, members.object, members.pointer, name);
    source->parameters = parameters;
}

static void read_award_years(const struct json_reader *json, const json_t *root, struct rule_set_source *source)
{
    const json_t *list = member_of(json, root, "", "award_years", JSON_ARRAY, REQUIRED);
    size_t count = list ? json_array_size(list) : 0;
    int32_t *years = arena_array(json->arena, count, sizeof *years);
    for (size_t i = 0; i < count; i++) {
        json_int_t year = json_integer_value(json_array_get(list, i));
        if (year < 1 || year > 9999)
            rule_fault_report(json->faults, pointer_at(json->arena, "/award_years", i), FAULT_BAD_NUMBER, NULL);
        else
            years[source->award_year_count++] = (int32_t)year;
    }
    source->award_years = years;
}

static struct expression *expression_member(const struct rule_reader *reader, const json_t *object, const char *pointer,
                                            const char *key, enum presence presence)
{
    const json_t *value = member_of(&reader->json, object, pointer, key, JSON_OBJECT, presence);
    const char *here = pointer_to(reader->json.arena, pointer, key);
    if (!value && presence == OPTIONAL)
        return NULL;
    return read_expression(reader, value, here, 1);
}

static void read_criteria(const struct rule_reader *reader, const json_t *root, struct rule_set_source *source)
{
    static const char *const allowed[] = {"id",           "clause", "text",     "citations",
                                          "applies_when", "hold",   "requires", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *list = member_of(json, root, "", "criteria", JSON_ARRAY, REQUIRED);
    size_t count = list ? json_array_size(list) : 0;
    if (count > RULES_MOST_NODES) {
        rule_fault_report(json->faults, "/criteria", FAULT_TOO_MANY_NODES, NULL);
        count = 0;
    }
    struct criterion *criteria = arena_array(json->arena, count, sizeof *criteria);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        const char *here = pointer_at(json->arena, "/criteria", i);
        struct criterion *criterion = &criteria[i];
        if (require_object(json, value, here))
            refuse_other_members(json, value, here, allowed, NULL);
        criterion->pointer = here;
        criterion->id = text_member(json, value, here, "id", REQUIRED);
        criterion->clause = text_member(json, value, here, "clause", REQUIRED);
        criterion->text = bilingual_member(json, value, here, "text");
        criterion->citations = read_citations(reader, value, here, REQUIRED, &criterion->citation_count);
        criterion->applies_when = expression_member(reader, value, here, "applies_when", OPTIONAL);
        criterion->hold = expression_member(reader, value, here, "hold", OPTIONAL);
        criterion->requires = expression_member(reader, value, here, "requires", REQUIRED);
    }
    source->criteria = criteria;
    source->criterion_count = count;
}

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

static void read_cases(const struct json_reader *json, const json_t *root, const struct rule_set_source *source,
                       struct rule_set_document *document)
{
    const json_t *list = member_of(json, root, "", "cases", JSON_ARRAY, OPTIONAL);
    size_t count = list ? json_array_size(list) : 0, left = RULES_MOST_CASE_VALUES;
    if (count > RULES_MOST_CASES) {
        rule_fault_exceeds(json->faults, "/cases", FAULT_TOO_MANY, count, RULES_MOST_CASES);
        return;
    }
    struct rule_case *cases = arena_array(json->arena, count, sizeof *cases);
    bool room = true;
    check_case_names(json, source, json_object_get(root, "case_base"), "/case_base", false);
    for (size_t i = 0; i < count && room; i++) {
        cases[i] = (struct rule_case){.pointer = pointer_at(json->arena, "/cases", i), .name = ""};
        room = read_case(json, root, source, json_array_get(list, i), &cases[i], &left);
    }
    document->cases = cases;
    document->case_count = count;
}

static void read_source(const struct rule_reader *reader, const json_t *root)
{
    static const char *const allowed[] = {
        "name",      "version",  "valid_from", "valid_to",   "award_years", "citations", "facts",
        "registers", "contents", "documents",  "parameters", "criteria",    "standings", "case_base",
        "cases",     "note",     "semantics",  "forms",      "balance",     NULL,
    };
    const struct json_reader *json = &reader->json;
    struct rule_set_source *source = reader->source;
    refuse_other_members(json, root, "", allowed, NULL);
    source->semantics = SEMANTICS_FIRST;
    if (json_object_get(root, "semantics"))
        source->semantics = integer_member(json, root, "", "semantics", SEMANTICS_FIRST, SEMANTICS_NEWEST, REQUIRED);
    source->name = text_member(json, root, "", "name", REQUIRED);
    source->version = integer_member(json, root, "", "version", 1, 1000000, REQUIRED);
    source->valid_from = date_member(json, root, "", "valid_from", DATE_FIRST, REQUIRED);
    source->valid_to = date_member(json, root, "", "valid_to", DATE_LAST, OPTIONAL);
    read_award_years(json, root, source);
    read_fact_declarations(json, root, source);
    read_register_declarations(json, root, source);
    read_contents(json, root, source);
    source->documents = read_named(json, root, "documents", &source->document_count);
    read_parameter_declarations(reader, root, source);
    read_criteria(reader, root, source);
    if (source->semantics > SEMANTICS_FIRST)
        read_all_citations(reader);
}

void json_hash(struct arena *arena, const json_t *value, char ret_hex[static SHA256_HEX_LENGTH + 1])
{
    size_t length;
    const char *text = json_canonical(arena, value, &length);
    sha256_hex(text, length, ret_hex);
}

// A rank is one among units that are compared.
static void check_ranks(const struct rule_reader *reader, const struct rule_set *rules, const json_t *standings)
{
    for (size_t i = 0; i < rules->rank_count; i++) {
        const struct rank_leaf *rank = (const struct rank_leaf *)rules->ranks[i];
        if (!standings)
            rule_fault_report(reader->json.faults, rank->leaf.pointer, FAULT_MISSING_MEMBER, "standings");
        else if (rank->within == RANK_WITHIN_CLUSTER && !json_object_get(standings, "cluster_by"))
            rule_fault_report(reader->json.faults, pointer_to(reader->json.arena, rank->leaf.pointer, "within"),
                              FAULT_CLUSTERS_NEED_KEY, NULL);
    }
}

bool rule_set_from_json(struct arena *arena, const json_t *value, struct rule_faults *faults,
                        struct rule_set_document *ret_document)
{
    struct named_citations citations = named_citations(arena, json_object_get(value, "citations"));
    struct rule_set_source *source = arena_new(arena, struct rule_set_source);
    const struct rule_reader reader = {{arena, faults}, &citations, source};
    size_t before = faults->total;
    *ret_document = (struct rule_set_document){0};
    if (!require_object(&reader.json, value, ""))
        return false;
    ret_document->canonical = json_canonical(arena, value, &ret_document->canonical_length);
    sha256_hex(ret_document->canonical, ret_document->canonical_length, ret_document->hash);
    if (ret_document->canonical_length > RULES_MOST_BYTES) {
        rule_fault_report(faults, "", FAULT_TOO_LARGE, NULL);
        return false;
    }
    read_source(&reader, value);
    if (faults->total == before)
        ret_document->rules = criteria_compile(arena, source, faults);
    const json_t *standings = json_object_get(value, "standings");
    if (ret_document->rules) {
        source->ranks = ret_document->rules->ranks;
        source->rank_count = ret_document->rules->rank_count;
        check_ranks(&reader, ret_document->rules, standings);
    }
    if (ret_document->rules && standings)
        ret_document->standings =
            standing_policy_from_json(&reader, standings, "/standings", json_is_array(json_object_get(value, "forms")));
    if (ret_document->standings) {
        source->groups = ret_document->standings->groups;
        source->group_count = ret_document->standings->group_count;
    }
    if (ret_document->rules)
        ret_document->forms = award_forms_from_json(&reader, value, ret_document->standings);
    if (ret_document->rules && ret_document->forms.count) {
        struct award_forms *kept = arena_new(arena, struct award_forms);
        *kept = ret_document->forms;
        ((struct rule_set *)(uintptr_t)ret_document->rules)->forms = kept;
    }
    if (ret_document->rules)
        read_cases(&reader.json, value, source, ret_document);
    if (faults->total != before)
        ret_document->rules = NULL;
    return ret_document->rules != NULL;
}
