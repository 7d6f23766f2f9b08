#include "engine/json/sent_names.h"

#include <string.h>

#include "engine/json/json_reader.h"

static const char *const nothing_more[] = {NULL};
static const char *const source_members[] = {"source", "version", "recorded_at", NULL};

static bool is_known_name(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0)
        names++;
    return *names;
}

// The first few: a rule set can declare hundreds.
static const char *join_names(struct arena *arena, const char *const *names)
{
    enum { NAMES_SHOWN = 24 };
    const char *text = *names ? arena_format(arena, "\"%s\"", *names) : "–";
    names += *names != NULL;
    for (size_t i = 1; *names && i < NAMES_SHOWN; i++, names++)
        text = arena_format(arena, "%s, \"%s\"", text, *names);
    return *names ? arena_format(arena, "%s, …", text) : text;
}

static void refuse_name(const struct json_reader *reader, const char *pointer, enum rule_fault_kind kind,
                        const char *name, const char *const *known)
{
    rule_fault_offer(reader->faults, pointer_to(reader->arena, pointer, name), kind, name,
                     (struct bilingual){"Các tên có nghĩa", "What has a meaning"}, join_names(reader->arena, known));
}

static void refuse_unknown_names(const struct json_reader *reader, const json_t *object, const char *pointer,
                                 enum rule_fault_kind kind, const char *const *known)
{
    json_t *members = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        if (!is_known_name(json_object_iter_key(at), known))
            refuse_name(reader, pointer, kind, json_object_iter_key(at), known);
}

// Names that a rule set declares, and after them `more`, ended by NULL. `first` is the name in the first declaration.
static const char *const *names_of(struct arena *arena, const void *first, size_t size, size_t count,
                                   const char *const *more)
{
    size_t used = 0, more_count = 0;
    while (more[more_count])
        more_count++;
    const char **names = arena_array(arena, count + more_count + 1, sizeof *names);
    for (; used < count; used++)
        memcpy(&names[used], (const char *)first + used * size, sizeof *names);
    for (size_t i = 0; i < more_count; i++)
        names[used++] = more[i];
    return names;
}

#define NAMES(arena, list, count, more) names_of(arena, (count) ? &(list)[0].name : NULL, sizeof *(list), count, more)

static void check_each(const struct json_reader *reader, const json_t *object, const char *pointer,
                       const char *const *known)
{
    json_t *members = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
        refuse_unknown_names(reader, json_object_iter_value(at),
                             pointer_to(reader->arena, pointer, json_object_iter_key(at)), FAULT_UNKNOWN_MEMBER, known);
}

static void check_entries(const struct json_reader *reader, const json_t *list, const char *pointer,
                          const struct register_declaration *declared)
{
    static const char *const common[] = {"id", "source", "version", "recorded_at", NULL};
    const char *const *known = NAMES(reader->arena, declared->fields, declared->field_count, common);
    size_t count = json_array_size(list);
    if (count > RULES_MOST_ENTRIES)
        rule_fault_exceeds(reader->faults, pointer, FAULT_TOO_MANY, count, RULES_MOST_ENTRIES);
    for (size_t i = 0; i < count && count <= RULES_MOST_ENTRIES; i++)
        refuse_unknown_names(reader, json_array_get(list, i), pointer_at(reader->arena, pointer, i),
                             FAULT_UNKNOWN_FIELD, known);
}

static void check_registers(const struct json_reader *reader, const struct rule_set_source *source,
                            const json_t *object, const char *pointer)
{
    static const char *const members[] = {"complete", "complete_source", "complete_through",
                                          "inherits", "entries",         NULL};
    refuse_unknown_names(reader, object, pointer, FAULT_UNKNOWN_REGISTER,
                         NAMES(reader->arena, source->registers, source->register_count, nothing_more));
    for (size_t i = 0; i < source->register_count; i++) {
        const json_t *held = json_object_get(object, source->registers[i].name);
        const char *here = pointer_to(reader->arena, pointer, source->registers[i].name);
        refuse_unknown_names(reader, held, here, FAULT_UNKNOWN_MEMBER, members);
        check_entries(reader, json_object_get(held, "entries"), pointer_to(reader->arena, here, "entries"),
                      &source->registers[i]);
    }
}

static void check_findings(const struct json_reader *reader, const struct rule_set_source *source, const json_t *object,
                           const char *pointer)
{
    static const char *const members[] = {"result", "found_by", "score", "source", "version", "recorded_at", NULL};
    refuse_unknown_names(reader, object, pointer, FAULT_UNKNOWN_CONTENT,
                         NAMES(reader->arena, source->contents, source->content_count, nothing_more));
    check_each(reader, object, pointer, members);
}

static const char *const *fact_members(struct arena *arena)
{
    static const char *const value[] = {"value", NULL};
    return names_of(arena, value, sizeof *value, 1, source_members);
}

static void check_facts(const struct json_reader *reader, const struct rule_set_source *source, const json_t *object,
                        const char *pointer)
{
    refuse_unknown_names(reader, object, pointer, FAULT_UNKNOWN_FACT,
                         NAMES(reader->arena, source->facts, source->declared_fact_count, nothing_more));
    check_each(reader, object, pointer, fact_members(reader->arena));
}

// The facts of that year that the rules ask for.
static const char *const *names_of_year(struct arena *arena, const struct rule_set_source *source, int year)
{
    const char **names = arena_array(arena, source->fact_count - source->declared_fact_count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = source->declared_fact_count; i < source->fact_count; i++)
        if (source->facts[i].year == year)
            names[count++] = source->facts[i].of;
    return names;
}

static void check_earlier(const struct json_reader *reader, const struct rule_set_source *source, const json_t *object,
                          const char *pointer)
{
    static const char *const years[] = {"-1", "-2", "-3", "-4", "-5", "-6", "-7", "-8", "-9", NULL};
    _Static_assert(sizeof years / sizeof *years == RULES_MOST_YEARS_BACK + 1, "each year has its name");
    refuse_unknown_names(reader, object, pointer, FAULT_UNKNOWN_MEMBER, years);
    for (size_t i = 0; years[i]; i++) {
        const json_t *of_year = json_object_get(object, years[i]);
        const char *here = pointer_to(reader->arena, pointer, years[i]);
        refuse_unknown_names(reader, of_year, here, FAULT_UNKNOWN_FACT,
                             names_of_year(reader->arena, source, -(int)(i + 1)));
        check_each(reader, of_year, here, fact_members(reader->arena));
    }
}

static const char *const *rank_names(struct arena *arena, const struct rule_set_source *source)
{
    const char **names = arena_array(arena, source->rank_count + 1, sizeof *names);
    for (size_t i = 0; i < source->rank_count; i++)
        names[i] = source->ranks[i]->id;
    return names;
}

bool sent_facts_named(struct arena *arena, const struct rule_set_source *source, const json_t *sent, bool is_patch,
                      const char *pointer, struct rule_faults *faults)
{
    static const char *const members[] = {"unit_id",   "facts",   "registers", "findings",
                                          "documents", "earlier", "ranks",     NULL};
    const struct json_reader reader = {arena, faults};
    size_t before = faults->total;
    refuse_unknown_names(&reader, sent, pointer, FAULT_UNKNOWN_MEMBER, is_patch ? members + 1 : members);
    check_facts(&reader, source, json_object_get(sent, "facts"), pointer_to(arena, pointer, "facts"));
    refuse_unknown_names(&reader, json_object_get(sent, "ranks"), pointer_to(arena, pointer, "ranks"),
                         FAULT_UNKNOWN_MEMBER, rank_names(arena, source));
    check_earlier(&reader, source, json_object_get(sent, "earlier"), pointer_to(arena, pointer, "earlier"));
    check_registers(&reader, source, json_object_get(sent, "registers"), pointer_to(arena, pointer, "registers"));
    check_findings(&reader, source, json_object_get(sent, "findings"), pointer_to(arena, pointer, "findings"));
    refuse_unknown_names(&reader, json_object_get(sent, "documents"), pointer_to(arena, pointer, "documents"),
                         FAULT_UNKNOWN_DOCUMENT, NAMES(arena, source->documents, source->document_count, nothing_more));
    return faults->total == before;
}

bool sent_limits_named(struct arena *arena, const struct rule_set_source *source, const json_t *sent,
                       const char *pointer, struct rule_faults *faults)
{
    const struct json_reader reader = {arena, faults};
    size_t before = faults->total, given = 0;
    const char **names = arena_array(arena, source->parameter_count + 1, sizeof *names);
    for (size_t i = BUILT_IN_PARAMETERS; i < source->parameter_count; i++)
        if (!source->parameters[i].reckoned)
            names[given++] = source->parameters[i].name;
    refuse_unknown_names(&reader, json_object_get(sent, "limits"), pointer_to(arena, pointer, "limits"),
                         FAULT_UNKNOWN_PARAMETER, names);
    return faults->total == before;
}
