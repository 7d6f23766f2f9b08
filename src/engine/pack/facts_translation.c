#include "thidua/facts_translation.h"

#include <string.h>

struct names {
    struct arena *arena;
    const char **items;
    size_t count;
};

static void add_missing(struct names *missing, const char *kind, const char *name, const char *part)
{
    missing->items[missing->count++] =
        arena_format(missing->arena, "%s/%s%s%s", kind, name, part ? "/" : "", part ? part : "");
}

static size_t find_fact(const struct rule_set_source *from, const struct fact_declaration *wanted)
{
    for (size_t i = 0; i < from->fact_count; i++)
        if (strcmp(from->facts[i].name, wanted->name) == 0)
            return from->facts[i].type == wanted->type && from->facts[i].decimals == wanted->decimals ? i : SIZE_MAX;
    return SIZE_MAX;
}

static size_t find_field(const struct register_declaration *from, const struct field_declaration *wanted)
{
    for (size_t i = 0; i < from->field_count; i++)
        if (strcmp(from->fields[i].name, wanted->name) == 0)
            return from->fields[i].type == wanted->type ? i : SIZE_MAX;
    return SIZE_MAX;
}

static size_t find_named(const struct named *from, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(from[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static size_t *map_facts(struct names *missing, const struct rule_set_source *from, const struct rule_set_source *to)
{
    size_t *slots = arena_array(missing->arena, to->fact_count, sizeof *slots);
    for (size_t i = 0; i < to->fact_count; i++)
        if ((slots[i] = find_fact(from, &to->facts[i])) == SIZE_MAX)
            add_missing(missing, "facts", to->facts[i].name, NULL);
    return slots;
}

static size_t *map_named(struct names *missing, const char *kind, const struct named *from, size_t from_count,
                         const struct named *to, size_t to_count)
{
    size_t *slots = arena_array(missing->arena, to_count, sizeof *slots);
    for (size_t i = 0; i < to_count; i++)
        if ((slots[i] = find_named(from, from_count, to[i].name)) == SIZE_MAX)
            add_missing(missing, kind, to[i].name, NULL);
    return slots;
}

static const size_t *map_fields(struct names *missing, const struct register_declaration *from,
                                const struct register_declaration *to)
{
    size_t *slots = arena_array(missing->arena, to->field_count, sizeof *slots);
    for (size_t i = 0; i < to->field_count; i++)
        if ((slots[i] = find_field(from, &to->fields[i])) == SIZE_MAX)
            add_missing(missing, "registers", to->name, to->fields[i].name);
    return slots;
}

static void map_registers(struct names *missing, struct facts_translation *translation)
{
    const struct rule_set_source *from = translation->from, *to = translation->to;
    size_t *slots = arena_array(missing->arena, to->register_count, sizeof *slots);
    const size_t **fields = arena_array(missing->arena, to->register_count, sizeof *fields);
    for (size_t i = 0; i < to->register_count; i++) {
        slots[i] = 0;
        while (slots[i] < from->register_count && strcmp(from->registers[slots[i]].name, to->registers[i].name) != 0)
            slots[i]++;
        if (slots[i] < from->register_count) {
            fields[i] = map_fields(missing, &from->registers[slots[i]], &to->registers[i]);
            continue;
        }
        slots[i] = SIZE_MAX;
        add_missing(missing, "registers", to->registers[i].name, NULL);
    }
    translation->registers = slots;
    translation->fields = fields;
}

struct facts_translation facts_translation(struct arena *arena, const struct rule_set_source *from,
                                           const struct rule_set_source *to)
{
    struct facts_translation made = {.from = from, .to = to};
    size_t most = to->fact_count + to->content_count + to->document_count;
    for (size_t i = 0; i < to->register_count; i++)
        most += 1 + to->registers[i].field_count;
    struct names missing = {.arena = arena, .items = arena_array(arena, most, sizeof *missing.items)};
    made.facts = map_facts(&missing, from, to);
    map_registers(&missing, &made);
    made.contents =
        map_named(&missing, "contents", from->contents, from->content_count, to->contents, to->content_count);
    size_t before = missing.count;
    made.documents =
        map_named(&missing, "documents", from->documents, from->document_count, to->documents, to->document_count);
    made.documents_known = missing.count == before;
    made.missing = missing.items;
    made.missing_count = missing.count;
    return made;
}

static const struct value *translate_fields(struct arena *arena, const struct facts_translation *translation,
                                            size_t slot, const struct register_facts *old)
{
    size_t count = translation->to->registers[slot].field_count;
    size_t old_count = translation->from->registers[translation->registers[slot]].field_count;
    struct value *fields = arena_array(arena, old->entry_count * count, sizeof *fields);
    for (size_t i = 0; i < old->entry_count; i++)
        for (size_t k = 0; k < count; k++) {
            size_t from = translation->fields[slot][k];
            if (from != SIZE_MAX) // else it stays unknown
                fields[i * count + k] = old->fields[i * old_count + from];
        }
    return fields;
}

static const struct register_facts *
translate_registers(struct arena *arena, const struct facts_translation *translation, const struct unit_facts *old)
{
    size_t count = translation->to->register_count;
    struct register_facts *registers = arena_array(arena, count, sizeof *registers);
    for (size_t i = 0; i < count; i++) {
        if (translation->registers[i] == SIZE_MAX)
            continue; // not known at all
        registers[i] = old->registers[translation->registers[i]];
        registers[i].fields = translate_fields(arena, translation, i, &registers[i]);
    }
    return registers;
}

static const struct unit_sources *translate_sources(struct arena *arena, const struct facts_translation *translation,
                                                    const struct unit_sources *old)
{
    const struct rule_set_source *to = translation->to;
    const struct source **facts = arena_array(arena, to->fact_count, sizeof *facts);
    const struct source **findings = arena_array(arena, to->content_count, sizeof *findings);
    const struct entry **entries = arena_array(arena, to->register_count, sizeof *entries);
    for (size_t i = 0; i < to->fact_count; i++)
        facts[i] = translation->facts[i] == SIZE_MAX ? NULL : old->facts[translation->facts[i]];
    for (size_t i = 0; i < to->content_count; i++)
        findings[i] = translation->contents[i] == SIZE_MAX ? NULL : old->findings[translation->contents[i]];
    for (size_t i = 0; i < to->register_count; i++)
        entries[i] = translation->registers[i] == SIZE_MAX ? NULL : old->entries[translation->registers[i]];
    struct unit_sources *sources = arena_new(arena, struct unit_sources);
    *sources = (struct unit_sources){facts, findings, entries};
    return sources;
}

void facts_translate(struct arena *arena, const struct facts_translation *translation, const struct unit_facts *old,
                     struct unit_facts *ret_facts)
{
    const struct rule_set_source *to = translation->to;
    struct value *values = arena_array(arena, to->fact_count, sizeof *values);
    struct finding *findings = arena_array(arena, to->content_count, sizeof *findings);
    struct value *scores = old->scores ? arena_array(arena, to->content_count, sizeof *scores) : NULL;
    const char **documents = arena_array(arena, to->document_count, sizeof *documents);
    for (size_t i = 0; i < to->fact_count; i++)
        if (translation->facts[i] != SIZE_MAX) // else it stays unknown
            values[i] = old->values[translation->facts[i]];
    for (size_t i = 0; i < to->content_count; i++)
        if (translation->contents[i] != SIZE_MAX) {
            findings[i] = old->findings[translation->contents[i]];
            if (scores)
                scores[i] = old->scores[translation->contents[i]];
        }
    for (size_t i = 0; i < to->document_count; i++)
        if (translation->documents[i] != SIZE_MAX)
            documents[i] = old->documents[translation->documents[i]];
    *ret_facts = (struct unit_facts){
        .unit_id = old->unit_id,
        .values = values,
        .sources = old->sources ? translate_sources(arena, translation, old->sources) : NULL,
        .registers = translate_registers(arena, translation, old),
        .findings = findings,
        .scores = scores,
        .documents_known = old->documents_known && translation->documents_known,
        .documents = documents,
    };
}
