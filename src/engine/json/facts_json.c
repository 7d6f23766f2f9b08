#include "engine/json/facts_json.h"

#include <stdlib.h>

#include "engine/json/json_reader.h"
#include "thidua/civil.h"

// A value of the declared type; unknown (and no fault) where the JSON is absent or null.
static struct value read_typed_value(const struct json_reader *reader, const json_t *json, const char *pointer,
                                     enum value_type type, unsigned decimals)
{
    struct value value = {.type = VALUE_UNKNOWN};
    if (!json || json_is_null(json))
        return value;
    if (type == VALUE_BOOLEAN && json_is_boolean(json))
        return (struct value){VALUE_BOOLEAN, {json_is_true(json)}};
    if (type == VALUE_INTEGER && json_is_integer(json))
        return (struct value){VALUE_INTEGER, {json_integer_value(json)}};
    bool textual = json_is_string(json) && type != VALUE_BOOLEAN && type != VALUE_INTEGER;
    const char *text = textual ? arena_text(reader->arena, json_string_value(json)) : NULL;
    if (!textual || !value_parse(type, decimals, text, &value))
        rule_fault_want(reader->faults, pointer, textual ? FAULT_BAD_VALUE : FAULT_WRONG_TYPE, text, type, decimals);
    return value;
}

// NULL where none is given.
static const struct source *read_source(const struct json_reader *reader, const json_t *object, const char *pointer)
{
    const struct source read = {
        .source = text_or_null(reader, object, pointer, "source"),
        .version = integer_member(reader, object, pointer, "version", 0, INT64_MAX, OPTIONAL),
        .recorded_at = text_or_null(reader, object, pointer, "recorded_at"),
    };
    if (!read.source && !read.version && !read.recorded_at)
        return NULL;
    struct source *source = arena_new(reader->arena, struct source);
    *source = read;
    return source;
}

static void read_one_fact(const struct json_reader *reader, const struct fact_declaration *declared, const char *name,
                          const json_t *object, const char *pointer, struct value *ret_value,
                          const struct source **ret_source)
{
    const json_t *json = member_of(reader, object, pointer, name, JSON_OBJECT, OPTIONAL);
    if (!json)
        return;
    const char *here = pointer_to(reader->arena, pointer, name);
    *ret_value = read_typed_value(reader, json_object_get(json, "value"), pointer_to(reader->arena, here, "value"),
                                  declared->type, declared->decimals);
    *ret_source = read_source(reader, json, here);
}

static void read_facts(const struct json_reader *reader, const struct rule_set_source *source, const json_t *object,
                       const char *pointer, struct value *values, const struct source **sources)
{
    for (size_t i = 0; i < source->declared_fact_count; i++)
        read_one_fact(reader, &source->facts[i], source->facts[i].name, object, pointer, &values[i], &sources[i]);
}

// {"-1": {"NAME": {"value": …}}}
static void read_earlier_facts(const struct json_reader *reader, const struct rule_set_source *source,
                               const json_t *snapshot, const char *pointer, struct value *values,
                               const struct source **sources)
{
    if (source->fact_count == source->declared_fact_count)
        return;
    const json_t *earlier = member_of(reader, snapshot, pointer, "earlier", JSON_OBJECT, OPTIONAL);
    const char *here = pointer_to(reader->arena, pointer, "earlier");
    for (size_t i = source->declared_fact_count; earlier && i < source->fact_count; i++) {
        const struct fact_declaration *declared = &source->facts[i];
        const char *year = arena_format(reader->arena, "%d", declared->year);
        const json_t *of_year = member_of(reader, earlier, here, year, JSON_OBJECT, OPTIONAL);
        if (of_year)
            read_one_fact(reader, declared, declared->of, of_year, pointer_to(reader->arena, here, year), &values[i],
                          &sources[i]);
    }
}

static struct entry read_entry(const struct json_reader *reader, const struct register_declaration *declared,
                               const json_t *json, const char *pointer, struct value *fields)
{
    if (!require_object(reader, json, pointer))
        return (struct entry){.id = ""};
    for (size_t i = 0; i < declared->field_count; i++) {
        const json_t *field = json_object_get(json, declared->fields[i].name);
        if (field)
            fields[i] = read_typed_value(reader, field, pointer_to(reader->arena, pointer, declared->fields[i].name),
                                         declared->fields[i].type, 2);
    }
    return (struct entry){text_member(reader, json, pointer, "id", OPTIONAL), read_source(reader, json, pointer)};
}

static struct register_facts read_register(const struct json_reader *reader,
                                           const struct register_declaration *declared, const json_t *json,
                                           const char *pointer, const struct entry **ret_entries)
{
    const json_t *entries = member_of(reader, json, pointer, "entries", JSON_ARRAY, OPTIONAL);
    const char *list = pointer_to(reader->arena, pointer, "entries");
    size_t count = entries ? json_array_size(entries) : 0;
    struct entry *items = arena_array(reader->arena, count, sizeof *items);
    struct value *fields = arena_array(reader->arena, count * declared->field_count, sizeof *fields);
    for (size_t i = 0; i < count; i++)
        items[i] = read_entry(reader, declared, json_array_get(entries, i), pointer_at(reader->arena, list, i),
                              &fields[i * declared->field_count]);
    const json_t *through = json_object_get(json, "complete_through");
    *ret_entries = items;
    return (struct register_facts){
        .known = true,
        .complete = json_is_true(member_of(reader, json, pointer, "complete", JSON_TRUE, OPTIONAL)),
        .has_complete_through = through && !json_is_null(through),
        .complete_through = date_member(reader, json, pointer, "complete_through", DATE_FIRST, OPTIONAL),
        .complete_source = text_or_null(reader, json, pointer, "complete_source"),
        .inherits = json_is_true(member_of(reader, json, pointer, "inherits", JSON_TRUE, OPTIONAL)),
        .entry_count = count,
        .fields = fields,
    };
}

static void read_registers(const struct json_reader *reader, const struct rule_set_source *source, const json_t *object,
                           const char *pointer, struct register_facts *registers, const struct entry **entries)
{
    for (size_t i = 0; i < source->register_count; i++) {
        const char *name = source->registers[i].name;
        const json_t *json = member_of(reader, object, pointer, name, JSON_OBJECT, OPTIONAL);
        if (json)
            registers[i] = read_register(reader, &source->registers[i], json, pointer_to(reader->arena, pointer, name),
                                         &entries[i]);
    }
}

static void read_findings(const struct json_reader *reader, const struct rule_set_source *source, const json_t *object,
                          const char *pointer, struct finding *findings, struct value *scores,
                          const struct source **sources)
{
    for (size_t i = 0; i < source->content_count; i++) {
        const char *name = source->contents[i].name;
        const json_t *json = member_of(reader, object, pointer, name, JSON_OBJECT, OPTIONAL);
        if (!json)
            continue;
        const char *here = pointer_to(reader->arena, pointer, name);
        findings[i] = (struct finding){
            .result = text_or_null(reader, json, here, "result"),
            .found_by = text_or_null(reader, json, here, "found_by"),
        };
        scores[i] = read_typed_value(reader, json_object_get(json, "score"), pointer_to(reader->arena, here, "score"),
                                     VALUE_DECIMAL, 2);
        sources[i] = read_source(reader, json, here);
    }
}

// {"leaf id": [best, worst]}: what a case or a trial says of ranks, which else come of the whole round.
static void read_ranks(const struct json_reader *reader, const struct rule_set_source *source, const json_t *snapshot,
                       const char *pointer, struct rank_interval *ranks)
{
    const char *here = pointer_to(reader->arena, pointer, "ranks");
    const json_t *object =
        source->rank_count ? member_of(reader, snapshot, pointer, "ranks", JSON_OBJECT, OPTIONAL) : NULL;
    for (size_t i = 0; object && i < source->rank_count; i++) {
        const json_t *pair = member_of(reader, object, here, source->ranks[i]->id, JSON_ARRAY, OPTIONAL);
        int64_t best = json_integer_value(json_array_get(pair, 0)), worst = json_integer_value(json_array_get(pair, 1));
        if (pair && (best < 1 || worst < best))
            rule_fault_report(reader->faults, pointer_to(reader->arena, here, source->ranks[i]->id), FAULT_BAD_NUMBER,
                              NULL);
        else if (pair)
            ranks[i] = (struct rank_interval){best, worst};
    }
}

bool facts_from_json(struct arena *arena, const struct rule_set_source *source, const json_t *snapshot,
                     const char *pointer, struct rule_faults *faults, struct unit_facts *ret_facts)
{
    const struct json_reader reader = {arena, faults};
    size_t before = faults->total;
    if (!require_object(&reader, snapshot, pointer))
        return false;
    struct value *values = arena_array(arena, source->fact_count, sizeof *values);
    const struct source **sources = arena_array(arena, source->fact_count, sizeof *sources);
    const struct source **of_findings = arena_array(arena, source->content_count, sizeof *of_findings);
    const struct entry **entries = arena_array(arena, source->register_count, sizeof *entries);
    struct register_facts *registers = arena_array(arena, source->register_count, sizeof *registers);
    struct finding *findings = arena_array(arena, source->content_count, sizeof *findings);
    struct value *scores = arena_array(arena, source->content_count, sizeof *scores);
    const char **documents = arena_array(arena, source->document_count, sizeof *documents);
    const json_t *present = member_of(&reader, snapshot, pointer, "documents", JSON_OBJECT, OPTIONAL);
    read_facts(&reader, source, member_of(&reader, snapshot, pointer, "facts", JSON_OBJECT, OPTIONAL),
               pointer_to(arena, pointer, "facts"), values, sources);
    read_earlier_facts(&reader, source, snapshot, pointer, values, sources);
    read_registers(&reader, source, member_of(&reader, snapshot, pointer, "registers", JSON_OBJECT, OPTIONAL),
                   pointer_to(arena, pointer, "registers"), registers, entries);
    read_findings(&reader, source, member_of(&reader, snapshot, pointer, "findings", JSON_OBJECT, OPTIONAL),
                  pointer_to(arena, pointer, "findings"), findings, scores, of_findings);
    for (size_t i = 0; present && i < source->document_count; i++)
        documents[i] =
            text_or_null(&reader, present, pointer_to(arena, pointer, "documents"), source->documents[i].name);
    struct rank_interval *ranks = arena_array(arena, source->rank_count, sizeof *ranks);
    read_ranks(&reader, source, snapshot, pointer, ranks);
    struct unit_sources *all_sources = arena_new(arena, struct unit_sources);
    *all_sources = (struct unit_sources){sources, of_findings, entries};
    *ret_facts = (struct unit_facts){
        .ranks = ranks,
        .unit_id = unit_id_member(&reader, snapshot, pointer),
        .values = values,
        .sources = all_sources,
        .registers = registers,
        .findings = findings,
        .scores = scores,
        .documents_known = present != NULL,
        .documents = documents,
    };
    return faults->total == before;
}

static int order_days(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

static const int32_t *read_days(const struct json_reader *reader, const json_t *object, const char *pointer,
                                const char *name, size_t *ret_count)
{
    const json_t *list = member_of(reader, object, pointer, name, JSON_ARRAY, OPTIONAL);
    const char *here = pointer_to(reader->arena, pointer, name);
    size_t count = list ? json_array_size(list) : 0;
    int32_t *days = arena_array(reader->arena, count, sizeof *days);
    for (size_t i = 0; i < count; i++)
        days[i] = (int32_t)read_typed_value(reader, json_array_get(list, i), pointer_at(reader->arena, here, i),
                                            VALUE_DATE, 0)
                      .number;
    if (count)
        qsort(days, count, sizeof *days, order_days);
    *ret_count = count;
    return days;
}

static struct working_calendar read_calendar(const struct json_reader *reader, const json_t *object,
                                             const char *pointer)
{
    static const char *const members[] = {"from", "through", NULL};
    struct working_calendar calendar = {0};
    calendar.holidays = read_days(reader, object, pointer, "holidays", &calendar.holiday_count);
    calendar.worked = read_days(reader, object, pointer, "worked_weekends", &calendar.worked_count);
    const json_t *known = member_of(reader, object, pointer, "holidays_known", JSON_OBJECT, OPTIONAL);
    if (known) {
        const char *here = pointer_to(reader->arena, pointer, "holidays_known");
        refuse_other_members(reader, known, here, members, NULL);
        calendar.bounded = true;
        calendar.first = date_member(reader, known, here, "from", DATE_FIRST, REQUIRED);
        calendar.last = date_member(reader, known, here, "through", DATE_LAST, REQUIRED);
    }
    return calendar;
}

static void read_award_year(const struct json_reader *reader, const json_t *object, const char *pointer,
                            struct value *values)
{
    static const char *const members[] = {"from", "through", NULL};
    const json_t *days = member_of(reader, object, pointer, "award_year_days", JSON_OBJECT, OPTIONAL);
    const char *here = pointer_to(reader->arena, pointer, "award_year_days");
    if (!days)
        return;
    refuse_other_members(reader, days, here, members, NULL);
    int32_t first = date_member(reader, days, here, "from", DATE_FIRST, REQUIRED);
    int32_t last = date_member(reader, days, here, "through", DATE_LAST, REQUIRED);
    if (first > last)
        rule_fault_report(reader->faults, here, FAULT_BAD_VALUE, "through");
    values[PARAMETER_YEAR_FIRST_DAY] = (struct value){VALUE_DATE, {first}};
    values[PARAMETER_YEAR_LAST_DAY] = (struct value){VALUE_DATE, {last}};
}

// Unknown while the day is from which it is reckoned, or where it is outside of the calendar.
static struct value reckoned_day(const struct parameter_declaration *declared, const struct value *values)
{
    const struct value from = values[declared->of];
    int32_t day = (int32_t)from.number;
    const bool known =
        from.type == VALUE_DATE && (declared->months ? date_add_months(day, declared->months, &day)
                                                     : date_add_days(day, declared->calendar_days, &day));
    return known ? (struct value){VALUE_DATE, {day}} : (struct value){.type = VALUE_UNKNOWN};
}

bool parameters_from_json(struct arena *arena, const struct rule_set_source *source, const json_t *value,
                          const char *pointer, struct rule_faults *faults, struct evaluation_parameters *ret_parameters)
{
    static const char *const members[] = {"as_of",    "award_year",      "award_year_days", "limits",
                                          "holidays", "worked_weekends", "holidays_known",  NULL};
    const struct json_reader reader = {arena, faults};
    size_t before = faults->total;
    if (!require_object(&reader, value, pointer))
        return false;
    refuse_other_members(&reader, value, pointer, members, NULL);
    struct evaluation_parameters parameters = {0};
    const json_t *as_of = member_of(&reader, value, pointer, "as_of", JSON_STRING, REQUIRED);
    struct value instant = {.type = VALUE_UNKNOWN};
    if (as_of && !value_parse(VALUE_INSTANT, 0, json_string_value(as_of), &instant))
        rule_fault_want(faults, pointer_to(arena, pointer, "as_of"), FAULT_BAD_VALUE,
                        arena_text(arena, json_string_value(as_of)), VALUE_INSTANT, 0);
    parameters.as_of = instant.number;
    parameters.award_year = (int32_t)integer_member(&reader, value, pointer, "award_year", 1, 9999, REQUIRED);
    struct value *values = criteria_parameters(arena, source, parameters.as_of, parameters.award_year);
    read_award_year(&reader, value, pointer, values);
    const json_t *limits = member_of(&reader, value, pointer, "limits", JSON_OBJECT, OPTIONAL);
    const char *here = pointer_to(arena, pointer, "limits");
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (!source->parameters[i].reckoned)
            values[i] = read_typed_value(&reader, json_object_get(limits, source->parameters[i].name),
                                         pointer_to(arena, here, source->parameters[i].name),
                                         source->parameters[i].type, source->parameters[i].decimals);
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (source->parameters[i].reckoned)
            values[i] = reckoned_day(&source->parameters[i], values);
    parameters.values = values;
    parameters.calendar = read_calendar(&reader, value, pointer);
    *ret_parameters = parameters;
    return faults->total == before;
}
