#include "engine/json/rule_set_json.h"

#include <string.h>

#include "engine/json/cases_json.h"
#include "engine/json/expression_json.h"
#include "engine/json/forms/forms_json.h"
#include "engine/json/standings_json.h"
#include "engine/leaf/leaf.h"
#include "thidua/civil.h"
#include "thidua/round_ranks.h"

static const char *const types[] = {NULL, "boolean", "text", "integer", "decimal", "date", "instant"};
enum { TYPE_COUNT = sizeof types / sizeof *types };

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
    static const char *const given[] = {"type", "decimals", "text", NULL};
    static const char *const reckoned[] = {"type", "text", "of", "months", "calendar_days", NULL};
    const struct json_reader *json = &reader->json;
    const json_t *value = json_object_get(parameters, name);
    struct parameter_declaration declared = {.name = name, .text = {"", ""}};
    if (!json_is_object(value)) {
        declared.type = (enum value_type)choice_member(json, parameters, pointer, name, types, TYPE_COUNT, VALUE_DATE);
        return declared;
    }
    const char *here = pointer_to(json->arena, pointer, name);
    needs_semantics(reader, here, 2, name);
    declared.reckoned = json_object_get(value, "of");
    refuse_other_members(json, value, here, declared.reckoned ? reckoned : given, NULL);
    declared.type = (enum value_type)choice_member(json, value, here, "type", types, TYPE_COUNT, VALUE_DATE);
    declared.decimals = (unsigned)integer_member(json, value, here, "decimals", 0, 9, OPTIONAL);
    declared.text = bilingual_member(json, value, here, "text");
    if (declared.decimals && declared.type != VALUE_DECIMAL)
        rule_fault_report(json->faults, pointer_to(json->arena, here, "decimals"), FAULT_BAD_NUMBER, NULL);
    return declared;
}

// Of a day that is reckoned: from which one, which is given itself, and how far that is.
static void read_reckoning(const struct rule_reader *reader, const json_t *parameters,
                           const struct rule_set_source *source, struct parameter_declaration *declared)
{
    const struct json_reader *json = &reader->json;
    const json_t *value = json_object_get(parameters, declared->name);
    const char *here = pointer_to(json->arena, "/parameters", declared->name);
    const char *of = text_member(json, value, here, "of", REQUIRED);
    declared->of = find_name(source->parameters, source->parameter_count, sizeof *source->parameters, of);
    declared->months = (int32_t)integer_member(json, value, here, "months", -MONTHS_LIMIT, MONTHS_LIMIT, OPTIONAL);
    declared->calendar_days =
        (int32_t)integer_member(json, value, here, "calendar_days", -MOST_DAYS, MOST_DAYS, OPTIONAL);
    if (declared->of == source->parameter_count) {
        declared->of = PARAMETER_AS_OF;
        rule_fault_report(json->faults, pointer_to(json->arena, here, "of"), FAULT_UNKNOWN_PARAMETER, of);
    }
    const struct parameter_declaration *from = &source->parameters[declared->of];
    if (from->type != VALUE_DATE || from->reckoned || declared->type != VALUE_DATE)
        rule_fault_report(json->faults, pointer_to(json->arena, here, "of"), FAULT_TYPE_MISMATCH, of);
    if ((declared->months == 0) == (declared->calendar_days == 0))
        rule_fault_report(json->faults, pointer_to(json->arena, here, "months"), FAULT_BAD_NUMBER, NULL);
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
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (parameters[i].reckoned)
            read_reckoning(reader, members.object, source, &parameters[i]);
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
    source->version = integer_member(json, root, "", "version", 1, 9999, REQUIRED);
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
        source->texts = ret_document->rules->texts;
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
