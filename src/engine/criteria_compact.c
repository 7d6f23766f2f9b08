// A unit's facts in one piece: judging a million units is reading memory, so what is read together lies together.
#include <string.h>

#include "engine/private.h"

struct compaction {
    struct arena *arena; // for texts that the rules do not know
    const struct rule_set *rules;
    char *at;
};

// Cuts `count` things of `size` bytes off the piece; every size is a multiple of the alignment of a pointer.
static void *cut(struct compaction *compaction, const void *things, size_t count, size_t size)
{
    void *copy = compaction->at;
    if (count)
        memcpy(copy, things, count * size);
    compaction->at += count * size;
    return copy;
}

static const char *own_text(const struct compaction *compaction, const char *text)
{
    const char *known = known_text(compaction->rules, text);
    return known || !text ? known : arena_text(compaction->arena, text);
}

static void own_value(const struct compaction *compaction, struct value *value)
{
    if (value->type == VALUE_TEXT)
        value->text = own_text(compaction, value->text);
}

static size_t compact_size(const struct rule_set_source *source, const struct unit_facts *facts)
{
    size_t size = source->fact_count * sizeof *facts->facts + source->register_count * sizeof *facts->registers +
                  source->content_count * sizeof *facts->findings + source->document_count * sizeof *facts->documents;
    for (size_t i = 0; i < source->register_count; i++)
        size += facts->registers[i].entry_count *
                (sizeof(struct entry) + source->registers[i].field_count * sizeof(struct value));
    return size;
}

static void compact_register(struct compaction *compaction, size_t field_count, struct register_facts *facts)
{
    struct entry *entries = cut(compaction, facts->entries, facts->entry_count, sizeof *entries);
    facts->entries = entries;
    for (size_t i = 0; i < facts->entry_count; i++) {
        struct value *fields = cut(compaction, entries[i].fields, field_count, sizeof *fields);
        entries[i].fields = fields;
        for (size_t k = 0; k < field_count; k++)
            own_value(compaction, &fields[k]);
    }
}

void criteria_compact(struct arena *arena, const struct rule_set *rules, const struct unit_facts *facts,
                      struct unit_facts *ret_compact)
{
    const struct rule_set_source *source = rules->source;
    struct compaction compaction = {arena, rules, arena_allocate(arena, compact_size(source, facts))};
    struct fact *values = cut(&compaction, facts->facts, source->fact_count, sizeof *values);
    struct finding *findings = cut(&compaction, facts->findings, source->content_count, sizeof *findings);
    const char **documents = cut(&compaction, facts->documents, source->document_count, sizeof *documents);
    struct register_facts *registers = cut(&compaction, facts->registers, source->register_count, sizeof *registers);
    for (size_t i = 0; i < source->fact_count; i++)
        own_value(&compaction, &values[i].value);
    for (size_t i = 0; i < source->content_count; i++) {
        findings[i].result = own_text(&compaction, findings[i].result);
        findings[i].found_by = own_text(&compaction, findings[i].found_by);
    }
    for (size_t i = 0; i < source->document_count; i++)
        documents[i] = own_text(&compaction, documents[i]);
    for (size_t i = 0; i < source->register_count; i++)
        compact_register(&compaction, source->registers[i].field_count, &registers[i]);
    *ret_compact = (struct unit_facts){facts->unit_id, values, registers, findings, facts->documents_known, documents};
}
